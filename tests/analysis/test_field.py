"""What units see along one axis: against the definition worked out unit by unit and torch, and
by hand.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from archprof.analysis.branches import union
from archprof.analysis.field import Field, through, trimmed
from archprof.analysis.receptive import sights
from archprof.ops.base import Shape
from archprof.ops.reading import Taps
from tests.fields import differences, network
from tests.small import graph_of

MAX_PERIOD = 10_000  # units that are told apart


@pytest.mark.parametrize("tens", range(30))
def test_networks_at_random(tens: int) -> None:
    """Three hundred of those that `python -m tests.fields` makes."""
    with torch.no_grad():
        for seed in range(10 * tens, 10 * tens + 10):
            made = network(seed)
            assert list(differences(made)) == [], (seed, made.layers)


def test_the_random_networks_hold_every_case() -> None:
    """Fields that do not repeat, edges that see less, padding, sums: none is missing by an
    accident of the seeds.
    """
    with torch.no_grad():
        made = [network(seed) for seed in range(100)]
    fields = []
    for n in made:
        seen = sights(graph_of(n.layers, n.size, f"[{', '.join(n.layers)}]")) if n.layers else []
        fields += [axis for sight in seen if isinstance(axis := sight.axes[n.axis], Field)]
    assert sum(not field.repeats for field in fields) > 10
    assert sum(bool(field.head or field.tail) for field in fields) > 10
    assert sum(field.start < 0 for field in fields) > 10
    assert {text.split(",")[0] for n in made for text in n.layers.values()} == {
        f"op: {op}"
        for op in (
            "conv2d",
            "max_pool2d",
            "adaptive_avg_pool2d",
            "interpolate",
            "conv_transpose2d",
            "pad",
            "slice",
            "add",
        )
    }


def height(layers: dict[str, str], size: Shape) -> Field:
    axis = sights(graph_of(layers, size))[-1].axes[0]
    assert isinstance(axis, Field)
    return axis


def test_windows_that_overlap_are_one_pixel_apart() -> None:
    """8 pixels in 7 windows [i, i + 1]: three of them span 4, one pixel further each time; no
    unit has the step from 7 to the next 8 pixels.
    """
    pool = {"pool": "op: adaptive_avg_pool2d, size: 7"}
    for layers, size in ((pool, 2), (pool | {"conv": "op: conv2d, out: 1, kernel: 3"}, 4)):
        field = height(layers, (1, 8, 8))
        assert (field.size, field.jump, field.start) == (size, Fraction(1), 0)
    padded = height(pool | {"conv": "op: conv2d, out: 1, kernel: 3, padding: 1"}, (1, 8, 8))
    # padding lies one pixel before, as the windows do
    assert (padded.size, padded.start) == (4, -1)


@pytest.mark.parametrize(
    ("units", "known"), [(MAX_PERIOD - 1, True), (MAX_PERIOD, True), (MAX_PERIOD + 1, False)]
)
def test_more_edge_than_is_looked_at_is_unknown(units: int, known: bool) -> None:
    """A window of three units and no padding, over a field whose first units all see something
    else than the pattern: as many edges as units.
    """
    edged = Field(units + 2, ((0, 0),), head=((0, 1),) * (units + 2))
    found = through(edged, Taps(0, ((0, 2),), 1), units)
    assert isinstance(found, Field) is known
    half = units // 2 + 1
    edged = Field(units + 2, ((0, 0),), head=((0, 1),) * half, tail=((0, 1),) * (units + 2 - half))
    assert isinstance(through(edged, Taps(0, ((0, 2),), 1), units), Field) is known


def test_as_many_phases_as_are_looked_at() -> None:
    """Two units, each copied so many times: they see what it sees."""
    found = through(Field(2), Taps(0, ((0, 0),) * MAX_PERIOD, 1), 2 * MAX_PERIOD)
    assert isinstance(found, Field)
    assert [found.of(unit) for unit in (0, MAX_PERIOD - 1, MAX_PERIOD, 2 * MAX_PERIOD - 1)] == [
        (0, 0),
        (0, 0),
        (1, 1),
        (1, 1),
    ]


# its first and its last unit see two pixels
ENDED = Field(6, ((0, 0),), head=((0, 1),), tail=((4, 5),))


@pytest.mark.parametrize(
    ("field", "window", "units", "work"),
    [
        # windows of up to so many units, 1 more for the first, over three phases, which come round
        # after three units
        (Field(9, ((0, 0), (1, 1), (5, 5)), 6), Taps(0, ((0, 3),), 1), 6, 3 * 5),
        (Field(9, ((0, 0), (1, 1), (5, 5)), 6), Taps(0, ((0, 4),), 1), 5, 3 * 6),
        # two turns of the phases tell what a wider one sees
        (Field(9, ((0, 0), (1, 1), (5, 5)), 6), Taps(0, ((0, 8),), 1), 1, 3 * 6),
        # a stride of three phases
        (Field(9, ((0, 0), (1, 1), (5, 5)), 6), Taps(0, ((0, 3),), 3), 2, 1 * 5),
        # the longest of two windows
        (Field(9, ((0, 0), (1, 1), (5, 5)), 6), Taps(0, ((0, 3), (0, 1)), 3), 4, 2 * 5),
        # one unit far from the edges, of which the windows' first and last unit tell; each at an
        # edge
        # whole
        # the first window alone begins in the head
        (Field(6, ((0, 0),), head=((0, 1),)), Taps(0, ((0, 2),), 1), 4, 1 * 2 + 1 * 4),
        (ENDED, Taps(0, ((0, 2),), 1), 4, 1 * 2 + 2 * 4),
        # those around units -1, 0, and 5, 6
        (ENDED, Taps(0, ((-1, 1),), 1, padding=1), 6, 1 * 2 + 4 * 4),
    ],
)
def test_how_much_is_looked_at(field: Field, window: Taps, units: int, work: int) -> None:
    assert isinstance(through(field, window, units, work), Field)
    assert through(field, window, units, work - 1) == "unknown"


def test_what_comes_round_late_is_told_unit_by_unit() -> None:
    """101 pixels that are called 101 phases, each unit copied 100 times: 10,100 units until both
    come round, of which there are 250.
    """
    found = through(
        Field(300, tuple((i, i) for i in range(101)), 101), Taps(0, ((0, 0),) * 100, 1), 250
    )
    assert isinstance(found, Field)
    assert [found.of(unit) for unit in range(250)] == [
        (unit // 100, unit // 100) for unit in range(250)
    ]


def test_a_stride_comes_round_with_the_phases() -> None:
    """Every 100th of 200 phases: two units, however many there are."""
    found = through(
        Field(100 * MAX_PERIOD + 101, tuple((i, i) for i in range(200)), 200),
        Taps(0, ((0, 0),), 100),
        MAX_PERIOD + 1,
    )
    assert found == Field(MAX_PERIOD + 1, ((0, 0),), 100)


def test_a_union_has_the_longest_edges_of_its_branches() -> None:
    """One branch sees a unit's own pixel, the other at both ends two units more."""
    plain, edged = (
        Field(6, ((0, 0),), 1),
        Field(6, ((0, 0),), 1, head=((0, 2), (1, 3)), tail=((2, 4), (3, 5))),
    )
    for axes in ((plain, edged), (edged, plain)):
        joined = union(axes)
        assert isinstance(joined, Field)
        assert [joined.of(unit) for unit in range(6)] == [
            (0, 2),
            (1, 3),
            (2, 2),
            (3, 3),
            (2, 4),
            (3, 5),
        ]


def test_a_pattern_that_is_not_seen_to_repeat_has_the_mean_jump() -> None:
    """7 pixels in 5 windows: floor(7i/5) … ceil(7(i + 1)/5) - 1 begin at 0, 1, 2, 4, 5."""
    field = height({"pool": "op: adaptive_avg_pool2d, size: 5"}, (1, 7, 7))
    assert [field.of(unit) for unit in range(5)] == [(0, 1), (1, 2), (2, 4), (4, 5), (5, 6)]
    assert (field.size, field.jump, field.repeats) == (3, Fraction(5, 4), False)


def test_units_of_one_pixel_do_not_move() -> None:
    """21 pixels, 4x4 by 2 dilated by 2: 7, then by 3: 7 + 3*2*2 = 19, one unit; its three copies
    see the same 19.
    """
    layers = {
        "a": "op: conv2d, out: 1, kernel: 4, stride: 2, dilation: 2",
        "b": "op: conv2d, out: 1, kernel: 4, stride: 3, dilation: 2",
        "up": "op: interpolate, factor: 3",
        "c": "op: conv2d, out: 1, kernel: 2",
    }
    field = height(layers, (1, 21, 21))
    assert (field.units, field.size, field.jump, field.start) == (2, 19, Fraction(0), 0)


def test_the_first_unit_of_an_upsampling_is_of_its_first_phase() -> None:
    """Phases of a transposed 3x3 by 2 from a 3x3 padded by 1: unit 0 reads input 0 alone, from
    pixel -1; unit 2 the inputs 0 and 1.
    """
    stem = {"a": "op: conv2d, out: 1, kernel: 3, padding: 1"}
    field = height(stem | {"up": "op: conv_transpose2d, out: 1, kernel: 3, stride: 2"}, (1, 9, 9))
    assert [field.of(unit) for unit in range(4)] == [(-1, 1), (-1, 1), (-1, 2), (0, 2)]
    assert field.start == -1
    slid = height(
        stem | {"up": "op: interpolate, factor: 3", "crop": "op: slice, dim: 1, start: 2"},
        (1, 9, 9),
    )
    assert [slid.of(unit) for unit in range(5)] == [(-1, 1), (0, 2), (0, 2), (0, 2), (1, 3)]
    assert slid.start == -1  # the last phase alone begins there


def test_an_edge_has_nothing_beyond_it() -> None:
    """Bilinear: the first unit lies before the middle of the first pixel and takes that pixel
    alone. Transposed: one input is all there is.
    """
    field = height({"up": "op: interpolate, factor: 2, mode: bilinear"}, (1, 3, 3))
    assert [field.of(unit) for unit in range(6)] == [(0, 0), (0, 1), (0, 1), (1, 2), (1, 2), (2, 2)]
    assert height({"up": "op: interpolate, factor: 2, mode: bilinear"}, (1, 1, 1)).size == 1
    assert height({"up": "op: conv_transpose2d, out: 1, kernel: 3, stride: 2"}, (1, 1, 1)).size == 1
    # 4 would be behind the edge
    assert height({"pool": "op: max_pool2d, kernel: 3, stride: 2, ceil_mode: true"}, (1, 4, 4)).of(
        1
    ) == (2, 3)


def test_edges_like_the_pattern_are_not_kept() -> None:
    """Unit q of ten sees 2q to 2q + 2: the third and fourth do, and the last but two."""
    field = Field(10, ((0, 2),), 2)
    found = trimmed(
        field,
        head=((0, 1), (3, 4), (4, 6), (6, 8)),
        tail=((14, 16), (16, 17), (18, 20)),
    )
    assert found.head == ((0, 1), (3, 4))
    assert found.tail == ((16, 17), (18, 20))
    whole = trimmed(field, head=((0, 2), (2, 4)), tail=((16, 18), (18, 20)))
    assert whole == field
    assert trimmed(field, head=((0, 2), (3, 4)), tail=()).head == ((0, 2), (3, 4))


def test_a_wide_window_takes_no_time() -> None:
    found = height({"x": "op: conv2d, out: 1, kernel: 2000000001, padding: 1000000000"}, (1, 1, 1))
    assert (found.size, found.jump, found.start) == (2_000_000_001, Fraction(1), -1_000_000_000)
    # unit o reads floor((o - 10^9)/3) … floor((o + 10^9)/3): for 0 these are -333,333,334 …
    # 333,333,333
    assert (
        height(
            {
                "up": "op: interpolate, factor: 3",
                "x": "op: conv2d, out: 1, kernel: 2000000001, padding: 1000000000",
            },
            (1, 9, 9),
        ).size
        == 666_666_668
    )


@pytest.mark.parametrize(
    "layer",
    [
        "op: conv_transpose2d, out: 1, kernel: [2, 1], stride: [2000000000, 1]",
        f"op: interpolate, factor: [{MAX_PERIOD + 1}, 1]",
        "op: conv_transpose2d, out: 1, kernel: [2000000000, 1]",
    ],
)
def test_too_many_units_to_tell_apart_are_not_known(layer: str) -> None:
    assert sights(graph_of({"x": layer}, (1, 2, 2)))[0].axes[0] == "unknown"


def test_a_huge_stride_of_one_unit_is_not_followed() -> None:
    assert sights(
        graph_of({"x": "op: conv_transpose2d, out: 1, kernel: 1, stride: 2000000000"}, (1, 1, 1))
    )[0].axes == ("unknown", "unknown")


def test_branches_of_different_jumps_are_joined_unit_by_unit() -> None:
    """[0, 1], [1, 2], … of 8 pixels, one apart, with pixels two apart, 0, 2, 4, 6 of the first
    four units.
    """
    layers = {
        "pool": "op: adaptive_avg_pool2d, size: 7",
        "crop": "op: slice, dim: 1, stop: 4",
        "crops": "op: slice, dim: 2, stop: 4",
        "even": "op: slice, dim: 1, step: 2, from: input",
        "evens": "op: slice, dim: 2, step: 2",
        "sum": "op: add, from: [crops, evens]",
    }
    field = height(layers, (1, 8, 8))
    assert [field.of(unit) for unit in range(4)] == [(0, 1), (1, 2), (2, 4), (3, 6)]
    assert (field.size, field.jump, field.aligned) == (4, Fraction(1), False)


def test_a_mean_jump_is_never_backwards() -> None:
    """Two of the outputs of a strided, dilated transposed convolution, of which the later one
    begins earlier.
    """
    assert Field(2, ((1, 1), (0, 0)), 1).jump == 0
    assert Field(3, ((2, 2), (3, 3), (7, 7)), 6).jump == Fraction(7 - 2, 2)
    # from the first unit that sees something
    assert Field(3, (None, (2, 2), (7, 7)), 6).jump == Fraction(7 - 2, 2 - 1)


def test_what_is_joined_from_different_patterns_does_not_repeat() -> None:
    cut_off, other = Field(1, ((-1, 1),), 1, head=((0, 0),)), Field(1, ((0, 0),), 2)
    joined = union([cut_off, other])
    assert isinstance(joined, Field)
    # beside it lies what it sees, moved on
    assert (joined.of(0), joined.pattern(0), joined.repeats) == ((0, 0), (0, 0), False)
    alike = union([Field(3, repeats=False), Field(3, ((-1, 1),))])
    assert isinstance(alike, Field)
    assert not alike.repeats


def test_joining_is_of_equals() -> None:
    assert union([Field(3), Field(4, ((0, 2),))]) == "unknown"
    assert union(["nothing", Field(3)]) == Field(3)
    assert union(["whole", Field(3)]) == "whole"
