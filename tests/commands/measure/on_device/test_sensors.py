"""What a device says of itself: NVML on paper, the processor in earnest, and when a change is
worth a warning.
"""

from __future__ import annotations

import os
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from archprof.commands.measure.on_device import sensors as module
from archprof.commands.measure.on_device.sensors import (
    HostSensors,
    NvmlSensors,
    Sensors,
    moved,
    sensors,
)


class Nvml(SimpleNamespace):
    """pynvml of one device; what is None it does not support."""

    class NVMLError(Exception):
        pass

    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = 1, 2, 0

    def __init__(self, **answers: Any) -> None:
        told = {
            "clock": 1600,
            "most": 1980,
            "memory": 2619,
            "power": 412_345,
            "temperature": 61,
            "reasons": 0x1,
            "energy": 7_500,
            "limit": 700_000,
            "processes": [],
            "known": {"GPU-5ee7"},
            "used": 3 * 2**30,
        }
        super().__init__(**told | answers)

    def _answer(self, value: Any) -> Any:
        if value is None:
            raise self.NVMLError("Not Supported")
        return value

    def nvmlInit(self) -> None:
        pass

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        return f"handle of {self._answer(uuid if uuid in self.known else None)}"

    def nvmlDeviceGetHandleByPciBusId(self, place: str) -> str:
        return f"handle at {self._answer(place if place in self.known else None)}"

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> Any:
        return self._answer(self.energy)

    def nvmlDeviceGetEnforcedPowerLimit(self, handle: str) -> Any:
        return self._answer(self.limit)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> Any:
        return self._answer(self.processes)

    def nvmlDeviceGetMaxClockInfo(self, handle: str, kind: int) -> Any:
        return self._answer(self.most)

    def nvmlDeviceGetClockInfo(self, handle: str, kind: int) -> Any:
        return self._answer({1: self.clock, 2: self.memory}[kind])

    def nvmlDeviceGetPowerUsage(self, handle: str) -> Any:
        return self._answer(self.power)

    def nvmlDeviceGetTemperature(self, handle: str, kind: int) -> Any:
        return self._answer(self.temperature)

    def nvmlDeviceGetCurrentClocksEventReasons(self, handle: str) -> Any:
        return self._answer(self.reasons)

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:
        return self._answer(self.used) and SimpleNamespace(used=self.used)

    def nvmlSystemGetDriverVersion(self) -> bytes:
        return b"570.86.15"


def test_nvml_tells_in_units() -> None:
    """NVML gives milliwatts and millijoules; 0x1 is idle, which holds nothing down, 0x4 the power
    cap, 0x20 software's thermal slowdown.
    """
    found = NvmlSensors(Nvml(reasons=0x1 | 0x4 | 0x20), "handle")
    assert found.state() == {
        "clock_mhz": 1600,
        "max_clock_mhz": 1980,
        "memory_clock_mhz": 2619,
        "power_w": 412.345,
        "temperature_c": 61,
        "throttling": ["power cap", "thermal slowdown"],
    }
    assert found.slowdown() == ["thermal slowdown"]
    assert (found.joules(), found.power_limit_w(), found.max_clock_mhz()) == (7.5, 700, 1980)
    assert (found.driver(), found.missing) == ("570.86.15", "")


def test_ordinary_settings_hold_nothing_down() -> None:
    """A T4 and an A100 always tell of application clocks (0x2), a workstation of its display's
    (0x100).
    """
    found = NvmlSensors(Nvml(reasons=0x2 | 0x100), "handle")
    assert (found.state()["throttling"], found.slowdown()) == ([], [])


@pytest.mark.parametrize(
    ("bit", "reason"),
    [
        (0x8, "hardware slowdown"),
        (0x20, "thermal slowdown"),
        (0x40, "hardware thermal slowdown"),
        (0x80, "power brake"),
    ],
)
def test_a_device_slows_down_to_protect_itself(bit: int, reason: str) -> None:
    assert NvmlSensors(Nvml(reasons=bit), "handle").slowdown() == [reason]


def test_what_a_device_does_not_tell_is_left_out() -> None:
    # the old name of the reasons is not there either
    silent = Nvml(power=None, reasons=None, clock=None, energy=None, limit=None, processes=None)
    found = NvmlSensors(silent, "handle")
    assert found.state() == {
        "max_clock_mhz": 1980,
        "memory_clock_mhz": 2619,
        "temperature_c": 61,
    }
    assert (found.slowdown(), found.joules(), found.power_limit_w()) == ([], None, None)
    assert (found.others(), NvmlSensors(Nvml(most=None), "handle").max_clock_mhz()) == (None, None)


def test_others_are_the_processes_but_this_and_its_parent() -> None:
    processes = [
        SimpleNamespace(pid=os.getpid(), usedGpuMemory=2**30),
        SimpleNamespace(pid=os.getppid(), usedGpuMemory=2**30),
        SimpleNamespace(pid=3, usedGpuMemory=3 * 2**20),
        SimpleNamespace(pid=2, usedGpuMemory=None),
    ]
    found = NvmlSensors(Nvml(processes=processes), "handle")
    assert found.others() == ["process 3 with 3 MiB", "process 2"]


@pytest.mark.parametrize(
    ("uuid", "known", "handle"),
    [
        ("GPU-5ee7", "GPU-5ee7", "handle of GPU-5ee7"),
        ("5ee7", "GPU-5ee7", "handle of GPU-5ee7"),
        ("5ee7", "MIG-5ee7", "handle of MIG-5ee7"),  # a slice of a divided device
        ("5ee7", "00000000:1b:02.0", "handle at 00000000:1b:02.0"),
    ],
)
def test_cuda_device_is_found_by_its_uuid(
    monkeypatch: pytest.MonkeyPatch, uuid: str, known: str, handle: str
) -> None:
    """CUDA_VISIBLE_DEVICES renumbers for CUDA, not for NVML."""
    monkeypatch.setitem(sys.modules, "pynvml", Nvml(known={known}))  # type: ignore[arg-type]
    about = SimpleNamespace(uuid=uuid, pci_domain_id=0, pci_bus_id=0x1B, pci_device_id=2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: about)
    found = sensors(torch.device("cuda", 0))
    assert isinstance(found, NvmlSensors)
    assert found.handle == handle


def test_without_nvml_nobody_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Nvml):
        def nvmlInit(self) -> None:
            raise self.NVMLError("Driver Not Loaded")

    for missing, reason in (
        (None, "pip install nvidia-ml-py"),
        (Broken(), "NVML refused: Driver Not Loaded"),
    ):
        monkeypatch.setitem(sys.modules, "pynvml", missing)  # type: ignore[arg-type]
        found = sensors(torch.device("cuda", 0))
        assert type(found) is Sensors
        assert (found.state(), found.slowdown(), found.driver()) == ({}, [], None)
        assert found.missing == reason


def test_the_processor_tells_how_busy_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200 ticks, 2 s at 100 a second, 150 were work (no idle, no iowait); 0.5 s of it was
    ours: others had (1.5 - 0.5)/2 = 50 %.
    """
    stat = ["cpu  100 0 0 100 0 0 0 0 0 0"]
    ours = [1.0, 0.0, 0.0, 0.0]
    monkeypatch.setattr(
        module,
        "_lines",
        lambda path: (
            stat if path == "/proc/stat" else ["cpu MHz\t\t: 2500.4", "cpu MHz\t\t: 2600.4"]
        ),
    )
    monkeypatch.setattr(module.os, "sysconf", lambda name: 100)
    monkeypatch.setattr(module.os, "times", lambda: (*ours, time.monotonic()))
    found = HostSensors()
    stat[0], ours[1] = "cpu  200 0 30 130 20 10 0 10 0 0", 0.5
    assert found.state() == {"clock_mhz": 2550, "others_share": 0.5}


def test_the_processor_tells_what_it_can() -> None:
    found = HostSensors()
    time.sleep(0.05)
    assert 0 <= found.state().get("others_share", 0) <= 1
    assert type(sensors(torch.device("cpu"))) is HostSensors


def test_the_processor_is_silent_where_linux_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_lines", lambda path: [])
    assert HostSensors().state() == {}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"clock_mhz": 1980, "temperature_c": 50}, {"clock_mhz": 1950, "temperature_c": 55}, []),
        ({"clock_mhz": 1980}, {"clock_mhz": 1600}, ["clock_mhz 1980 -> 1600"]),
        ({"clock_mhz": 345, "power_w": 70}, {"clock_mhz": 1980, "power_w": 600}, []),  # work began
        ({"memory_clock_mhz": 405}, {"memory_clock_mhz": 2619}, []),
        ({"memory_clock_mhz": 2619}, {"memory_clock_mhz": 405}, ["memory_clock_mhz 2619 -> 405"]),
        ({"temperature_c": 31}, {"temperature_c": 60}, []),  # a card warms up
        (
            {"throttling": []},
            {"throttling": ["thermal slowdown"]},
            ["clock throttled: thermal slowdown"],
        ),
        (
            {"throttling": ["power brake"]},
            {"throttling": ["power brake", "sync boost"]},
            ["clock throttled: power brake"],
        ),
        (
            {"throttling": ["power cap"]},
            {"throttling": ["power cap"], "clock_mhz": 1386, "max_clock_mhz": 1980},
            ["power cap: the device keeps its clock at 1386 MHz, 70 % of the highest"],
        ),
        (
            {},
            {"throttling": ["power cap"]},
            ["power cap: the device keeps its clock below the highest"],
        ),
        ({"throttling": ["power cap"]}, {"throttling": []}, []),
        ({"others_share": 0.9}, {"others_share": 0.02}, []),  # before is not during
        ({}, {"others_share": 0.34}, ["other work took 34 % of the processor meanwhile"]),
        ({}, {}, []),
    ],
)
def test_what_moved(before: dict[str, Any], after: dict[str, Any], says: list[str]) -> None:
    assert moved(before, after) == says


def test_memory_in_use_is_that_of_all_processes() -> None:
    assert NvmlSensors(Nvml(), "GPU-0").used_bytes() == 3 * 2**30
    assert NvmlSensors(Nvml(used=None), "GPU-0").used_bytes() is None
    assert Sensors().used_bytes() is None
