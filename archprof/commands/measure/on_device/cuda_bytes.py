"""What CUDA's allocator hands out, in requested bytes and in whole blocks."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from archprof.commands.measure.on_device.sensors import Sensors


class CudaBytes(NamedTuple):
    """What CUDA's allocator has handed out at a moment, or at most since its peaks were reset.

    `requested` is what was requested, None where it does not count that.
    """

    allocated: int
    requested: int | None

    @classmethod
    def now(cls, cuda: Any, device: torch.device) -> CudaBytes:
        """Return what is handed out now; `cuda` is torch.cuda, or what behaves like it."""
        return cls._of(cuda.memory_stats(device), "current")

    @classmethod
    def most(cls, cuda: Any, device: torch.device) -> CudaBytes:
        """Return the most of each since the peaks were reset."""
        return cls._of(cuda.memory_stats(device), "peak")

    @classmethod
    def _of(cls, stats: dict[str, int], when: str) -> CudaBytes:
        allocated = stats.get(f"allocated_bytes.all.{when}", 0)
        # cudaMallocAsync, another allocator of torch, leaves the second at 0
        requested = stats.get(f"requested_bytes.all.{when}", 0)
        return cls(allocated, requested if requested or not allocated else None)


def context(sensors: Sensors, idle: int | None, reserved: int) -> int | None:
    """Return the bytes of the device that this process uses beyond those its allocator `reserved`.

    They are CUDA's context, the code of kernels and what libraries take by themselves. `idle` are
    those in use before the process came; None where they or the present ones are unknown, and where
    another process must have left meanwhile.
    """
    used = sensors.used_bytes()
    if used is None or idle is None:
        return None
    found = used - idle - reserved
    return found if found >= 0 else None
