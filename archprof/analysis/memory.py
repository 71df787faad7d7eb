"""Memory of a graph: the peak of live tensors in inference, and what autograd keeps in training."""

from __future__ import annotations

import math
from collections.abc import Container
from typing import NamedTuple

from archprof.graph.graph import Graph, Node
from archprof.graph.storage import INPUT, WEIGHT, Storage, last_uses, storages
from archprof.ops.answers import Saved
from archprof.ops.layout import Layout, contiguous


class Peak(NamedTuple):
    """The largest sum of live tensors: at which node, its bytes (weights included), and the
    storages alive there with their bytes.

    A storage is named by the node that owns it; -1 is the network's input, which the caller holds
    throughout. `inside` are the bytes of tensors that the node makes for itself alone, such as the
    indices of a max pooling.
    """

    node: int
    bytes: int
    alive: tuple[tuple[int, int], ...]
    inside: int = 0


def peak_inference(
    graph: Graph,
    weight_bytes: int,
    batch: int,
    itemsize: int,
    among: Container[int] | None = None,
    stored: Storage | None = None,
) -> Peak:
    """Walk the main path in order: weights, the input, every output still needed, and what the
    node at work makes for itself.

    Views and in-place ops own nothing. `among`: only while one of these nodes runs. `stored`:
    `storages` of this batch, where it is known.
    """
    nodes, indices = graph.nodes, graph.main
    stored = stored or storages(graph, batch)
    ends: dict[int, list[int]] = {}
    for storage, index in last_uses(graph, stored.owner, indices, graph.outputs).items():
        ends.setdefault(index, []).append(storage)
    live = {INPUT: graph.input_bytes(batch, itemsize)}
    total = live[INPUT]
    best, best_node, best_alive, best_inside = (
        (total, INPUT, dict(live), 0) if among is None else (0, INPUT, {}, 0)
    )
    source = contiguous((batch, *graph.input))
    for i in indices:
        node = nodes[i]
        if stored.owner[i] == i:
            live[i] = stored.size(graph, i, batch, itemsize)
            total += live[i]
        inside = node.op.inside(
            tuple(stored.layout[s] if s >= 0 else source for s in node.inputs),
            (stored.samples[i], *node.output),
            itemsize,
        )
        if total + inside > best and (among is None or i in among):
            best, best_node, best_alive, best_inside = total + inside, i, {}, inside
        if best_node == i:
            best_alive = dict(live) if len(live) <= 4096 else {}
        for storage in ends.get(i, ()):
            if storage != INPUT:
                total -= live.pop(storage, 0)
    return Peak(best_node, best + weight_bytes, tuple(sorted(best_alive.items())), best_inside)


def saved_for_backward(graph: Graph, batch: int, itemsize: int) -> list[int | None]:
    """Return the bytes that autograd keeps because of each node, auxiliary heads included; a
    storage kept twice counts at the first.

    What needs no gradient keeps nothing: an op without weights on the bare input. Weights are not
    counted here. None where what a node keeps is unknown; what it may share with a later node then
    counts there.
    """
    nodes = graph.nodes
    stored = storages(graph, batch, training=True)
    source = contiguous((batch, *graph.input))
    kept: set[int] = {WEIGHT}
    result: list[int | None] = []
    for i, node in enumerate(nodes):
        trains = stored.layout[i].trains
        layouts = tuple(stored.layout[s] if s >= 0 else source for s in node.inputs)
        items = node.facts.saved
        if items is None:
            result.append(None if trains else 0)
            continue
        total = 0
        for item in items:
            if not trains or not _applies(item, node, layouts):
                continue
            if item.what == "own":
                total += item.own_bytes(stored.samples[i], itemsize)
                continue
            copied = node.op.copied(item, layouts) if item.what == "input" else 0
            if item.what == "input" and itemsize < item.at_least:
                copied = math.prod(layouts[item.number].shape)
            if copied:
                total += copied * max(itemsize, item.at_least)
                continue
            tensor = node.inputs[item.number] if item.what == "input" else i
            storage = stored.owner[tensor] if tensor >= 0 else INPUT
            if storage not in kept:
                kept.add(storage)
                total += stored.size(graph, storage, batch, itemsize)
        result.append(total)
    return result


def saved_in_training(graph: Graph, training: Graph, batch: int, itemsize: int) -> list[int | None]:
    """Return the bytes that autograd keeps because of each node, where training is another graph.

    Those of layers that only training has are the last node's that is of training alone.
    """
    found: dict[str, int | None] = {}
    for node, kept in zip(
        training.nodes, saved_for_backward(training, batch, itemsize), strict=True
    ):
        found[node.path] = kept
    result = [found.pop(node.path, 0) for node in graph.nodes]
    rest = list(found.values())
    if graph.nodes and rest:
        result[-1] = None if None in rest else sum(kept or 0 for kept in rest)
    return result


def _applies(item: Saved, node: Node, layouts: tuple[Layout, ...]) -> bool:
    """Return whether autograd keeps an item: torch picks its algorithm, and an input for whose
    gradient it is kept wants one.
    """
    if item.algorithm and item.algorithm != node.op.algorithm(layouts):
        return False
    wanted = [layouts[number].trains for number in item.wanted_by if number < len(layouts)]
    return not item.wanted_by or any(wanted)
