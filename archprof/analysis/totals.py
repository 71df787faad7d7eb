"""The numbers of a whole network, and those of them that follow from its nodes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archprof.analysis.receptive import Extent
from archprof.graph.graph import Graph, Node


class Totals(NamedTuple):
    """The network's numbers.

    Arithmetic and activations leave auxiliary heads out; parameters and training include them.

    `extent`: what its layers see of the input.
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

    @property
    def receptive_field(self) -> tuple[int, int] | None:
        """Height and width of the largest receptive field that is not all of the input; None
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


def depth(graph: Graph) -> int:
    """Return the layers with weights (convolutions, linear layers) on the longest path from the
    input to an output.
    """
    deepest: list[int] = []
    for node in graph.nodes:
        deepest.append(
            max((deepest[i] for i in node.inputs if i >= 0), default=0) + node.op.counts_depth
        )
    return max((deepest[i] for i in graph.outputs if i >= 0), default=0)


def _weight_bytes(graph: Graph, batch: int, itemsize: int) -> int:
    return sum(weight_size(node, itemsize) for node in graph.nodes if node.shares is None)


def _macs(graph: Graph, batch: int, itemsize: int) -> int:
    return batch * sum(graph.nodes[i].facts.cost.macs for i in graph.main)


def _flops(graph: Graph, batch: int, itemsize: int) -> int:
    return batch * sum(graph.nodes[i].facts.cost.flops for i in graph.main)


ALONE: dict[str, Callable[[Graph, int, int], int]] = {
    "params": lambda graph, batch, itemsize: sum(node.params for node in graph.nodes),
    "buffers": lambda graph, batch, itemsize: sum(node.buffers for node in graph.nodes),
    "macs": _macs,
    "flops": _flops,
    "weight_bytes": _weight_bytes,
    "depth": lambda graph, batch, itemsize: depth(graph),
}
"""Totals that need no layer's memory or receptive field, from graph, batch and bytes each."""
