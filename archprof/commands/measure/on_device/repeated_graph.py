"""Many runs of one thing as one CUDA graph, so that a device does not wait for the host."""

from __future__ import annotations

from typing import Any

import torch

from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.on_device.cuda_graphs import Replay


def repeated(run: Run, n: int, device: torch.device, cuda: Any = torch.cuda) -> Run:
    """Return what queues n runs as one CUDA graph, with one launch.

    The run must have run before. Raises RuntimeError, torch's own, where it cannot be captured; the
    stream is then what it was.
    """
    before, side = cuda.current_stream(device), cuda.Stream(device)
    side.wait_stream(before)
    with cuda.stream(side):
        run()  # workspaces are a stream's own
    before.wait_stream(side)
    graph = cuda.CUDAGraph()
    results: list[object] = []
    try:
        with cuda.graph(graph):
            for _ in range(n):
                # the memory of one result serves all
                results[:] = [run()]
    except RuntimeError:
        cuda.set_stream(before)  # torch would leave that of the capture
        raise
    # the graph has addresses: what lies there must stay
    return Replay(graph, (run, *results))
