"""The state of a device while it works: clock, power, temperature, throttling.

For CUDA devices it comes from NVML (nvidia-ml-py), where that is installed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

State = dict[str, Any]
"""Figures that change, with units in their names; those that are not known are left out."""

REASONS = {
    0x2: "application clocks",
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "power brake",
    0x100: "display clocks",
}
"""Why a clock is throttled, by NVML's bit (nvml.h, nvmlClocksEventReason*).

Idle (0x1) is not a reason.
"""

MOVED = {"clock_mhz": 0.05, "memory_clock_mhz": 0.05, "power_w": 0.25, "temperature_c": 0.15}
"""The share of the larger value from which on a change is worth a warning."""

EAGER = {"power_w", "clock_mhz"}
"""An idle device saves both: their rise only means that work began."""

BUSY = 0.05  # share of the processor that others may have


class Sensors:
    """The sensors of a device of which nothing is known."""

    def state(self) -> State:
        """Return the state now."""
        return {}

    def speed(self) -> float | None:
        """Return the clock now as a share of its default, None where it is not known."""
        return None

    def driver(self) -> str | None:
        """Return the version of the device's driver."""
        return None

    def used_bytes(self) -> int | None:
        """Return the bytes of the device in use by all processes, None where it is not known."""
        return None


class HostSensors(Sensors):
    """The processor under Linux: its clock, and the share that other work had of it.

    The share is that of the time between two calls of `state`.
    """

    def __init__(self) -> None:
        self.last = self._times()

    def state(self) -> State:
        state: State = {}
        clocks = [
            float(line.partition(":")[2])
            for line in _lines("/proc/cpuinfo")
            if line.startswith("cpu MHz")
        ]
        if clocks:
            state["clock_mhz"] = round(sum(clocks) / len(clocks))
        last, self.last = self.last, self._times()
        if last and self.last and self.last[0] > last[0]:
            whole, busy, ours = (now - then for now, then in zip(self.last, last, strict=True))
            state["others_share"] = round(max(0.0, busy - ours) / whole, 3)
        return state

    def _times(self) -> tuple[float, float, float] | None:
        """Return seconds of all cores since the start: in all, at work, and at work for us.

        The last are those of this process and its children.
        """
        fields = next(
            (line.split()[1:9] for line in _lines("/proc/stat") if line.startswith("cpu ")), None
        )
        if fields is None:
            return None
        # user, nice, system, idle, iowait, irq, softirq, steal
        ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in fields]
        return sum(ticks), sum(ticks) - ticks[3] - ticks[4], sum(os.times()[:4])


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


class NvmlSensors(Sensors):
    """A CUDA device through NVML; `nvml` is the module pynvml.

    Figures that a device does not have are left out.
    """

    def __init__(self, nvml: Any, uuid: str):
        self.nvml = nvml
        self.handle = nvml.nvmlDeviceGetHandleByUUID(uuid)
        self.default = self._ask(
            "nvmlDeviceGetDefaultApplicationsClock", nvml.NVML_CLOCK_SM
        ) or self._ask("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_SM)

    def _ask(self, question: str, *arguments: Any) -> Any:
        try:
            return getattr(self.nvml, question)(self.handle, *arguments)
        except (self.nvml.NVMLError, AttributeError):
            return None

    def state(self) -> State:
        nvml, power = self.nvml, self._ask("nvmlDeviceGetPowerUsage")
        reasons = self._ask("nvmlDeviceGetCurrentClocksEventReasons")
        if reasons is None:
            reasons = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")
        throttling = None
        if reasons is not None:
            throttling = [name for bit, name in REASONS.items() if reasons & bit]
        state = {
            "clock_mhz": self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
            "default_clock_mhz": self.default,
            "memory_clock_mhz": self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
            "power_w": None if power is None else power / 1000,
            "temperature_c": self._ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
            "throttling": throttling,
        }
        return {name: value for name, value in state.items() if value is not None}

    def speed(self) -> float | None:
        clock = self._ask("nvmlDeviceGetClockInfo", self.nvml.NVML_CLOCK_SM)
        return clock / self.default if clock and self.default else None

    def used_bytes(self) -> int | None:
        info = self._ask("nvmlDeviceGetMemoryInfo")
        return None if info is None else int(info.used)

    def driver(self) -> str | None:
        try:
            version = self.nvml.nvmlSystemGetDriverVersion()
        except self.nvml.NVMLError:
            return None
        return version.decode() if isinstance(version, bytes) else str(version)


def sensors(device: torch.device) -> Sensors:
    """Return the sensors of a device.

    Without nvidia-ml-py, or where NVML refuses, a CUDA device has none.
    """
    if device.type != "cuda":
        return HostSensors()
    try:
        import pynvml
    except ImportError:
        return Sensors()
    try:
        pynvml.nvmlInit()
        # NVML counts all devices, CUDA those it is shown
        uuid = str(torch.cuda.get_device_properties(device).uuid)
        return NvmlSensors(pynvml, uuid if uuid.startswith("GPU-") else f"GPU-{uuid}")
    except (pynvml.NVMLError, AttributeError):
        return Sensors()


def moved(before: State, after: State) -> list[str]:
    """Return what may have changed the times between two states.

    That is what differs by much, what throttles the clock, and other work.
    """
    found = []
    for name, bound in MOVED.items():
        if name in before and name in after:
            first, last = before[name], after[name]
            work_began = name in EAGER and last > first
            if abs(last - first) > bound * max(first, last) and not work_began:
                found.append(f"{name} {first:g} -> {last:g}")
    held = dict.fromkeys([*before.get("throttling", ()), *after.get("throttling", ())])
    if held:
        found.append(f"clock throttled: {', '.join(held)}")
    if after.get("others_share", 0) > BUSY:
        found.append(
            f"other work took {100 * after['others_share']:.0f} % of the processor meanwhile"
        )
    return found
