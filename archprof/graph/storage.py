"""Which tensors share memory: views and in-place ops, as far as the layout in memory allows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from archprof.autograd.layout import Layout, contiguous
from archprof.graph.graph import Facts, Graph

INPUT, WEIGHT = -1, -2
"""Owners of memory that are no node: the network's input, and the parameters."""


class Storage(NamedTuple):
    """Per node: the node that owns its memory, its layout there, and how many samples it holds."""

    owner: list[int]
    layout: list[Layout]
    samples: list[int]

    def size(self, graph: Graph, index: int, batch: int, itemsize: int) -> int:
        """Return the bytes of a node's output, or of the input for -1, at a dtype of so many
        bytes.
        """
        if index < 0:
            return graph.input_bytes(batch, itemsize)
        node = graph.nodes[index]
        own = node.op.itemsize
        return math.prod(node.output) * self.samples[index] * (itemsize if own is None else own)


def storages(graph: Graph, batch: int, training: bool = False) -> Storage:
    """Return which tensors of the graph share memory.

    What is made from parameters alone, or is constant, has one sample whatever the batch.
    """
    source = contiguous((batch, *graph.input))
    owner: list[int] = []
    layout: list[Layout] = []
    samples: list[int] = []
    known: dict[tuple[Facts, tuple[Layout, ...], bool], tuple[Layout, bool]] = {}
    for i, node in enumerate(graph.nodes):
        facts = node.facts
        inputs = tuple(layout[s] if s >= 0 else source for s in node.inputs)
        count = batch if node.op.arrives else 1
        if not node.op.constant:
            count = max([count, *(samples[s] if s >= 0 else batch for s in node.inputs)])
        own = training and bool(node.trained)
        found = known.get((facts, inputs, own))
        if found is None:
            shape = (count, *facts.output)
            laid = node.op.layout(inputs, shape, training)
            kept = facts.training_storage if training else facts.storage
            shares = laid is not None and kept != "new"
            passed = training and not node.op.constant and any(i.trains for i in inputs)
            laid = (laid or contiguous(shape))._replace(trains=own or passed)
            found = known[facts, inputs, own] = laid, shares
        laid, shares = found
        layout.append(laid)
        samples.append(count)
        if not shares:
            owner.append(i)
        elif node.op.constant or not node.inputs:
            owner.append(WEIGHT)
        else:
            first = node.inputs[0]
            owner.append(owner[first] if first >= 0 else INPUT)
    return Storage(owner, layout, samples)


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
