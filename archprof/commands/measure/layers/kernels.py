"""The kernels that each layer launches, as torch's profiler sees them."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx

from archprof.commands.measure.layers.times import KernelTime
from archprof.commands.measure.on_device import profiling
from archprof.commands.measure.on_device.clock import Clock
from archprof.model.compile import NODE

PROFILED = 5  # passes, under one profiler: it is started and stopped as seldom as can be
UNSAID = "the profiler saw none and did not say why"


class NodeKernels(NamedTuple):
    """The kernels of a layer, and the median seconds of them all."""

    seconds: float = 0.0
    kernels: tuple[KernelTime, ...] = ()


class Seen(NamedTuple):
    """By graph node its kernels; empty where the profiler saw none, with the reason."""

    by_node: dict[int, NodeKernels]
    unseen: str = ""


def kernels(module: fx.GraphModule, inputs: Tensor, clock: Clock) -> Seen:
    """Return the kernels of each layer, medians over some passes.

    None are seen without CUPTI or the right to use it.
    """
    naming = _Naming(module)

    def passes() -> None:
        for number in range(PROFILED):
            naming.number = number
            naming.run(inputs)

    with torch.inference_mode():
        naming.run(inputs)
        events, said = profiling.kernels(passes, clock.synchronize)
    by_node: dict[int, list[list[profiling.Kernel]]] = {}
    for name, launched in profiling.launched(events).items():
        node = int(name.removeprefix(profiling.NODE).partition(" ")[0])
        by_node.setdefault(node, []).append(launched)
    found = {node: _medians(runs) for node, runs in by_node.items()}
    if any(one.seconds for one in found.values()):
        return Seen(found)
    return Seen({}, profiling.why_unseen(said) or UNSAID)


def _medians(passes: list[list[profiling.Kernel]]) -> NodeKernels:
    """Return the medians over the passes, of all kernels and of those of each name."""
    names = dict.fromkeys(kernel.name for run in passes for kernel in run)
    each = []
    for name in names:
        times = [[kernel.seconds for kernel in run if kernel.name == name] for run in passes]
        launches = round(statistics.median(map(len, times)))
        if launches:  # else one pass alone had it
            each.append(KernelTime(name, launches, statistics.median(map(sum, times))))
    total = statistics.median(sum(kernel.seconds for kernel in run) for run in passes)
    return NodeKernels(total, tuple(each))


def trace(
    module: fx.GraphModule, inputs: Tensor, clock: Clock, name: Callable[[int], str], cuda: bool
) -> str:
    """Return one eager pass as a Chrome trace in JSON, each layer under its `name`."""
    naming = _Naming(module, name)
    with torch.inference_mode():
        naming.run(inputs)
        clock.synchronize()
        return profiling.chrome_trace(lambda: naming.run(inputs), clock.synchronize, cuda)


class _Naming(fx.Interpreter):
    """Runs the graph with each node under a name, for the profiler."""

    def __init__(self, module: fx.GraphModule, name: Callable[[int], str] | None = None) -> None:
        super().__init__(module)
        self.number = 0
        self.called = name or self._numbered

    def _numbered(self, node: int) -> str:
        return f"{profiling.NODE}{node} pass {self.number}"

    def run_node(self, n: fx.Node) -> Any:
        context = profiling.named(self.called(n.meta[NODE])) if NODE in n.meta else nullcontext()
        with context:
            return super().run_node(n)
