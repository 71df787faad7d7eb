"""Memory of a graph: the peak of live tensors in inference, and what autograd keeps in training."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.graph.storage import INPUT, WEIGHT, Storage, input_layout, last_uses, storages
from archprof.ops.keeping import copied_elements, wanted
from archprof.record import Record

MOST_ALIVE = 4096  # tensors at the peak that are listed


class Peak(Record):
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


class Moment(NamedTuple):
    """One node at work: the bytes of all tensors that are alive, and of what it makes for itself.

    Weights are not among them.
    """

    node: int
    live: int
    inside: int = 0


class Span(NamedTuple):
    """The life of a tensor: from which moment to which (both included), and its bytes.

    `storage` is the node that owns it, -1 the network's input. `kept`: there are moments at which
    nothing works on it, as it waits for a later layer.
    """

    storage: int
    birth: int
    last: int
    bytes: int
    kept: bool


class MemoryWalk(Record):
    """What is alive in inference, moment by moment and tensor by tensor."""

    moments: tuple[Moment, ...]
    spans: tuple[Span, ...]
    inputs: int = 1  # so many of the spans, from the first on, are the network's inputs

    @property
    def input_bytes(self) -> int:
        """The bytes of all inputs."""
        return sum(span.bytes for span in self.spans[: self.inputs])

    def alive(self, moment: int) -> list[Span]:
        """Return what is alive at a moment, by storage."""
        found = [span for span in self.spans if span.birth <= moment <= span.last]
        return sorted(found, key=lambda span: span.storage)


def inference_walk(
    graph: Graph, batch: int, itemsize: int, stored: Storage | None = None
) -> MemoryWalk:
    """Walk the main path in order: the input, every output still needed, and what the node at
    work makes for itself.

    Views and in-place ops own nothing. `stored`: `storages` of this batch, where it is known. The
    inputs are the first spans, and never end: the caller holds them.
    """
    nodes, indices = graph.nodes, graph.main
    stored = stored or storages(graph, batch)
    owner = stored.owner
    ends: dict[int, list[int]] = {}
    for storage, index in last_uses(graph, owner, indices, graph.outputs).items():
        ends.setdefault(index, []).append(storage)
    given, births = _at_first(graph, stored, batch, itemsize)
    total = sum(given.values()) + sum(size for _, size in births.values())
    moments: list[Moment] = []
    spans = [Span(i, 0, max(0, len(indices) - 1), size, False) for i, size in given.items()]
    touched: dict[int, int] = {}
    waiting: set[int] = set()
    arrives = input_layout(graph, batch, training=False)
    for moment, i in enumerate(indices):
        node = nodes[i]
        for read in node.inputs:
            storage = owner[read] if read >= 0 else INPUT
            if moment > touched.get(storage, moment) + 1:
                waiting.add(storage)
            touched[storage] = moment
        if owner[i] == i and i not in given:
            births[i] = moment, stored.size(graph, i, batch, itemsize)
            total += births[i][1]
        touched[owner[i]] = moment
        inside = node.op.inside(
            tuple(stored.layout[s] if s >= 0 else arrives for s in node.inputs),
            (stored.samples[i], *node.output),
            itemsize,
        )
        moments.append(Moment(i, total, inside))
        for storage in ends.get(i, ()):
            if storage in births:
                birth, size = births.pop(storage)
                spans.append(Span(storage, birth, moment, size, storage in waiting))
                total -= size
    end = len(indices) - 1
    spans += [Span(s, birth, end, size, s in waiting) for s, (birth, size) in births.items()]
    return MemoryWalk(tuple(moments), tuple(spans), len(given))


def _at_first(
    graph: Graph, stored: Storage, batch: int, itemsize: int
) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """Return what the caller holds throughout, its bytes by storage, and what else is there before
    any node, its birth and bytes: of a part of a network what arrives at it.
    """
    begins = graph.begins
    if begins is None:
        indices = [one.index for one in graph.inputs]
        main = [i for i in indices if i < 0 or not graph.nodes[i].aux]
        return {i: stored.size(graph, i, batch, itemsize) for i in main}, {}
    if begins.evaluation.given:
        return {}, {}
    return {}, {INPUT: (0, begins.evaluation.bytes)}


def peak_of(walk: MemoryWalk, weight_bytes: int, among: Container[int] | None = None) -> Peak:
    """Return where a walk through inference has the most memory; `among`: of these nodes alone."""
    # the inputs, before any node
    best, place = (walk.input_bytes, None) if among is None else (0, None)
    for moment, (node, live, inside) in enumerate(walk.moments):
        if live + inside > best and (among is None or node in among):
            best, place = live + inside, moment
    if place is None:
        given = walk.spans[: walk.inputs]
        only = [] if among is not None else [(span.storage, span.bytes) for span in given]
        return Peak(INPUT, best + weight_bytes, tuple(only))
    at = walk.moments[place]
    alive = [(span.storage, span.bytes) for span in walk.alive(place)]
    named = alive if len(alive) <= MOST_ALIVE else []
    return Peak(at.node, best + weight_bytes, tuple(named), at.inside)


def peak_inference(
    graph: Graph,
    weight_bytes: int,
    batch: int,
    itemsize: int,
    among: Container[int] | None = None,
    stored: Storage | None = None,
) -> Peak:
    """Return where inference needs the most memory: weights, and what is alive.

    `among`: only while one of these nodes runs. `stored`: as `inference_walk` has it.
    """
    return peak_of(inference_walk(graph, batch, itemsize, stored), weight_bytes, among)


class Retained(NamedTuple):
    """Memory that autograd keeps because of a node: a `storage`, or (None) what is made for it."""

    node: int
    storage: int | None
    bytes: int


def kept_for_backward(
    graph: Graph, stored: Storage, batch: int, itemsize: int
) -> tuple[list[Retained], list[int]]:
    """Return what autograd keeps, and the nodes of which that is unknown.

    A storage kept twice is there once, because of the first node. What needs no gradient keeps
    nothing: an op without weights, or with frozen ones, on the bare input. Weights are not
    counted. What a node of which it is unknown may share with a later one is kept because of that.
    """
    kept = graph.begins is not None and graph.begins.kept
    known = {INPUT} if kept else set()
    found: list[Retained] = []
    for each in kept_by_each(graph, stored, batch, itemsize):
        if each.storage is None or each.storage not in known:
            found.append(each)
        if each.storage is not None:
            known.add(each.storage)
    trained = (i for i, layout in enumerate(stored.layout) if layout.trains)
    return found, [i for i in trained if graph.nodes[i].facts.saved is None]


def kept_by_each(graph: Graph, stored: Storage, batch: int, itemsize: int) -> Iterator[Retained]:
    """Yield what each node makes autograd keep: a storage as often as nodes do."""
    arrives = input_layout(graph, batch, training=True)
    for i, node in enumerate(graph.nodes):
        if not stored.layout[i].trains:
            continue
        layouts = tuple(stored.layout[s] if s >= 0 else arrives for s in node.inputs)
        for item in node.facts.saved or ():
            if not wanted(item, node.op, layouts, node.trained):
                continue
            if item.what == "own":
                samples = [layouts[n].shape[0] for n in item.samples_of]
                size = item.own_bytes(max(samples, default=stored.samples[i]), itemsize)
                yield Retained(i, None, size)
            elif copied := copied_elements(item, node.op, layouts, itemsize):
                yield Retained(i, None, copied * max(itemsize, item.at_least))
            else:
                tensor = node.inputs[item.number] if item.what == "input" else i
                storage = stored.owner[tensor] if tensor >= 0 else INPUT
                if storage != WEIGHT:
                    size = stored.bytes(graph, storage, batch, itemsize, training=True)
                    yield Retained(i, storage, size)


def saved_for_backward(graph: Graph, batch: int, itemsize: int) -> list[int | None]:
    """Return the bytes that autograd keeps because of each node, auxiliary heads included.

    None where what a node keeps is unknown.
    """
    stored = storages(graph, batch, training=True)
    return by_node(graph, *kept_for_backward(graph, stored, batch, itemsize))


def by_node(graph: Graph, found: list[Retained], unknown: list[int]) -> list[int | None]:
    """Return the bytes of what is kept by node, None where that is unknown."""
    result: list[int | None] = [0] * len(graph.nodes)
    for kept in found:
        result[kept.node] = (result[kept.node] or 0) + kept.bytes
    for i in unknown:
        result[i] = None
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
