"""Stochastic depth: what a training step's forward pass takes where dropped branches are not run.

Huang et al. 2016, Deep Networks with Stochastic Depth (arXiv 1603.09382), drop whole branches for a
mini-batch and do not run them. torchvision and timm run every branch and multiply samples by 0:
there every step takes what a step takes in which nothing is dropped, the worst case here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.ops.regularization import DropPath
from archprof.record import Record

ALWAYS = -1
"""In place of a drop path: nothing decides whether a layer is run."""


class Expected(NamedTuple):
    """A quantity of a step in which nothing is dropped, and its expected value over all steps."""

    worst: int
    expected: float


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
    branches = Branches(graph)
    if not branches.survival:
        return None
    costs = [node.facts.cost for node in graph.nodes]
    macs = [0 if cost is None else cost.macs * n for cost, n in zip(costs, samples, strict=True)]
    flops = [0 if cost is None else cost.flops * n for cost, n in zip(costs, samples, strict=True)]
    return StochasticDepth(
        Expected(len(branches.survival), math.fsum(branches.survival.values())),
        Expected(sum(macs), branches.expected(macs)),
        Expected(sum(flops), branches.expected(flops)),
        _saved(kept, branches),
    )


class Branches:
    """Which drop paths decide whether a node is run: those without which no path leads from it to
    an output. It is run where all of them keep their branch, independently of each other.

    What comes after a drop path, such as the sum with the shortcut, is run in any case. The drop
    paths are a tree: `above` has for each the next one that decides whether it is run itself,
    `decides` for each node the first one, ALWAYS for none.
    """

    def __init__(self, graph: Graph) -> None:
        self.survival: dict[int, float] = {}
        self.above: dict[int, int] = {}
        self.decides: list[int] = []
        self._depth = {ALWAYS: 0}
        self._chance = {ALWAYS: 1.0}
        self._find(graph)

    def _find(self, graph: Graph) -> None:
        """Go from the outputs backwards: a node is run where one of its readers is."""
        found: list[int | None] = [None] * len(graph.nodes)
        for output in (*graph.outputs, *graph.aux_outputs):
            if output >= 0:
                found[output] = ALWAYS
        for i in range(len(graph.nodes) - 1, -1, -1):
            node, first = graph.nodes[i], found[i]
            first = ALWAYS if first is None else first
            if isinstance(node.op, DropPath) and node.op.p:
                first = self._add(i, node.op.p, first)
            found[i] = first
            for source in node.inputs:
                if source >= 0:
                    before = found[source]
                    found[source] = first if before is None else self._shared(before, first)
        self.decides = [ALWAYS if first is None else first for first in found]

    def _add(self, node: int, rate: float, above: int) -> int:
        self.survival[node], self.above[node] = 1 - rate, above
        self._depth[node] = self._depth[above] + 1
        self._chance[node] = self.survival[node] * self._chance[above]
        return node

    def _shared(self, one: int, other: int) -> int:
        """Return the first drop path that decides on both."""
        while one != other:
            if self._depth[one] < self._depth[other]:
                one, other = other, one
            one = self.above[one]
        return one

    def deciding(self, node: int) -> Iterator[int]:
        """Yield the drop paths that decide whether a node is run."""
        first = self.decides[node]
        while first != ALWAYS:
            yield first
            first = self.above[first]

    def expected(self, values: Sequence[int]) -> float:
        """Return the expected sum of a value of each node that is run."""
        chances = (self._chance[first] for first in self.decides)
        return math.fsum(value * chance for value, chance in zip(values, chances, strict=True))

    def chance(self, nodes: Iterable[int]) -> float:
        """Return the probability that at least one of some nodes is run."""
        wanted = {self.decides[node] for node in nodes}
        if len(wanted) == 1:
            return self._chance[wanted.pop()]
        if ALWAYS in wanted:
            return 1.0
        return self._chance_of_any(wanted)

    def _chance_of_any(self, wanted: Set[int]) -> float:
        """Go through the tree from its leaves, which are earlier nodes, to the last drop paths."""
        tree: set[int] = set()
        for drop_path in wanted:
            while drop_path != ALWAYS and drop_path not in tree:
                tree.add(drop_path)
                drop_path = self.above[drop_path]
        none_below: dict[int, float] = {}  # by drop path the chance that nothing below it is run
        for drop_path in sorted(tree):
            some = 1.0 if drop_path in wanted else 1 - none_below[drop_path]
            above = self.above[drop_path]
            none = 1 - self.survival[drop_path] * some
            none_below[above] = none_below.get(above, 1.0) * none
        return 1 - none_below[ALWAYS]


def _saved(kept: Iterable[tuple[int, int | None, int]], branches: Branches) -> Expected:
    """Return what autograd keeps; what several nodes keep is there once, if one of them is run."""
    keepers: dict[tuple[int, int | None], list[int]] = {}
    sizes: dict[tuple[int, int | None], int] = {}
    for node, storage, size in kept:
        key = (node, None) if storage is None else (ALWAYS, storage)
        keepers.setdefault(key, []).append(node)
        sizes[key] = size + (sizes.get(key, 0) if storage is None else 0)
    expected = math.fsum(size * branches.chance(keepers[key]) for key, size in sizes.items())
    return Expected(sum(sizes.values()), expected)
