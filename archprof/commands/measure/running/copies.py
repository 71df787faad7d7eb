"""Time the copies between the host and a device that a caller waits for besides the network."""

from __future__ import annotations

import statistics
from typing import Any

import torch
from torch import Tensor

from archprof.commands.measure.on_device.clock import Clock
from archprof.commands.measure.on_device.cuda_graphs import Replay
from archprof.commands.measure.running.workload import Workload

COPIES = 20


def copy_times(workload: Workload, clock: Clock) -> dict[str, float]:
    """Return the median milliseconds to copy the input to the device and the outputs from it.

    The names are those of a measurement; a training step downloads nothing.
    """
    moving = transferring(workload)
    found = {}
    for name, copy in (("upload_ms", moving.upload), ("download_ms", moving.download)):
        if copy is not None:
            clock.each(copy, COPIES)  # pages are touched
            found[name] = 1e3 * statistics.median(clock.each(copy, COPIES))
    return found


def transferring(workload: Workload, pinned: bool = True) -> Workload:
    """Return the work with `upload` and `download`, the copies that a caller waits for besides.

    They go from and to pinned memory, on the device's current stream; each is one copy of what the
    device computes with, in its dtype. A pass is run here to know the outputs; a training step
    downloads nothing. `pinned` is False where there is no CUDA device, in tests.
    """
    here = _beside(workload.input, pinned).copy_(workload.input)

    def upload() -> None:
        workload.input.copy_(here, non_blocking=True)

    if len(workload.parts) > 1:
        return workload._replace(upload=upload)
    run = workload.runs[0]
    found: Any = run.results[0] if isinstance(run, Replay) else run()
    # their own memory, for torch's graphs forbid to read that of an earlier run
    outputs = [one.clone() for one in (found if isinstance(found, tuple) else (found,))]
    places = [_beside(output, pinned) for output in outputs]

    def download() -> None:
        for output, place in zip(outputs, places, strict=True):
            place.copy_(output, non_blocking=True)

    return workload._replace(upload=upload, download=download)


def _beside(tensor: Tensor, pinned: bool) -> Tensor:
    """Return memory of the host for a tensor, in the same order of its elements."""
    return torch.empty_like(tensor, device="cpu", pin_memory=pinned)
