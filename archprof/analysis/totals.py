"""The numbers of a whole network, and those of them that follow from its nodes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from archprof.analysis.receptive import Extent
from archprof.graph.graph import Graph, Node
from archprof.graph.storage import samples_of
from archprof.ops.answers import Cost
from archprof.record import Record


class Sum(Record):
    """The known part of a sum, and whether that is all of it."""

    known: int
    complete: bool

    @staticmethod
    def of(values: Iterable[int | None]) -> Sum:
        """Return the sum of numbers of which some may be unknown."""
        listed = list(values)
        known = [value for value in listed if value is not None]
        return Sum(sum(known), len(known) == len(listed))


class Unknown(Record):
    """The paths of the layers whose answers a network's totals lack.

    `cost`: layers of the main path whose arithmetic is unknown. `saved`: layers of which it is
    unknown what autograd keeps, auxiliary heads included.
    """

    cost: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()

    def of(self, quantity: str) -> tuple[str, ...]:
        """Return the layers that a total lacks, by its name in Totals; empty: it is exact."""
        if quantity in OF_COST:
            return self.cost
        return self.saved if quantity in OF_SAVED else ()


OF_COST = frozenset({"macs", "flops", "counted"})
"""The totals that follow from the layers' costs."""

OF_SAVED = frozenset({"saved_bytes", "training_bytes"})
"""The totals that follow from what autograd keeps."""


OF_STEP = frozenset({"training_peak_bytes", "step_flops"})
"""What follows from a step of training, which is simulated: no totals, as it takes its time."""


def answer_of(quantity: str) -> str:
    """Return which answer of layers a quantity follows from, in words."""
    return "cost" if quantity in OF_COST or quantity == "step_flops" else "saved memory"


class Totals(Record):
    """The network's numbers.

    Arithmetic and activations leave auxiliary heads out; parameters and training include them.

    `extent`: what its layers see of the input. `unknown`: the layers whose cost, or whose kept
    tensors, are unknown; the totals that follow from these are lower bounds, see `Unknown.of`.
    """

    params: int
    buffers: int
    macs: int
    flops: int
    counted: int
    weight_bytes: int
    sum_outputs_bytes: int
    lecture_outputs_bytes: int
    peak_inference_bytes: int
    bytes_moved: int
    saved_bytes: int
    training_bytes: int
    depth: int
    extent: Extent
    aux_params: int
    unknown: Unknown = Unknown()
    frozen_params: int = 0

    @property
    def trainable_params(self) -> int:
        """How many elements of parameters are not frozen."""
        return self.params - self.frozen_params

    @property
    def receptive_field(self) -> tuple[int, ...] | None:
        """The sizes by axis of the largest receptive field that is not all of the input; None
        where there is none.
        """
        return self.extent.local


def weight_size(node: Node, itemsize: int) -> int:
    """Return the bytes of a node's parameters and buffers; an int64 counter stays 8 bytes whatever
    the dtype.
    """
    total = 0
    for weight in node.facts.weights.values():
        total += weight.elements * (itemsize if weight.itemsize is None else weight.itemsize)
    return total


def depth(graph: Graph, before: int = 0) -> int:
    """Return the layers with weights (convolutions, linear layers) on the longest path from the
    input to an output.

    `before`: so many are before the input, where the graph is a part of a network.
    """
    deepest: list[int] = []
    for node in graph.nodes:
        above = max((deepest[i] if i >= 0 else before for i in node.inputs), default=0)
        deepest.append(above + node.op.counts_depth)
    return max((deepest[i] if i >= 0 else before for i in graph.outputs), default=0)


def _weight_bytes(graph: Graph, batch: int, itemsize: int) -> int:
    return sum(weight_size(node, itemsize) for node in graph.nodes if node.shares is None)


def unknown_cost(graph: Graph) -> tuple[str, ...]:
    """Return the paths of the layers of the main path whose arithmetic is unknown."""
    nodes = (graph.nodes[i] for i in graph.main)
    return tuple(node.path for node in nodes if node.facts.cost is None)


def _known_costs(graph: Graph, batch: int) -> Iterator[tuple[Cost, int]]:
    """Yield each known cost of the main path, and of how many samples it is."""
    samples = samples_of(graph, batch)
    for i in graph.main:
        cost = graph.nodes[i].facts.cost
        if cost is not None:
            yield cost, samples[i]


def _macs(graph: Graph, batch: int, itemsize: int) -> int:
    return sum(cost.macs * samples for cost, samples in _known_costs(graph, batch))


def _flops(graph: Graph, batch: int, itemsize: int) -> int:
    return sum(cost.flops * samples for cost, samples in _known_costs(graph, batch))


ALONE: dict[str, Callable[[Graph, int, int], int]] = {
    "params": lambda graph, batch, itemsize: sum(node.params for node in graph.nodes),
    "buffers": lambda graph, batch, itemsize: sum(node.buffers for node in graph.nodes),
    "macs": _macs,
    "flops": _flops,
    "weight_bytes": _weight_bytes,
    "depth": lambda graph, batch, itemsize: depth(graph),
}
"""Totals that need no layer's memory or receptive field, from graph, batch and bytes each.

Those of arithmetic are lower bounds where `unknown_cost` names layers.
"""
