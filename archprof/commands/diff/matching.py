"""Match the layers of two networks: an alignment in order that survives renames and insertions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archprof.graph.graph import Graph, Node
from archprof.ops.base import Op, Shape

MAX_CELLS = 1_000_000
"""Pairs of layers that are compared in one window: all pairs of two networks of 1,000 layers."""

Pair = tuple[int | None, int | None]
"""Indices of a layer in the old and in the new network; None: only the other has it."""


ACROSS, UP, MATCHED = 0, 1, 2
"""Steps of an alignment: a new layer alone, an old layer alone, a pair."""


class LayerTraits(NamedTuple):
    """What distinguishes layers.

    `name` is the last part of a layer's path and `place` the whole path, both without numbers;
    `before` are the kinds of the layers it reads.
    """

    op: Op
    inputs: tuple[Shape, ...]
    output: Shape
    before: tuple[str, ...]
    name: str
    place: str


def match(old: Graph, new: Graph) -> list[Pair]:
    """Return every layer of both networks, in order, matched where they are the same layer.

    Of all alignments that keep the order it is the one whose pairs have the most in common: op,
    settings, shapes, what they read, path. Layers that are left over on both sides under the same
    path are matched too, whatever the order. Beyond MAX_CELLS the result is still an alignment, but
    perhaps not the best: the time grows with the layers, never with their square.
    """
    return _Matching(old, new).pairs()


class _Matching:
    """The alignment of two graphs: layers are compared by their traits, counted once each."""

    def __init__(self, old: Graph, new: Graph):
        self.nodes = old.nodes, new.nodes
        index: dict[LayerTraits, int] = {}
        self.traits = tuple(
            [index.setdefault(_traits(graph, node), len(index)) for node in graph.nodes]
            for graph in (old, new)
        )
        self.kinds = list(index)
        self.points: dict[tuple[int, int], int] = {}
        places = {node.path: j for j, node in enumerate(new.nodes)}
        self.twins = [places.get(node.path, -1) for node in old.nodes]

    def pairs(self) -> list[Pair]:
        first, last = self.ends()
        n, m = map(len, self.nodes)
        found = [(i, i) for i in range(first)]
        found += self.window(first, n - last, first, m - last)
        found += [(n - k, m - k) for k in range(last, 0, -1)]
        return list(self.merged(found + self.left_over(found)))

    def ends(self) -> tuple[int, int]:
        """Return how many layers are alike, path included, at the beginning and at the end.

        Matching these is never wrong.
        """
        n, m = map(len, self.nodes)
        first = 0
        while first < min(n, m) and self.alike(first, first):
            first += 1
        last = 0
        while last < min(n, m) - first and self.alike(n - 1 - last, m - 1 - last):
            last += 1
        return first, last

    def alike(self, i: int, j: int) -> bool:
        return self.twins[i] == j and self.traits[0][i] == self.traits[1][j]

    def window(self, top: int, bottom: int, left: int, right: int) -> list[tuple[int, int]]:
        """Return the pairs among old layers top…bottom and new layers left…right.

        A large window is split at layers that are alike.
        """
        if (bottom - top) * (right - left) <= MAX_CELLS:
            return self.aligned(top, bottom, left, right)
        twins = [
            (i, self.twins[i])
            for i in range(top, bottom)
            if left <= self.twins[i] < right and self.alike(i, self.twins[i])
        ]
        found: list[tuple[int, int]] = []
        for i, j in [*_rising(twins), (bottom, right)]:
            found += self.aligned(top, i, left, j)
            if i < bottom:
                found.append((i, j))
            top, left = i + 1, j + 1
        return found

    def aligned(self, top: int, bottom: int, left: int, right: int) -> list[tuple[int, int]]:
        """Return the best alignment of a window, by dynamic programming.

        It is done over all of the window or, where that is too much, a band along its diagonal.
        """
        n, m = bottom - top, right - left
        if not n or not m:
            return []
        half = m if n * m <= MAX_CELLS else max(MAX_CELLS // (2 * n), m // n + 1)
        columns = self.traits[1][left:right]
        # best[k]: the points of aligning the old layers so far with the first start + k new ones
        best, start = [0] * (m + 1), 0
        steps: list[tuple[int, bytearray]] = []
        for i in range(n):
            low, high = max(0, i * m // n - half), min(m, (i + 1) * m // n + half)
            line = self.line(top + i, columns, left, low, high)
            above = best[low - start : high - start + 1]
            above += [above[-1]] * (high - low + 1 - len(above))
            row, step = [above[0]], bytearray(high - low)
            beside = above[0]
            for k, points in enumerate(line):
                up, across = above[k + 1], above[k] + points
                if points and across >= up and across >= beside:
                    beside, step[k] = across, MATCHED
                elif up >= beside:
                    beside, step[k] = up, UP
                row.append(beside)
            best, start = row, low
            steps.append((low, step))
        return _walked(steps, m, top, left)

    def line(self, i: int, columns: Sequence[int], left: int, low: int, high: int) -> list[int]:
        """Return the points of old layer `i` with new layers low…high of the window."""
        traits = self.traits[0][i]
        known = self.points
        line = [
            known[traits, other] if (traits, other) in known else self.compare(traits, other)
            for other in columns[low:high]
        ]
        twin = self.twins[i] - left
        if low <= twin < high:
            line[twin - low] = self.with_path(i, twin + left, line[twin - low])
        return line

    def compare(self, traits: int, other: int) -> int:
        points = self.points[traits, other] = resemblance(self.kinds[traits], self.kinds[other])
        return points

    def with_path(self, i: int, j: int, points: int) -> int:
        """Return the points of two layers with the same path.

        A name is worth more than a number, which shifts when a layer is put in before it.
        """
        a, b = self.kinds[self.traits[0][i]], self.kinds[self.traits[1][j]]
        if type(a.op) is type(b.op):
            return max(points, LEAST) + (4 if a.place == self.nodes[0][i].path else 2)
        return 3 if a.name else int(a.output == b.output)

    def left_over(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return layers that have kept their path and kind but not their place in the order."""
        old, new = ({pair[side] for pair in found} for side in (0, 1))
        return [
            (i, j)
            for i, j in enumerate(self.twins)
            if j >= 0
            and i not in old
            and j not in new
            and self.nodes[0][i].kind == self.nodes[1][j].kind
        ]

    def merged(self, found: list[tuple[int, int]]) -> Iterator[Pair]:
        """Yield the pairs in the order of the new network.

        A layer that only the old network has comes after the one it followed.
        """
        partner = {j: i for i, j in found}
        gone = set(range(len(self.nodes[0]))) - set(partner.values())
        following = -1
        for j in range(-1, len(self.nodes[1])):
            if j >= 0:
                yield partner.get(j), j
                following = partner.get(j, following)
            while following + 1 in gone:
                following += 1
                gone.remove(following)
                yield following, None


LEAST = 7  # points below which layers of different names are different layers


def resemblance(a: LayerTraits, b: LayerTraits) -> int:
    """Return how much two layers have in common apart from their paths, 0 to 16.

    It is 0 where they are not the same layer.
    """
    if type(a.op) is not type(b.op):
        return 0
    points = 2 + _settings(a.op, b.op) + (a.inputs == b.inputs) + (a.before == b.before)
    if a.output == b.output:
        points += 2
    elif len(a.output) == len(b.output) > 1 and a.output[1:] == b.output[1:]:
        points += 1
    if a.name and a.name == b.name:
        return points + 3 + (a.place == b.place)
    return points if points >= LEAST else 0


def _settings(a: Op, b: Op) -> int:
    """Return the share of settings that agree, of those that either states; 6 where all do."""
    given = a.given(), b.given()
    stated = {**given[0], **given[1]}
    if a == b:
        return 6 if stated else 4
    agreed = [name for name in stated if _setting(a, given[0], name) == _setting(b, given[1], name)]
    return 4 * len(agreed) // (len(stated) or 1)


def _setting(op: Op, given: Mapping[str, Any], name: str) -> Any:
    """Return a setting, or its default; a captured operator has neither where none was captured."""
    return given[name] if name in given else getattr(op, name, None)


def _traits(graph: Graph, node: Node) -> LayerTraits:
    parts = [part for part in node.path.split(".") if not part.isdigit()]
    name = node.path.rpartition(".")[2]
    before = tuple(graph.nodes[i].kind if i >= 0 else "input" for i in node.inputs)
    return LayerTraits(
        node.op,
        node.facts.inputs,
        node.output,
        before,
        "" if name.isdigit() else name,
        ".".join(parts),
    )


def _walked(
    steps: Sequence[tuple[int, bytearray]], j: int, top: int, left: int
) -> list[tuple[int, int]]:
    """Return the pairs of an alignment in order, found on the way back through its steps."""
    found = []
    i = len(steps) - 1
    while i >= 0 and j > 0:
        low, step = steps[i]
        if low < j <= low + len(step):
            taken = step[j - 1 - low]
        elif j <= low:
            taken = UP
        else:
            taken = ACROSS
        if taken == MATCHED:
            found.append((top + i, left + j - 1))
        if taken in (UP, MATCHED):
            i -= 1
        if taken in (ACROSS, MATCHED):
            j -= 1
    return found[::-1]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most of these pairs, sorted by their first, whose second rises too.

    It is found by patience sorting.
    """
    tops: list[int] = []
    piles: list[int] = []
    behind: list[int] = []
    for k, (_, j) in enumerate(pairs):
        at = bisect_left(tops, j)
        behind.append(piles[at - 1] if at else -1)
        tops[at : at + 1], piles[at : at + 1] = [j], [k]
    found = []
    k = piles[-1] if piles else -1
    while k >= 0:
        found.append(pairs[k])
        k = behind[k]
    return found[::-1]
