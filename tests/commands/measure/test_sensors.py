"""What a device says of itself: NVML on paper, the processor in earnest, and when a change is
worth a warning.
"""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from archprof.commands.measure import sensors as module
from archprof.commands.measure.sensors import HostSensors, NvmlSensors, Sensors, moved, sensors


class Nvml(SimpleNamespace):
    """pynvml of one device; what is None it does not support."""

    class NVMLError(Exception):
        pass

    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = 1, 2, 0

    def __init__(self, **answers: Any) -> None:
        told = {
            "clock": 1600,
            "default": 1980,
            "most": 1980,
            "memory": 2619,
            "power": 412_345,
            "temperature": 61,
            "reasons": 0x1,
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
        self.uuid = uuid
        return "handle"

    def nvmlDeviceGetDefaultApplicationsClock(self, handle: str, kind: int) -> Any:
        return self._answer(self.default)

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
    """NVML gives milliwatts; 0x1 is idle, which holds nothing down, 0x4 the power cap, 0x20
    software's thermal slowdown.
    """
    found = NvmlSensors(Nvml(reasons=0x1 | 0x4 | 0x20), "GPU-1")
    assert found.state() == {
        "clock_mhz": 1600,
        "default_clock_mhz": 1980,
        "memory_clock_mhz": 2619,
        "power_w": 412.345,
        "temperature_c": 61,
        "throttling": ["power cap", "thermal slowdown"],
    }
    assert found.speed() == pytest.approx(1600 / 1980)
    assert found.driver() == "570.86.15"


def test_without_a_default_clock_the_highest_stands_for_it() -> None:
    assert NvmlSensors(Nvml(default=None, most=2000), "GPU-1").speed() == pytest.approx(0.8)
    assert NvmlSensors(Nvml(default=None, most=None), "GPU-1").speed() is None


def test_what_a_device_does_not_tell_is_left_out() -> None:
    # the old name of the reasons is not there either
    found = NvmlSensors(Nvml(power=None, reasons=None, clock=None), "GPU-1")
    assert found.state() == {
        "default_clock_mhz": 1980,
        "memory_clock_mhz": 2619,
        "temperature_c": 61,
    }
    assert found.speed() is None


@pytest.mark.parametrize("uuid", ["GPU-5ee7", "5ee7"])
def test_cuda_device_is_found_by_its_uuid(monkeypatch: pytest.MonkeyPatch, uuid: str) -> None:
    """CUDA_VISIBLE_DEVICES renumbers for CUDA, not for NVML."""
    nvml = Nvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)  # type: ignore[arg-type]
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid=uuid)
    )
    assert isinstance(sensors(torch.device("cuda", 0)), NvmlSensors)
    assert nvml.uuid == "GPU-5ee7"


def test_without_nvml_nobody_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Nvml):
        def nvmlInit(self) -> None:
            raise self.NVMLError("Driver Not Loaded")

    for missing in (None, Broken()):
        monkeypatch.setitem(sys.modules, "pynvml", missing)  # type: ignore[arg-type]
        found = sensors(torch.device("cuda", 0))
        assert type(found) is Sensors
        assert (found.state(), found.speed(), found.driver()) == ({}, None, None)


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
        ({"memory_clock_mhz": 405}, {"memory_clock_mhz": 2619}, ["memory_clock_mhz 405 -> 2619"]),
        ({"temperature_c": 40}, {"temperature_c": 70}, ["temperature_c 40 -> 70"]),
        ({"throttling": []}, {"throttling": ["power cap"]}, ["clock throttled: power cap"]),
        (
            {"throttling": ["power cap"]},
            {"throttling": ["power cap", "sync boost"]},
            ["clock throttled: power cap, sync boost"],
        ),
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
