"""Which layer is which: renames, insertions, widenings; every layer once, in order; and no
square of the length.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archprof
from archprof.commands.diff.matching import (
    LEAST,
    LayerTraits,
    _Matching,
    _rising,
    _traits,
    _walked,
    match,
    resemblance,
)
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.ops.activation import Relu
from archprof.ops.convolution import Conv2d
from archprof.ops.merge import Add
from tests.small import small_networks, whatever


def net(*layers: str, size: str = "4x8x8") -> Graph:
    graph = expand(
        next(
            networks(
                load_text(
                    "\n".join(
                        [
                            "name: net",
                            f"input: {size}",
                            "layers:",
                            *(f"  {layer}" for layer in layers),
                        ]
                    )
                    + "\n"
                )
            )
        )
    )
    assert not graph.problems, graph.problems[0]
    return graph


def names(old: Graph, new: Graph) -> list[tuple[str | None, str | None]]:
    """The pairs that are not of the same path."""
    found = [
        (None if i is None else old.nodes[i].path, None if j is None else new.nodes[j].path)
        for i, j in match(old, new)
    ]
    return [(a, b) for a, b in found if a != b]


STACK = (
    "stem: {op: conv2d, out: 8, kernel: 3, padding: 1}",
    "bn: {op: batch_norm2d}",
    "act: {op: relu}",
    "head: {op: conv2d, out: 4, kernel: 1}",
)


def test_a_network_is_itself() -> None:
    graph = archprof.load("resnet50").graph
    assert match(graph, graph) == [(i, i) for i in range(len(graph.nodes))]


def test_a_rename_is_the_same_layer() -> None:
    renamed = ["conv1" + STACK[0].removeprefix("stem"), *STACK[1:]]
    assert names(net(*STACK), net(*renamed)) == [("stem", "conv1")]


def test_a_rename_and_another_width_at_once() -> None:
    widened = ["conv1: {op: conv2d, out: 16, kernel: 3, padding: 1}", *STACK[1:]]
    assert names(net(*STACK), net(*widened)) == [("stem", "conv1")]


def test_all_moved_into_a_block() -> None:
    """Every path changes, no layer does."""
    inside = net(
        "trunk:",
        *(f"  {line}" for line in ("layers:", *(f"  {layer}" for layer in STACK[:3]))),
        STACK[3],
    )
    assert names(net(*STACK), inside) == [
        ("stem", "trunk.stem"),
        ("bn", "trunk.bn"),
        ("act", "trunk.act"),
    ]


def test_an_inserted_layer() -> None:
    assert names(net(*STACK), net(*STACK[:3], "drop: {op: dropout}", STACK[3])) == [(None, "drop")]
    assert names(net(*STACK[:3], "drop: {op: dropout}", STACK[3]), net(*STACK)) == [("drop", None)]


def test_a_layer_gone_from_the_front_comes_first_and_one_from_the_back_last() -> None:
    stem, bn, act, head = STACK
    front, back = "act0: {op: sigmoid}", "act9: {op: sigmoid}"
    assert match(net(front, stem, bn, act, head), net(*STACK)) == [
        (0, None),
        (1, 0),
        (2, 1),
        (3, 2),
        (4, 3),
    ]
    assert match(net(stem, bn, act, head, back), net(*STACK)) == [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (4, None),
    ]
    assert match(net(*STACK), net(front, stem, bn, act, head, back)) == [
        (None, 0),
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 4),
        (None, 5),
    ]


def test_another_op_under_the_same_name_is_the_same_layer() -> None:
    assert names(net(*STACK), net(*STACK[:2], "act: {op: gelu}", STACK[3])) == []


def test_another_op_under_another_name_is_another_layer() -> None:
    assert names(net(*STACK), net(*STACK[:2], "smooth: {op: gelu}", STACK[3])) == [
        ("act", None),
        (None, "smooth"),
    ]


def test_numbers_that_shift() -> None:
    """In a list the place is the name: one layer more at the front renames all that follow."""
    layers = ["- {op: conv2d, out: 8, kernel: 3, padding: 1}", "- {op: relu}"] * 3
    first = "- {op: conv2d, out: 8, kernel: 1}"
    assert names(net(*layers), net(first, *layers)) == [
        (None, "0"),
        *((str(i), str(i + 1)) for i in range(6)),
    ]


def test_two_that_change_places_stay_themselves() -> None:
    """No order has both in place; the path says who they are."""
    swapped = (STACK[0], "act: {op: relu}", "bn: {op: batch_norm2d}", STACK[3])
    old, new = net(*STACK), net(*swapped)
    assert sorted(match(old, new), key=str) == sorted([(0, 0), (2, 1), (1, 2), (3, 3)], key=str)


def counts(old: str, new: str) -> tuple[int, int, int]:
    """Matched, only old, only new."""
    pairs = match(archprof.load(old).graph, archprof.load(new).graph)
    return (
        sum(None not in pair for pair in pairs),
        sum(j is None for _, j in pairs),
        sum(i is None for i, _ in pairs),
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("resnet50", "resnet101", (175, 0, 170)),  # 17 bottlenecks of 10 layers more in layer3
        ("resnet101", "resnet50", (175, 170, 0)),
        ("resnet18", "resnet34", (69, 0, 56)),  # 1 + 2 + 4 + 1 basic blocks of 7 layers
        ("vgg16", "vgg19", (40, 0, 6)),  # three convolutions and their relus, in a numbered list
        ("vgg16", "vgg16_bn", (40, 0, 13)),  # a batch norm after each of 13 convolutions
        ("resnet50", "wide_resnet50_2", (175, 0, 0)),
        ("convnext_tiny", "convnext_base", (192, 0, 180)),  # 18 blocks of 10 layers, all wider
        # two local response norms and two pools gone; 59 batch norms and two pools new
        ("googlenet", "googlenet_bn", (154, 4, 61)),
    ],
)
def test_families(old: str, new: str, expected: tuple[int, int, int]) -> None:
    assert counts(old, new) == expected


def test_twice_the_width_in_a_list() -> None:
    """The second stage was as wide as the first is now; the first has not gone for all that."""

    def stages(*widths: int) -> Graph:
        return net(
            *(
                layer
                for width in widths
                for layer in (
                    *[f"- {{op: conv2d, out: {width}, kernel: 3, padding: 1}}", "- {op: relu}"] * 3,
                    "- {op: max_pool2d, kernel: 2}",
                )
            ),
            size="3x64x64",
        )

    old, new = stages(64, 128, 256, 512), stages(128, 256, 512, 1024)
    assert match(old, new) == [(i, i) for i in range(28)]


def test_what_is_inserted_in_a_list_is_what_is_new() -> None:
    old, new = archprof.load("vgg16").graph, archprof.load("vgg16_bn").graph
    assert {new.nodes[j].kind for i, j in match(old, new) if i is None and j is not None} == {
        "batch_norm2d"
    }


@given(small_networks(), small_networks())
@settings(max_examples=60)
def test_every_layer_once_and_in_order(
    first: tuple[dict[str, str], tuple[int, ...], str],
    second: tuple[dict[str, str], tuple[int, ...], str],
) -> None:
    old, new = whatever(*first), whatever(*second)
    pairs = match(old, new)
    assert sorted(i for i, _ in pairs if i is not None) == list(range(len(old.nodes)))
    assert [j for _, j in pairs if j is not None] == list(range(len(new.nodes)))
    moved = {
        (i, j)
        for i, j in pairs
        if i is not None and j is not None and old.nodes[i].path == new.nodes[j].path
    }
    kept = [i for i, j in pairs if i is not None and j is not None and (i, j) not in moved]
    assert kept == sorted(kept)  # what has another path has kept the order
    assert match(old, old) == [(i, i) for i in range(len(old.nodes))]


@given(st.lists(st.integers(0, 9), max_size=9))
def test_rising_pairs_are_as_many_as_can_be(seconds: list[int]) -> None:
    """Against every selection."""
    pairs = list(enumerate(seconds))
    found = _rising(pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    longest = [1] * len(seconds)
    for i, value in enumerate(seconds):
        longest[i] = 1 + max((longest[k] for k in range(i) if seconds[k] < value), default=0)
    assert len(found) == max(longest, default=0)


def test_the_way_back_through_an_alignment() -> None:
    """Each row has steps for a band of columns: 0 to the left, 1 up, 2 both, a pair.

    Left of a band it goes up, right of it to the left.
    """
    left, up, both = range(3)
    rows = [
        (0, bytearray([both, up, up])),
        (0, bytearray([left, both, left])),
        (0, bytearray([left, left, up])),
    ]
    # up from (2, 2), left from (1, 2), pairs at (1, 1) and (0, 0)
    assert _walked(rows, 3, 10, 20) == [(10, 20), (11, 21)]
    # left to the band's edge, then up past it
    assert _walked([(0, bytearray([left, both])), (2, bytearray([left, both]))], 3, 0, 0) == [
        (0, 1)
    ]
    # no row is left for the first column
    assert _walked([(0, bytearray([both, both]))], 2, 0, 0) == [(0, 1)]
    assert _walked([(0, bytearray([both]))], 3, 0, 0) == [(0, 0)]  # left to the band


@pytest.mark.parametrize("front", [True, False])
def test_a_window_too_large_is_split_at_layers_that_are_alike(
    monkeypatch: pytest.MonkeyPatch, front: bool
) -> None:
    """Beyond the diagonal: sixteen layers more before, or behind, ten that have stayed; at both
    ends another kernel.
    """
    stayed = [
        f"k{i}: {{op: conv2d, out: 4, kernel: 1, bias: {'true' if i % 2 else 'false'}}}"
        for i in range(10)
    ]
    more = [f"m{i}: {{op: conv2d, out: 4, kernel: 1}}" for i in range(16)]
    first, last = (
        f"{name}: {{op: conv2d, out: 4, kernel: %d, padding: %d}}" for name in ("first", "last")
    )
    old = net(first % (3, 1), *stayed, last % (3, 1))
    new = net(first % (5, 2), *(more + stayed if front else stayed + more), last % (5, 2))
    monkeypatch.setattr("archprof.commands.diff.matching.MAX_CELLS", 10)
    assert names(old, new) == [(None, f"m{i}") for i in range(16)]
    found, before = _Matching(old, new), 16 if front else 0
    kept = [(i, i + before) for i in range(1, 11)]
    assert found.window(0, 12, 0, 28) == [(0, 0), *kept, (11, 27)]
    # the last one's twin lies outside
    assert found.window(1, 11, 1 + before, 10 + before) == kept[:-1]
    assert found.window(1, 11, 2 + before, 11 + before) == kept[1:]  # and the first one's


def repeated(times: int, width: int = 4, kernel: int = 3) -> str:
    return (
        f"- {{repeat: {times}, flat: true, layers: [{{op: conv2d, out: {width}, kernel: {kernel},"
        f" padding: {kernel // 2}}}, {{op: batch_norm2d}}, {{op: relu}}]}}"
    )


LARGE = 3333  # of three layers each


@pytest.mark.parametrize(
    ("layers", "matched"),
    [
        (["- {op: conv2d, out: 4, kernel: 1}", repeated(LARGE)], 3 * LARGE),
        ([repeated(LARGE // 2), repeated(50, kernel=5), repeated(LARGE - LARGE // 2)], 3 * LARGE),
        ([repeated(LARGE, width=8)], 3 * LARGE),
        ([repeated(LARGE // 10)], 3 * (LARGE // 10)),
        ([f"- {{repeat: {3 * LARGE}, flat: true, layers: [{{op: linear, out: 4}}]}}"], 0),
    ],
    ids=["first", "middle", "wider", "shorter", "other"],
)
def test_ten_thousand_layers(layers: list[str], matched: int) -> None:
    """A bound on the work, with room: the square of 10,000 layers would take half a minute and
    more.
    """
    old, new = net(repeated(LARGE)), net(*layers)
    start = time.process_time()
    pairs = match(old, new)
    assert time.process_time() - start < 5
    assert sum(None not in pair for pair in pairs) == matched


# --- the best alignment ---


class Given(_Matching):
    """Layers with these points in common, old ones downwards; it keeps the bands it asks for."""

    def __init__(self, points: list[list[int]]):
        self.given = points
        width = len(points[0])
        self.traits = [*range(len(points))], [*range(100, 100 + width)]
        self.twins = [-1] * len(points)
        self.bands: list[tuple[int, int]] = []

    def line(self, i: int, columns: Sequence[int], left: int, low: int, high: int) -> list[int]:
        assert columns[low:high] == self.traits[1][left + low : left + high]
        self.bands.append((low, high))
        return self.given[i][left + low : left + high]

    def most(self, top: int, bottom: int, left: int) -> int:
        """The points of the best alignment within the bands, by trying every way."""

        @cache
        def best(i: int, j: int) -> int:
            if i == bottom:
                return 0
            low, high = self.bands[i - top]
            found = best(i + 1, j)
            for other in range(max(j, left + low), left + high):
                found = max(found, self.given[i][other] + best(i + 1, other + 1))
            return found

        return best(top, left)


def points_of(old: int, new: int) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(st.integers(0, 4), min_size=new, max_size=new)
    return st.lists(row, min_size=old, max_size=old)


@given(st.data(), st.integers(3, 7), st.integers(3, 7), st.sampled_from([1, 4, 9, 49]))
@settings(max_examples=150)
def test_no_alignment_within_the_bands_has_more_points(
    data: st.DataObject, old: int, new: int, cells: int
) -> None:
    given_points = data.draw(points_of(old, new))
    top, left = data.draw(st.integers(0, 1)), data.draw(st.integers(0, 1))
    bottom, right = old - data.draw(st.integers(0, 1)), new - data.draw(st.integers(0, 1))
    matching = Given(given_points)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archprof.commands.diff.matching.MAX_CELLS", cells)
        found = matching.aligned(top, bottom, left, right)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    assert all(top <= i < bottom and left <= j < right for i, j in found)
    points = [given_points[i][j] for i, j in found]
    assert 0 not in points
    assert sum(points) == matching.most(top, bottom, left)


@pytest.mark.parametrize(
    ("old", "new", "cells", "bands"),
    [
        (4, 4, 16, [(0, 4)] * 4),  # all of 16 pairs
        # one cell too many: 15 // (2*4) = 1 to each side, but 4 // 4 + 1 = 2 at least
        (4, 4, 15, [(0, 3), (0, 4), (0, 4), (1, 4)]),
        # 90 // (2*10) = 4 to each side of layers i to i + 1
        (10, 10, 90, [(max(0, i - 4), min(10, i + 5)) for i in range(10)]),
        # 12 // 6 = 2, but 8 // 3 + 1 = 3; the diagonal is at 0, 8 // 3 = 2, 16 // 3 = 5 and 8
        (3, 8, 12, [(0, 5), (0, 8), (2, 8)]),
        # 8 // 4 + 1 = 3; the diagonal is at 0, 2, 4, 6 and 8
        (4, 8, 16, [(0, 5), (0, 7), (1, 8), (3, 8)]),
        # 8 // 3 + 1 = 3 more than is there; 24 // 16 = 1, but 3 // 8 + 1 = 1
        (8, 3, 23, [(0, 1), (0, 1), (0, 2), (0, 2), (0, 2), (0, 3), (1, 3), (1, 3)]),
    ],
)
def test_bands_along_the_diagonal(
    monkeypatch: pytest.MonkeyPatch, old: int, new: int, cells: int, bands: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr("archprof.commands.diff.matching.MAX_CELLS", cells)
    matching = Given([[1] * new] * old)
    matching.aligned(0, old, 0, new)
    assert matching.bands == bands


@pytest.mark.parametrize(
    ("given_points", "expected"),
    [
        ([[1, 1]], [(0, 1)]),
        ([[1], [1]], [(1, 0)]),
        ([[0, 1], [1, 0]], [(0, 1)]),
        ([[0, 0], [0, 0]], []),
    ],
)
def test_of_equal_alignments_the_later_pair(
    given_points: list[list[int]], expected: list[tuple[int, int]]
) -> None:
    old, new = len(given_points), len(given_points[0])
    assert Given(given_points).aligned(0, old, 0, new) == expected
    assert Given(given_points).aligned(0, 0, 0, new) == []
    assert Given(given_points).aligned(0, old, 0, 0) == []


def test_ends_that_are_alike() -> None:
    """One of the two networks is the whole of the other's beginning, or its end, or neither."""
    stem, bn, act, head = STACK
    more = "more: {op: dropout}"
    assert _Matching(net(*STACK), net(*STACK)).ends() == (4, 0)
    assert _Matching(net(*STACK), net(*STACK, more)).ends() == (4, 0)
    assert _Matching(net(*STACK, more), net(*STACK)).ends() == (4, 0)
    assert _Matching(net(*STACK), net(more, *STACK)).ends() == (0, 3)
    assert _Matching(net(more, *STACK), net(*STACK)).ends() == (0, 3)
    assert _Matching(net(stem, bn, act, head), net(stem, bn, more, act, head)).ends() == (2, 1)
    assert _Matching(net(stem, bn, more, act, head), net(stem, bn, act, head)).ends() == (2, 1)
    assert _Matching(net(act), net(more)).ends() == (0, 0)


def test_what_distinguishes_a_layer() -> None:
    graph = net(
        "first: {op: relu}",
        "trunk: {repeat: 2, layers: [{op: conv2d, out: 4, kernel: 1}]}",
        "side: {layers: {act: {op: relu}}}",
        "sum: {op: add, from: [first, side]}",
    )
    image = (4, 8, 8)
    conv = Conv2d(out=4, kernel=1)
    assert [_traits(graph, node) for node in graph.nodes] == [
        LayerTraits(Relu(), (image,), image, ("input",), "first", "first"),
        LayerTraits(conv, (image,), image, ("relu",), "", "trunk"),
        LayerTraits(conv, (image,), image, ("conv2d",), "", "trunk"),
        LayerTraits(Relu(), (image,), image, ("conv2d",), "act", "side.act"),
        LayerTraits(Add(), (image, image), image, ("relu", "relu"), "sum", "sum"),
    ]


# --- points ---

IMAGE = ((4, 8, 8),)
FIRST = LayerTraits(
    Conv2d(out=8, kernel=3, padding=1), IMAGE, (8, 8, 8), ("input",), "conv", "stem.conv"
)
OTHER_NAME = FIRST._replace(name="first", place="trunk.first")
WIDER = OTHER_NAME._replace(op=Conv2d(out=16, kernel=3, padding=1), output=(16, 8, 8))


@pytest.mark.parametrize(
    ("other", "points"),
    [
        # 2 for the op, 6 for the same settings, 1 each for inputs and what is read, 2 for the
        # output; a
        # name is 3, its whole place 1 more
        (FIRST, 2 + 6 + 1 + 1 + 2 + 3 + 1),
        (FIRST._replace(place="trunk.conv"), 2 + 6 + 1 + 1 + 2 + 3),
        (OTHER_NAME, 2 + 6 + 1 + 1 + 2),
        (OTHER_NAME._replace(before=("relu",)), 2 + 6 + 1 + 2),
        (OTHER_NAME._replace(inputs=((5, 8, 8),)), 2 + 6 + 1 + 2),
        (OTHER_NAME._replace(output=(8, 4, 4)), 2 + 6 + 1 + 1),
        # of out, kernel and padding two agree: 4*2 // 3 = 2; height and width of the output: 1
        (WIDER, 2 + 2 + 1 + 1 + 1),  # the least that two names may have in common
        (WIDER._replace(before=("relu",)), 0),  # 6 would be less
        # under its own name it counts
        (WIDER._replace(name="conv", before=("relu",)), 2 + 2 + 1 + 1 + 3),
        # of four settings, three: 4*3 // 4; no size
        (
            WIDER._replace(op=Conv2d(out=8, kernel=3, padding=1, stride=2), output=(8, 4, 4)),
            2 + 3 + 1 + 1,
        ),
        (FIRST._replace(op=Relu()), 0),
    ],
)
def test_what_two_layers_have_in_common(other: LayerTraits, points: int) -> None:
    assert resemblance(FIRST, other) == points
    assert LEAST == 7


def test_vectors_have_no_size_in_common() -> None:
    """Of one axis nothing is left when the channels are taken away."""
    vector = FIRST._replace(op=Relu(), inputs=((4,),), output=(4,), name="", place="")
    longer = vector._replace(inputs=((5,),), output=(5,))
    assert resemblance(vector, vector) == 2 + 4 + 1 + 1 + 2  # without a setting to agree on, 4
    assert resemblance(vector, longer) == 2 + 4 + 1


@pytest.mark.parametrize(
    ("layer", "points"),
    [
        # 2 + 4 + 4 for what it does and where it reads, its name and place, a path without numbers
        ("act: {op: relu}", 10 + 4 + 4),
        # 2 for the op, no setting, 4 for inputs, before and output, 4 for name and place
        ("act: {op: relu, inplace: true}", 10 + 4),
        ("act: {op: gelu}", 3),  # another op under its path
    ],
)
def test_points_of_the_same_path(layer: str, points: int) -> None:
    old, new = net("act: {op: relu}"), net(layer)
    matching = _Matching(old, new)
    assert matching.line(0, matching.traits[1], 0, 0, 1) == [points]


@pytest.mark.parametrize(
    ("layer", "points"),
    [
        ("- {op: relu}", 10 + 2),  # a number is not a name, and shifts
        ("- {op: gelu}", 1),  # the same output
        ("- {op: conv2d, out: 2, kernel: 3}", 0),
        ("- {op: relu, inplace: true}", 7 + 2),  # 2 + 4 is less than the least, 7
    ],
)
def test_points_of_the_same_number(layer: str, points: int) -> None:
    old, new = net("- {op: relu}"), net(layer)
    matching = _Matching(old, new)
    assert matching.line(0, matching.traits[1], 0, 0, 1) == [points]
