"""The state of a device while it works: clock, power, temperature, throttling.

For CUDA devices it comes from NVML (nvidia-ml-py), where that is installed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.commands.measure.writing.run_labels import POWER_CAP

if TYPE_CHECKING:
    import torch

State = dict[str, Any]
"""Figures that change, with units in their names; those that are not known are left out."""

SLOWDOWNS = {
    0x8: "hardware slowdown",
    0x20: "thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "power brake",
}
"""Why a device slows itself down for its own protection, by NVML's bit (nvml.h,
nvmlClocksEventReason*).
"""

REASONS = {0x4: POWER_CAP, 0x10: "sync boost"} | SLOWDOWNS
"""Why a clock is below its highest.

The power cap is a limit that the device always has. Idle (0x1), the setting of application clocks
(0x2) and display clocks (0x100) are active on devices at their ordinary clock, and are not reasons.
"""

MOVED = {"clock_mhz": 0.05, "memory_clock_mhz": 0.05}
"""The share of the larger value from which on a change is worth a warning.

A temperature is none, nor is power: a device keeps its clock until it slows itself down or is at
the limit of its power, which it tells.
"""

EAGER = {"clock_mhz", "memory_clock_mhz"}
"""An idle device saves these: their rise only means that work began."""


BUSY = 0.05  # share of the processor that others may have


class Sensors:
    """The sensors of a device of which nothing is known; `missing` says why, "" for no reason."""

    def __init__(self, missing: str = "") -> None:
        self.missing = missing

    def state(self) -> State:
        """Return the state now."""
        return {}

    def slowdown(self) -> list[str]:
        """Return why the device slows itself down now, for its own protection."""
        return []

    def joules(self) -> float | None:
        """Return the energy that the device has used since its driver was loaded, None if unknown.

        Only differences have a meaning.
        """
        return None

    def max_clock_mhz(self) -> float | None:
        """Return the highest clock that the device ever has."""
        return None

    def power_limit_w(self) -> float | None:
        """Return the power above which the device lowers its clock."""
        return None

    def others(self) -> list[str] | None:
        """Return what else uses the device: its processes but this and the one that started it.

        None where nobody knows.
        """
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
        super().__init__()
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

    def __init__(self, nvml: Any, handle: Any):
        super().__init__()
        self.nvml, self.handle = nvml, handle
        self.highest = self._ask("nvmlDeviceGetMaxClockInfo", nvml.NVML_CLOCK_SM)

    def _ask(self, question: str, *arguments: Any) -> Any:
        try:
            return getattr(self.nvml, question)(self.handle, *arguments)
        except (self.nvml.NVMLError, AttributeError):
            return None

    def state(self) -> State:
        nvml, power = self.nvml, self._ask("nvmlDeviceGetPowerUsage")
        reasons = self._reasons()
        throttling = None
        if reasons is not None:
            throttling = [name for bit, name in REASONS.items() if reasons & bit]
        state = {
            "clock_mhz": self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
            "max_clock_mhz": self.highest,
            "memory_clock_mhz": self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
            "power_w": None if power is None else power / 1000,
            "temperature_c": self._ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
            "throttling": throttling,
        }
        return {name: value for name, value in state.items() if value is not None}

    def _reasons(self) -> int | None:
        """Return NVML's bits of what holds the clock down, None where it does not tell."""
        for question in (
            "nvmlDeviceGetCurrentClocksEventReasons",
            "nvmlDeviceGetCurrentClocksThrottleReasons",  # its name before driver 535
        ):
            found = self._ask(question)
            if found is not None:
                return int(found)
        return None

    def slowdown(self) -> list[str]:
        reasons = self._reasons() or 0
        return [name for bit, name in SLOWDOWNS.items() if reasons & bit]

    def joules(self) -> float | None:
        millijoules = self._ask("nvmlDeviceGetTotalEnergyConsumption")
        return None if millijoules is None else millijoules / 1000

    def max_clock_mhz(self) -> float | None:
        return None if self.highest is None else float(self.highest)

    def power_limit_w(self) -> float | None:
        milliwatts = self._ask("nvmlDeviceGetEnforcedPowerLimit")
        return None if milliwatts is None else milliwatts / 1000

    def others(self) -> list[str] | None:
        processes = self._ask("nvmlDeviceGetComputeRunningProcesses")
        if processes is None:
            return None
        ours = (os.getpid(), os.getppid())
        return [
            f"process {process.pid}"
            + (f" with {process.usedGpuMemory // 2**20} MiB" if process.usedGpuMemory else "")
            for process in processes
            if process.pid not in ours
        ]

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

    Without nvidia-ml-py, or where NVML refuses, a CUDA device has none, and says why.
    """
    if device.type != "cuda":
        return HostSensors()
    try:
        import pynvml
    except ImportError:
        return Sensors("pip install nvidia-ml-py")
    import torch

    try:
        pynvml.nvmlInit()
        return NvmlSensors(pynvml, _handle(pynvml, torch.cuda.get_device_properties(device)))
    except (pynvml.NVMLError, AttributeError) as error:
        return Sensors(f"NVML refused: {error}")


def _handle(nvml: Any, properties: Any) -> Any:
    """Return NVML's handle of the device that torch describes.

    NVML counts all devices, CUDA those it is shown, so that the index does not say which. A slice
    of a divided device (MIG) has a UUID of its own kind. Raises NVMLError where NVML finds none.
    """
    uuid = str(properties.uuid)
    known = uuid.startswith(("GPU-", "MIG-"))
    for name in [uuid] if known else [f"GPU-{uuid}", f"MIG-{uuid}"]:
        try:
            return nvml.nvmlDeviceGetHandleByUUID(name)
        except nvml.NVMLError:
            continue
    place = (properties.pci_domain_id, properties.pci_bus_id, properties.pci_device_id)
    return nvml.nvmlDeviceGetHandleByPciBusId("{:08x}:{:02x}:{:02x}.0".format(*place))


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
    slowed = dict.fromkeys(
        reason
        for state in (before, after)
        for reason in state.get("throttling", ())
        if reason in SLOWDOWNS.values()
    )
    if slowed:
        found.append(f"clock throttled: {', '.join(slowed)}")
    if POWER_CAP in after.get("throttling", ()):
        found.append(f"{POWER_CAP}: {_capped(after)}")
    if after.get("others_share", 0) > BUSY:
        found.append(
            f"other work took {100 * after['others_share']:.0f} % of the processor meanwhile"
        )
    return found


def _capped(state: State) -> str:
    """Return at which clock the power cap holds a device."""
    clock, highest = state.get("clock_mhz"), state.get("max_clock_mhz")
    if not clock or not highest:
        return "the device keeps its clock below the highest"
    share = 100 * clock / highest
    return f"the device keeps its clock at {clock:g} MHz, {share:.0f} % of the highest"
