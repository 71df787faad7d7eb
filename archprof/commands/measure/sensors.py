"""What a device says of itself while it works: clock, power, temperature, throttling; NVML
(nvidia-ml-py) tells for CUDA devices, where it is installed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

State = dict[str, Any]
"""Moving figures, units in the names; what nobody tells is left out."""

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
"""Why a clock is held down, by NVML's bit (nvml.h, nvmlClocksEventReason*); idle (0x1) is no
reason.
"""

MOVED = {"clock_mhz": 0.05, "memory_clock_mhz": 0.05, "power_w": 0.25, "temperature_c": 0.15}
"""A change by more than this share of the larger is worth a warning."""

EAGER = {"power_w", "clock_mhz"}  # an idle device saves both: their rise says only that work began
BUSY = 0.05  # share of the processor that others may have


class Sensors:
    """A device nobody speaks for."""

    def state(self) -> State:
        return {}

    def speed(self) -> float | None:
        """The clock now as a share of its default."""
        return None

    def driver(self) -> str | None:
        return None


class HostSensors(Sensors):
    """The processor: its clock and, from one asking to the next, what share of it other work
    had; where Linux tells.
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
            busy, ours, whole = (
                self.last[1] - last[1],
                self.last[2] - last[2],
                self.last[0] - last[0],
            )
            state["others_share"] = round(max(0.0, busy - ours) / whole, 3)
        return state

    def _times(self) -> tuple[float, float, float] | None:
        """Seconds of all cores since the start, how many of them they worked, and how many they
        worked for this process and its children.
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

    Questions a device has no answer to are left out.
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
        state = {
            "clock_mhz": self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
            "default_clock_mhz": self.default,
            "memory_clock_mhz": self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
            "power_w": None if power is None else power / 1000,
            "temperature_c": self._ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
            "throttling": (
                None
                if reasons is None
                else [name for bit, name in REASONS.items() if reasons & bit]
            ),
        }
        return {name: value for name, value in state.items() if value is not None}

    def speed(self) -> float | None:
        clock = self._ask("nvmlDeviceGetClockInfo", self.nvml.NVML_CLOCK_SM)
        return clock / self.default if clock and self.default else None

    def driver(self) -> str | None:
        try:
            version = self.nvml.nvmlSystemGetDriverVersion()
        except self.nvml.NVMLError:
            return None
        return version.decode() if isinstance(version, bytes) else str(version)


def sensors(device: torch.device) -> Sensors:
    """Who speaks for the device.

    Without nvidia-ml-py, or where NVML refuses, nobody speaks for a CUDA device.
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
    """What changed between two states by so much that the times between them may not be alike,
    what holds the clock down, and who else was at work.
    """
    found = []
    for name, bound in MOVED.items():
        if name in before and name in after:
            first, last = before[name], after[name]
            if abs(last - first) > bound * max(first, last) and not (
                name in EAGER and last > first
            ):
                found.append(f"{name} {first:g} -> {last:g}")
    held = dict.fromkeys([*before.get("throttling", ()), *after.get("throttling", ())])
    if held:
        found.append(f"clock held down: {', '.join(held)}")
    if after.get("others_share", 0) > BUSY:
        found.append(
            f"other work took {100 * after['others_share']:.0f} % of the processor meanwhile"
        )
    return found
