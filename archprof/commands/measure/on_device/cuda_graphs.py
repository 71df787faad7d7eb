"""A workload's parts as CUDA graphs: one launch each, without the host between their kernels."""

from __future__ import annotations

import gc
import warnings
from dataclasses import dataclass
from typing import Any

import torch

from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.on_device.workspaces import side_stream
from archprof.commands.measure.running.workload import Workload

WARM_CAPTURE = 3  # runs on a side stream first, as torch's documentation of CUDA graphs says


class CaptureError(RuntimeError):
    """Something cannot be captured as a CUDA graph, and the process is spoilt.

    torch's allocator goes on believing that the capture runs, so that emptying its cache raises.
    """


@dataclass(frozen=True)
class Replay:
    """A captured part: calling it queues its graph with one launch.

    `results` must outlive the capture: their memory is the pool's.
    """

    graph: Any
    results: tuple[object, ...]

    def __call__(self) -> None:
        self.graph.replay()


def captured(workload: Workload, device: torch.device, cuda: Any = torch.cuda) -> Workload:
    """Return the same work with each part as a CUDA graph.

    The graphs share a pool of memory, because each part reads what the one before left; replay them
    in order. `cuda` is torch.cuda or what behaves like it. Raises CaptureError where something
    cannot be captured, and what torch raises where it cannot run at all.
    """
    # what autograd keeps of earlier runs in cycles belongs to another stream
    gc.collect()
    # gradients are added on the stream of their first run: the capture's own
    side = side_stream(cuda, device)
    side.wait_stream(cuda.current_stream(device))
    with cuda.stream(side):
        # workspaces, tuning and first gradients must not happen under capture
        for _ in range(WARM_CAPTURE):
            for run in workload.runs:
                run()
    cuda.current_stream(device).wait_stream(side)
    pool = cuda.graph_pool_handle()
    parts: list[tuple[str, Run]] = []
    for name, run in workload.parts:
        parts.append((name, _captured_part(run, pool, side, device, cuda)))
    return workload._replace(parts=tuple(parts))


def _captured_part(run: Run, pool: Any, side: Any, device: torch.device, cuda: Any) -> Replay:
    stream = cuda.current_stream(device)
    graph = cuda.CUDAGraph()
    try:
        # a capture that fails is a row, and torch's remark on its empty graph tells nothing more
        with warnings.catch_warnings(), cuda.graph(graph, pool=pool, stream=side):
            warnings.simplefilter("ignore")
            result = run()
    except RuntimeError as error:
        # where the end of a capture fails, torch leaves the capture's stream current
        cuda.set_stream(stream)
        raise CaptureError(f"cannot be captured as a CUDA graph: {_cause(error)}") from error
    return Replay(graph, (result,))


def _cause(error: BaseException) -> str:
    """Return the words of what went wrong first: the end of a capture only says that it failed."""
    while isinstance(error.__context__, RuntimeError):
        error = error.__context__
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
