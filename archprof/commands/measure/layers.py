"""Time each layer within a pass: by stamps around every node, in turns with whole passes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx

from archprof.commands.measure import profiling
from archprof.commands.measure.clock import Clock
from archprof.graph.graph import Graph
from archprof.model.compile import NODE
from archprof.model.functions import itself

WARM_UP = 3  # passes of each kind
LEAST_PASSES = 2  # however long they take
PROFILED = 5  # passes under the profiler, for the kernels


class LayerTime(NamedTuple):
    """Seconds of one layer, medians over the passes.

    `seconds` are those from the stamp before it to the stamp after it, its window;
    `kernel_seconds` those of its kernels alone, None on the CPU.
    """

    node: int
    path: str
    seconds: float
    kernel_seconds: float | None = None

    @property
    def busy(self) -> float:
        """Return the seconds of its kernels where they are known, else of its window."""
        return self.seconds if self.kernel_seconds is None else self.kernel_seconds


class LayerTimes(NamedTuple):
    """Every layer on the path, in order; whole = total - stamping + rest, nothing scaled.

    `whole`: median seconds of a plain forward pass, measured in turns with the stamped ones.
    `stamping`: what the stamps themselves take in one pass, from stamps around nothing. `passes`:
    how many passes of each kind.
    """

    layers: tuple[LayerTime, ...]
    whole: float
    stamping: float
    passes: int

    @property
    def total(self) -> float:
        """Return the sum of the layers' windows."""
        return sum(layer.seconds for layer in self.layers)

    @property
    def rest(self) -> float:
        """Return what the whole takes beyond its layers: launch gaps and what is between them.

        It is negative where the whole takes less, as after fusion.
        """
        return self.whole - (self.total - self.stamping)


def time_layers(
    module: fx.GraphModule,
    graph: Graph,
    inputs: Tensor,
    clock: Clock,
    *,
    whole: Callable[[], object] | None = None,
    passes: int = 20,
    seconds: float = 1.0,
    limit: float = 60.0,
) -> LayerTimes:
    """Time the layers of `graph` on N×C×H×W `inputs`.

    `module` is the graph compiled in evaluation mode on the clock's device. Stamped and whole
    passes take turns, at least `passes` of each and `seconds` of whole passes, but no longer than
    `limit` seconds of wall time and no fewer than two. `whole` is another way of running the
    network (compiled, or a CUDA graph) that the layers are compared with, by default the module.
    """

    def plain() -> object:
        with torch.inference_mode():
            return module(inputs)

    run = whole or plain
    stamped = _Stamping(module, clock)
    for _ in range(WARM_UP):
        run()
        stamped.seconds(inputs)
    windows: dict[int, list[float]] = {}
    wholes: list[float] = []
    start = time.monotonic()

    def enough() -> bool:
        if len(wholes) < LEAST_PASSES:
            return False
        done = len(wholes) >= passes and sum(wholes) >= seconds
        return done or time.monotonic() - start >= limit

    while not enough():
        wholes += clock.each(run, 1)
        for node, window in stamped.seconds(inputs).items():
            windows.setdefault(node, []).append(window)
    kernels = _kernels(module, inputs, clock) if clock.name.startswith("cuda") else {}
    layers = tuple(
        LayerTime(
            node,
            graph.nodes[node].path,
            statistics.median(times),
            kernels.get(node, 0.0) if kernels else None,
        )
        for node, times in windows.items()
    )
    return LayerTimes(
        layers, statistics.median(wholes), len(layers) * stamping(clock, inputs), len(wholes)
    )


def stamping(clock: Clock, value: Tensor, nodes: int = 200, passes: int = 5) -> float:
    """Return the seconds that the stamps of one layer take.

    That is the median window around a function that returns its input.
    """
    empty = fx.Graph()
    last = empty.placeholder("input")
    for number in range(nodes):
        last = empty.call_function(itself, (last,))
        last.meta[NODE] = number
    empty.output(last)
    run = _Stamping(fx.GraphModule(torch.nn.Module(), empty), clock)
    run.seconds(value)
    return statistics.median(
        window for _ in range(passes) for window in run.seconds(value).values()
    )


class _Stamping(fx.Interpreter):
    """Runs the graph, and marks the time right before and right after each node's own work.

    The interpreter's work is outside.
    """

    def __init__(self, module: fx.GraphModule, clock: Clock):
        super().__init__(module)
        self.clock = clock
        self.node = -1
        self.marks: list[tuple[int, Any, Any]] = []

    def seconds(self, inputs: Tensor) -> dict[int, float]:
        """Return by graph node the seconds of one pass."""
        self.marks = []
        self.clock.synchronize()
        with torch.inference_mode():
            self.run(inputs)
        self.clock.synchronize()
        return {node: self.clock.between(start, end) for node, start, end in self.marks}

    def run_node(self, n: fx.Node) -> Any:
        self.node = n.meta.get(NODE, -1)
        return super().run_node(n)

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._stamped(self.fetch_attr(str(target)), args, kwargs)

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._stamped(target, args, kwargs)

    def _stamped(
        self, called: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        start = self.clock.stamp()
        result = called(*args, **kwargs)
        self.marks.append((self.node, start, self.clock.stamp()))
        return result


class _Naming(fx.Interpreter):
    """Runs the graph with each node under its own name, for the profiler."""

    def run_node(self, n: fx.Node) -> Any:
        with (
            profiling.named(f"{profiling.NODE}{n.meta[NODE]}") if NODE in n.meta else nullcontext()
        ):
            return super().run_node(n)


def _kernels(module: fx.GraphModule, inputs: Tensor, clock: Clock) -> dict[int, float]:
    """Return by graph node the median seconds of the kernels it launches.

    It is empty where the profiler sees none, as without CUPTI or the right to use it.
    """
    naming = _Naming(module)
    found: dict[int, list[float]] = {}
    with torch.inference_mode():
        naming.run(inputs)
        for _ in range(PROFILED):
            events = profiling.kernels(lambda: naming.run(inputs), clock.synchronize)
            for name, seconds in profiling.kernel_seconds(events).items():
                found.setdefault(int(name.removeprefix(profiling.NODE)), []).append(seconds)
    medians = {node: statistics.median(times) for node, times in found.items()}
    return medians if any(medians.values()) else {}
