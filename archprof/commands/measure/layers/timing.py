"""Time each layer within a pass: by stamps around every node, in turns with whole passes.

On CUDA the device is held while a pass is queued (`hold.py`): windows are then the device's time,
not the host's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, fx

from archprof.commands.measure.layers import kernels as layer_kernels
from archprof.commands.measure.layers.times import LayerTime, LayerTimes
from archprof.commands.measure.on_device.clock import Clock
from archprof.commands.measure.on_device.hold import Hold
from archprof.graph.graph import Graph
from archprof.model.compile import NODE
from archprof.model.functions import itself

WARM_UP = 3  # passes of each kind
LEAST_PASSES = 2  # however long they take
STAMPS = 2  # before a layer and after it
LAUNCHES = 8
"""Kernels that a layer is taken to launch where the profiler sees none: more than most do."""

Run = Callable[[], object]


def time_layers(
    module: fx.GraphModule,
    graph: Graph,
    inputs: Tensor,
    clock: Clock,
    *,
    whole: Run | None = None,
    queued: bool = True,
    passes: int = 20,
    seconds: float = 1.0,
    limit: float = 60.0,
) -> LayerTimes:
    """Time the layers of `graph` on N×C×H×W `inputs`.

    `module` is the graph compiled in evaluation mode on the clock's device. Stamped and whole
    passes take turns, at least `passes` of each and `seconds` of whole passes (on CUDA, where holds
    take longer than passes, of turns), but no longer than `limit` seconds of wall time and no fewer
    than two. `whole` is another way of running the network (compiled, or a CUDA graph) that the
    layers are compared with, by default the module. Where it is not `queued` on the clock's stream,
    as what another library runs, it is not held.
    """
    seen = layer_kernels.Seen({})
    cuda = clock.name.startswith("cuda")
    if cuda:
        seen = layer_kernels.kernels(module, inputs, clock)
    launches = {node: _launches(found) for node, found in seen.by_node.items()}

    def plain() -> object:
        with torch.inference_mode():
            return module(inputs)

    run = whole or plain
    stamped = _Stamping(module, clock, launches)
    held = _HeldPass(module, inputs, clock, launches, whole) if cuda and queued else None
    for _ in range(WARM_UP):
        run()
        stamped.seconds(inputs)
    windows: dict[int, list[float]] = {}
    wholes: list[float] = []
    helds: list[float] = []
    start = time.monotonic()

    def enough() -> bool:
        if len(wholes) < LEAST_PASSES:
            return False
        elapsed = time.monotonic() - start
        spent = elapsed if cuda else sum(wholes)
        done = len(wholes) >= passes and spent >= seconds
        return done or elapsed >= limit

    while not enough():
        wholes += clock.each(run, 1)
        if held:
            helds.append(held.seconds())
        for node, window in stamped.seconds(inputs).items():
            windows.setdefault(node, []).append(window)
    layers = _medians(windows, graph, seen)
    stamps = len(layers) * stamping(clock, inputs)
    result = LayerTimes(layers, statistics.median(wholes), stamps, len(wholes))
    if cuda:
        result = result._replace(held=not stamped.hold.lost, unseen=seen.unseen)
    if held:
        return result._replace(
            whole=statistics.median(helds),
            unheld=result.whole,
            held=result.held and not held.hold.lost,
        )
    return result


def _medians(
    windows: Mapping[int, list[float]], graph: Graph, seen: layer_kernels.Seen
) -> tuple[LayerTime, ...]:
    """Return the layers with their windows' medians, and with their kernels where any were seen."""
    layers = []
    for node, times in windows.items():
        layer = LayerTime(node, graph.nodes[node].path, statistics.median(times))
        if seen.by_node:
            found = seen.by_node.get(node, layer_kernels.NodeKernels())
            layer = layer._replace(kernel_seconds=found.seconds, kernels=found.kernels)
        layers.append(layer)
    return tuple(layers)


def _launches(found: layer_kernels.NodeKernels) -> int:
    """Return how many kernels a layer launches."""
    return sum(kernel.launches for kernel in found.kernels)


def stamping(clock: Clock, value: Tensor, nodes: int = 200, passes: int = 5) -> float:
    """Return the seconds that the stamps of one layer take, the device held where there is one.

    That is the median window around a function that returns its input.
    """
    empty = fx.Graph()
    last = empty.placeholder("input")
    for number in range(nodes):
        last = empty.call_function(itself, (last,))
        last.meta[NODE] = number
    empty.output(last)
    run = _Stamping(fx.GraphModule(torch.nn.Module(), empty), clock, dict.fromkeys(range(nodes), 0))
    run.seconds(value)
    return statistics.median(
        window for _ in range(passes) for window in run.seconds(value).values()
    )


class _Chunked(fx.Interpreter):
    """Runs the graph, and holds the device anew where its queue has no room for another node.

    `launches` is by graph node how many kernels it launches, as far as that is known.
    """

    def __init__(self, module: fx.GraphModule, hold: Hold, launches: Mapping[int, int]):
        super().__init__(module)
        self.hold, self.launches = hold, launches
        self.node = -1

    def run_node(self, n: fx.Node) -> Any:
        self.node = n.meta.get(NODE, -1)
        self.hold.make_room(STAMPS + self.launches.get(self.node, LAUNCHES))
        return super().run_node(n)


class _HeldPass:
    """Whole passes with the device held: the device's time of a pass.

    The layers' own module is queued in chunks; another way of running it cannot be divided.
    """

    def __init__(
        self,
        module: fx.GraphModule,
        inputs: Tensor,
        clock: Clock,
        launches: Mapping[int, int],
        whole: Run | None,
    ):
        self.hold = Hold(clock)
        self.chunked = _Chunked(module, self.hold, launches)
        self.inputs, self.whole = inputs, whole

    def seconds(self) -> float:
        with torch.inference_mode():
            return self.hold.time(self.whole or self._run)

    def _run(self) -> None:
        self.chunked.run(self.inputs)


class _Stamping(_Chunked):
    """Runs the graph, and marks the time right before and right after each node's own work.

    The interpreter's work is outside.
    """

    def __init__(self, module: fx.GraphModule, clock: Clock, launches: Mapping[int, int]):
        super().__init__(module, Hold(clock), launches)
        self.clock = clock
        self.marks: list[tuple[int, Any, Any]] = []

    def seconds(self, inputs: Tensor) -> dict[int, float]:
        """Return by graph node the seconds of one pass."""

        def queue() -> None:
            self.marks = []
            self.run(inputs)

        with torch.inference_mode():
            self.hold.time(queue)
        return {node: self.clock.between(start, end) for node, start, end in self.marks}

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
