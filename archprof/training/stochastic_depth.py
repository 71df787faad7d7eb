"""Stochastic depth: what a training step's forward pass takes where dropped branches are not run.

Huang et al. 2016, Deep Networks with Stochastic Depth (arXiv 1603.09382), drop whole branches for a
mini-batch and do not run them. torchvision and timm run every branch and multiply samples by 0:
there every step takes what a step takes in which nothing is dropped, the worst case here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.ops.regularization import DropPath
from archprof.record import Record

Condition = frozenset[frozenset[int]]
"""When a layer is run: where of one of these sets every drop path keeps its branch."""

ALWAYS: Condition = frozenset([frozenset()])

MOST_TERMS = 64  # sets of a condition, and drop paths of a set
MOST_CASES = 10_000  # of drop paths that are gone through for one probability


class TooTangled(Exception):
    """Which drop paths decide whether a layer is run takes too long to work out."""


class Expected(NamedTuple):
    """A quantity of a step in which nothing is dropped, and its expected value over all steps;
    None: branches are too tangled to say.
    """

    worst: int
    expected: float | None


class StochasticDepth(Record):
    """What a network with drop paths takes in the forward pass of a training step, auxiliary heads
    included.

    `branches`: how many may be dropped, and how many are run on average. The sums lack the layers
    of which a number is unknown.
    """

    branches: Expected
    macs: Expected
    flops: Expected
    saved_bytes: Expected


def stochastic_depth(
    graph: Graph, samples: Sequence[int], kept: Iterable[tuple[int, int | None, int]]
) -> StochasticDepth | None:
    """Return what is saved where dropped branches are not run, None for a network that drops none.

    `samples`: of each node how many it computes. `kept`: what autograd keeps where nothing is
    dropped, as a node, the storage that it keeps (None: memory of its own) and its bytes; a storage
    is there as often as nodes keep it.
    """
    survival = survivals(graph)
    if not survival:
        return None
    costs = [node.facts.cost for node in graph.nodes]
    macs = [0 if cost is None else cost.macs * n for cost, n in zip(costs, samples, strict=True)]
    flops = [0 if cost is None else cost.flops * n for cost, n in zip(costs, samples, strict=True)]
    tensors = _by_tensor(kept)
    worst = sum(macs), sum(flops), sum(size for _, size in tensors)
    average: tuple[float | None, ...] = (None, None, None)
    try:
        chances = Chances(graph, survival)
        alone = [float(chances.of([i])) for i in range(len(graph.nodes))]
        average = (
            math.fsum(value * chance for value, chance in zip(macs, alone, strict=True)),
            math.fsum(value * chance for value, chance in zip(flops, alone, strict=True)),
            math.fsum(size * chances.of(nodes) for nodes, size in tensors),
        )
    except TooTangled:
        pass
    branches = Expected(len(survival), float(sum(survival.values())))
    return StochasticDepth(branches, *map(Expected, worst, average))


def survivals(graph: Graph) -> dict[int, Fraction]:
    """Return the drop paths that may drop, each with the probability that it keeps its branch."""
    return {
        i: 1 - Fraction(node.op.p).limit_denominator(10**9)
        for i, node in enumerate(graph.nodes)
        if isinstance(node.op, DropPath) and node.op.p
    }


def conditions(graph: Graph) -> list[Condition]:
    """Return for each node when it is run: where a path leads from it to an output on which no drop
    path drops.

    What comes after a drop path, such as the sum with the shortcut, is run in any case. Raises
    TooTangled.
    """
    found: list[Condition | None] = [None] * len(graph.nodes)
    for output in (*graph.outputs, *graph.aux_outputs):
        if output >= 0:
            found[output] = ALWAYS
    made: list[Condition] = []
    for i in range(len(graph.nodes) - 1, -1, -1):
        node, condition = graph.nodes[i], found[i]
        if condition is None:  # nobody reads it, and torch runs it all the same
            condition = ALWAYS
        if isinstance(node.op, DropPath) and node.op.p:
            condition = _bounded(frozenset(term | {i} for term in condition))
        made.append(condition)
        for source in node.inputs:
            if source >= 0:
                found[source] = _either(found[source], condition)
    return made[::-1]


def _either(one: Condition | None, other: Condition) -> Condition:
    """Return when one of two conditions holds. Raises TooTangled."""
    if one is None or one is other:
        return other
    return _bounded(_smallest(one | other))


def _bounded(condition: Condition) -> Condition:
    """Return a condition that is no larger than what can be worked with. Raises TooTangled."""
    if len(condition) > MOST_TERMS or any(len(term) > MOST_TERMS for term in condition):
        raise TooTangled
    return condition


def _smallest(terms: Iterable[frozenset[int]]) -> Condition:
    """Return the sets that contain none of the others, without which the condition is the same."""
    distinct = frozenset(terms)
    return frozenset(one for one in distinct if not any(other < one for other in distinct))


class Chances:
    """How probable it is that nodes are run, where drop paths are independent of each other.

    Raises TooTangled.
    """

    def __init__(self, graph: Graph, survival: Mapping[int, Fraction]) -> None:
        self.survival = survival
        self.conditions = conditions(graph)
        self._known: dict[Condition, Fraction] = {}
        self._cases = 0

    def of(self, nodes: Iterable[int]) -> Fraction:
        """Return the probability that at least one of some nodes is run."""
        joined: Condition | None = None
        for node in nodes:
            joined = _either(joined, self.conditions[node])
        self._cases = 0
        return self._chance(ALWAYS if joined is None else joined)

    def _chance(self, condition: Condition) -> Fraction:
        """Go through the cases of the drop path that is in most sets: kept, or dropped."""
        if frozenset() in condition:
            return Fraction(1)
        if not condition:
            return Fraction(0)
        if condition not in self._known:
            self._cases += 1
            if self._cases > MOST_CASES:
                raise TooTangled
            self._known[condition] = self._by_cases(condition)
        return self._known[condition]

    def _by_cases(self, condition: Condition) -> Fraction:
        counts: dict[int, int] = {}
        for term in condition:
            for i in term:
                counts[i] = counts.get(i, 0) + 1
        first = max(counts, key=lambda i: (counts[i], i))
        kept = _smallest(term - {first} for term in condition)
        dropped = frozenset(term for term in condition if first not in term)
        chance = self.survival[first]
        return chance * self._chance(kept) + (1 - chance) * self._chance(dropped)


def _by_tensor(
    kept: Iterable[tuple[int, int | None, int]],
) -> list[tuple[list[int], int]]:
    """Return what autograd keeps, each tensor once: the nodes because of which, and its bytes."""
    own: list[tuple[list[int], int]] = []
    shared: dict[int, tuple[list[int], int]] = {}
    for node, storage, size in kept:
        if storage is None:
            own.append(([node], size))
        else:
            shared.setdefault(storage, ([], size))[0].append(node)
    return [*own, *shared.values()]
