"""Memory of a graph: the peak of live tensors in inference, and what autograd keeps in training."""

from __future__ import annotations

import math
from dataclasses import dataclass

from archprof.graph.graph import Graph, Node
from archprof.graph.order import last_uses, storages
from archprof.ops.base import Saved


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest sum of live tensors: at which node, its bytes (weights included), and the storages alive there with their bytes.

    A storage is named by the node that owns it; -1 is the network's input, which the caller holds throughout.
    """

    node: int
    bytes: int
    alive: tuple[tuple[int, int], ...]


def peak_inference(graph: Graph, weight_bytes: int, batch: int, itemsize: int) -> Peak:
    """Walks the main path in order: weights, the input, and every output still needed; views and in-place ops own nothing."""
    nodes, indices = graph.nodes, graph.main
    owner = storages(nodes)
    last = last_uses(nodes, indices, graph.outputs)
    ends: dict[int, list[int]] = {}
    for storage, index in last.items():
        ends.setdefault(index, []).append(storage)
    live = {-1: math.prod(graph.input) * batch * itemsize}
    total = live[-1]
    best, best_node, best_alive = total, -1, dict(live)
    for i in indices:
        if owner[i] == i:
            live[i] = math.prod(nodes[i].output) * batch * itemsize
            total += live[i]
        if total > best:
            best, best_node, best_alive = total, i, {}
        if best_node == i:
            best_alive = dict(live) if len(live) <= 4096 else {}
        for storage in ends.get(i, ()):
            if storage != -1:
                total -= live.pop(storage, 0)
    return Peak(best_node, best + weight_bytes, tuple(sorted(best_alive.items())))


def saved_for_backward(graph: Graph, batch: int, itemsize: int) -> list[int]:
    """For each node (auxiliary heads included) the bytes autograd keeps because of it; a storage kept twice counts at the first.

    What needs no gradient keeps nothing: an op without weights on the bare input.
    """
    nodes = graph.nodes
    owner = storages(nodes, training=True)
    needs_gradient: list[bool] = []
    kept: set[int] = set()
    result: list[int] = []
    for i, node in enumerate(nodes):
        upstream = [i >= 0 and needs_gradient[i] for i in node.inputs]
        trains = bool(node.facts.params) or any(upstream)
        needs_gradient.append(trains)
        total = 0
        for item in node.facts.saved if trains else ():
            if item.what == "own":
                total += _own(item, batch, itemsize)
                continue
            if item.what == "input" and not _wanted(node, item.index, upstream):
                continue
            source = node.inputs[item.index] if item.what == "input" else i
            storage = owner[source] if source >= 0 else -1
            if storage not in kept:
                kept.add(storage)
                total += math.prod(graph.shape_of(storage)) * batch * itemsize
        result.append(total)
    return result


def _wanted(node: Node, index: int, upstream: list[bool]) -> bool:
    """A product keeps one factor for the other's gradient, and only where that one needs it."""
    return node.kind != "multiply" or upstream[1 - index]


def _own(item: Saved, batch: int, itemsize: int) -> int:
    return item.elements * (batch if item.per_sample else 1) * max(item.itemsize or itemsize, item.at_least)
