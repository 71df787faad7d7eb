"""Memory of a graph: the peak of live tensors in inference, and what autograd keeps in training."""

from __future__ import annotations

import math
from dataclasses import dataclass

from archprof.analysis.storage import INPUT, WEIGHT, last_uses, storages
from archprof.graph.graph import Graph
from archprof.ops.base import Saved
from archprof.ops.layout import contiguous


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
    held = storages(graph, batch)
    ends: dict[int, list[int]] = {}
    for storage, index in last_uses(graph, held.owner, indices, graph.outputs).items():
        ends.setdefault(index, []).append(storage)
    live = {INPUT: math.prod(graph.input) * batch * itemsize}
    total = live[INPUT]
    best, best_node, best_alive = total, INPUT, dict(live)
    for i in indices:
        if held.owner[i] == i:
            live[i] = math.prod(nodes[i].output) * held.samples[i] * itemsize
            total += live[i]
        if total > best:
            best, best_node, best_alive = total, i, {}
        if best_node == i:
            best_alive = dict(live) if len(live) <= 4096 else {}
        for storage in ends.get(i, ()):
            if storage != INPUT:
                total -= live.pop(storage, 0)
    return Peak(best_node, best + weight_bytes, tuple(sorted(best_alive.items())))


def saved_for_backward(graph: Graph, batch: int, itemsize: int) -> list[int]:
    """For each node (auxiliary heads included) the bytes autograd keeps because of it; a storage kept twice counts at the first.

    What needs no gradient keeps nothing: an op without weights on the bare input. Weights are not counted here.
    """
    nodes = graph.nodes
    held = storages(graph, batch, training=True)
    source = contiguous((batch, *graph.input))
    needs_gradient: list[bool] = []
    kept: set[int] = {WEIGHT}
    result: list[int] = []
    for i, node in enumerate(nodes):
        upstream = [s >= 0 and needs_gradient[s] for s in node.inputs]
        trains = bool(node.facts.params) or (any(upstream) and not node.op.constant)
        needs_gradient.append(trains)
        total = 0
        for item in node.facts.saved if trains else ():
            if item.wanted_by and not any(upstream[w] for w in item.wanted_by if w < len(upstream)):
                continue
            if item.what == "own":
                total += _own(item, held.samples[i], itemsize)
                continue
            tensor = node.inputs[item.number] if item.what == "input" else i
            layout = held.layout[tensor] if tensor >= 0 else source
            if item.what == "input" and (itemsize < item.at_least or not node.op.kept_as_is(item.number, layout)):
                total += math.prod(layout.shape) * max(itemsize, item.at_least)
                continue
            storage = held.owner[tensor] if tensor >= 0 else INPUT
            if storage not in kept:
                kept.add(storage)
                total += math.prod(graph.shape_of(storage)) * (held.samples[storage] if storage >= 0 else batch) * itemsize
        result.append(total)
    return result


def _own(item: Saved, samples: int, itemsize: int) -> int:
    elements = item.elements if item.narrow is None or itemsize >= item.at_least else item.narrow
    return elements * (samples if item.per_sample else 1) * max(item.itemsize or itemsize, item.at_least)
