"""Which tensors share memory: views and in-place ops, as far as the layout in memory allows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archprof.autograd.layout import Layout, contiguous
from archprof.graph.graph import Facts, Graph, Node

INPUT, WEIGHT = -1, -2
"""Owners of memory that are not a node: the network's input, and the parameters."""


class Storage(NamedTuple):
    """Per node: the node that owns its memory, its layout there, and how many samples it holds."""

    owner: list[int]
    layout: list[Layout]
    samples: list[int]

    def size(self, graph: Graph, index: int, batch: int, itemsize: int) -> int:
        """Return the bytes of a node's output, or of the input for -1, at a dtype of so many
        bytes.
        """
        return output_bytes(graph, index, self.samples, batch, itemsize)

    def bytes(
        self, graph: Graph, storage: int, batch: int, itemsize: int, training: bool = False
    ) -> int:
        """Return the bytes of a storage, by its owner; -1: of what the input is in."""
        if storage == INPUT and graph.begins is not None:
            return graph.begins.lying(training).bytes
        return self.size(graph, storage, batch, itemsize)


def output_bytes(
    graph: Graph, index: int, samples: Sequence[int], batch: int, itemsize: int
) -> int:
    """Return the bytes of a node's output, or of the input for -1, at a dtype of so many bytes.

    `samples`: by node how many its output holds.
    """
    if index < 0:
        return graph.input_bytes(batch, itemsize)
    node = graph.nodes[index]
    own = node.op.itemsize
    return math.prod(node.output) * samples[index] * (itemsize if own is None else own)


def output_sizes(graph: Graph, samples: Sequence[int], batch: int, itemsize: int) -> list[int]:
    """Return the bytes of every node's output, and behind them those of the input."""
    places = (*range(len(graph.nodes)), INPUT)
    return [output_bytes(graph, i, samples, batch, itemsize) for i in places]


def samples_of(graph: Graph, batch: int) -> list[int]:
    """Return by node how many samples its output holds: those of its largest input.

    What is made from parameters alone, or is constant, has one sample whatever the batch.
    """
    if batch == 1:
        return [1] * len(graph.nodes)
    samples: list[int] = []
    for node in graph.nodes:
        count = batch if node.op.arrives else 1
        if not node.op.constant:
            arriving = (samples[source] if source >= 0 else batch for source in node.inputs)
            count = max([count, *arriving])
        samples.append(count)
    return samples


def storages(graph: Graph, batch: int, training: bool = False) -> Storage:
    """Return which tensors of the graph share memory."""
    given = input_layout(graph, batch, training)
    found = Storage([], [], samples_of(graph, batch))
    known: dict[tuple[Facts, tuple[Layout, ...], bool], tuple[Layout, bool]] = {}
    for i, node in enumerate(graph.nodes):
        inputs = tuple(found.layout[s] if s >= 0 else given for s in node.inputs)
        own = training and bool(node.trained)
        key = node.facts, inputs, own
        if key not in known:
            known[key] = _laid(node, inputs, found.samples[i], training)
        layout, shares = known[key]
        found.layout.append(layout)
        found.owner.append(_owner_shared(node, found.owner) if shares else i)
    return found


def _laid(
    node: Node, inputs: tuple[Layout, ...], count: int, training: bool
) -> tuple[Layout, bool]:
    """Return how a node's output lies in memory, and whether that memory is an input's."""
    shape = (count, *node.output)
    layout = node.op.layout(inputs, shape, training)
    kept = node.facts.training_storage if training else node.facts.storage
    shares = layout is not None and kept != "new"
    passed = not node.op.constant and any(one.trains for one in inputs)
    trains = training and (bool(node.trained) or passed)
    return (layout or contiguous(shape))._replace(trains=trains), shares


def _owner_shared(node: Node, owner: Sequence[int]) -> int:
    """Return whose memory a node's output shares."""
    if node.op.constant or not node.inputs:
        return WEIGHT
    first = node.inputs[0]
    return owner[first] if first >= 0 else INPUT


def last_uses(
    graph: Graph, owner: list[int], indices: Iterable[int], outputs: Iterable[int]
) -> dict[int, int]:
    """Return for each storage the last of `indices` that reads or writes it.

    An output lives to the end, the number of nodes.
    """
    last: dict[int, int] = {}
    for i in indices:
        for source in graph.nodes[i].inputs:
            last[owner[source] if source >= 0 else INPUT] = i
        last[owner[i]] = i
    for i in outputs:
        last[owner[i] if i >= 0 else INPUT] = len(graph.nodes)
    return last


def input_layout(graph: Graph, batch: int, training: bool) -> Layout:
    """Return how a graph's input lies in memory."""
    if graph.begins is None:
        return contiguous((batch, *graph.input))
    return graph.begins.lying(training).layout
