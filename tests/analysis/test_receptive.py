"""Receptive fields against brute force: every unit's dependencies followed pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.analysis.field import Axis, Field
from archprof.analysis.receptive import Extent, Sight, extent, sights
from archprof.commands.verify.oracle import verify
from tests.small import graph_of, whatever

Reads = Callable[[int], set[int]]  # the inputs that one output of a layer reads, on an endless axis


@st.composite
def windows(draw: st.DrawFn) -> tuple[str, Reads]:
    """A layer that moves along the height only, and what its output o reads, straight from its
    definition.
    """
    k, s, d = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    p = draw(st.integers(0, k // 2))
    kind = draw(
        st.sampled_from(
            [
                "conv",
                "conv",
                "pool",
                "transposed",
                "nearest",
                "bilinear",
                "pad",
                "unshuffle",
                "shuffle",
            ]
        )
    )
    if kind == "conv":
        return (
            (
                f"op: conv2d, out: 4, kernel: [{k}, 1], stride: [{s}, 1], padding: [{p}, 0],"
                f" dilation: [{d}, 1]"
            ),
            lambda o: {o * s - p + j * d for j in range(k)},
        )
    if kind == "pool":
        return (
            (
                f"op: max_pool2d, kernel: [{k}, 1], stride: [{s}, 1], padding: [{p}, 0], ceil_mode:"
                " true"
            ),
            lambda o: {o * s - p + j for j in range(k)},
        )
    if kind == "transposed":
        return (
            (
                f"op: conv_transpose2d, out: 4, kernel: [{k}, 1], stride: [{s}, 1], padding: [{p},"
                f" 0], dilation: [{d}, 1]"
            ),
            lambda o: {(o + p - j * d) // s for j in range(k) if (o + p - j * d) % s == 0},
        )
    if kind == "nearest":
        return f"op: interpolate, factor: [{s}, 1]", lambda o: {o // s}
    # the output's place among the inputs, (o + 1/2)/s - 1/2, and its neighbours
    if kind == "bilinear":
        return (
            f"op: interpolate, factor: [{s}, 1], mode: bilinear",
            lambda o: {(2 * o + 1 - s) // (2 * s), -((s - 1 - 2 * o) // (2 * s))},
        )
    if kind == "pad":
        return f"op: pad, sides: [0, 0, {p}, {k}]", lambda o: {o - p}
    if kind == "unshuffle":
        return "op: pixel_unshuffle, factor: 2", lambda o: {2 * o, 2 * o + 1}
    return "op: pixel_shuffle, factor: 2", lambda o: {o // 2}


def followed(unit: int, layers: list[Reads]) -> set[int]:
    seen = {unit}
    for reads in reversed(layers):
        seen = {i for u in seen for i in reads(u)}
    return seen


def height(sight: Sight) -> Axis:
    return sight.axes[0]


def agrees(field: Axis, expected: Callable[[int], set[int]]) -> None:
    assert isinstance(field, Field)
    for unit in range(-3, 3 * len(field.phases)) if field.repeats else ():
        pixels = expected(unit)
        assert field.pattern(unit) == ((min(pixels), max(pixels)) if pixels else None), unit


@given(st.lists(windows(), min_size=1, max_size=5))
def test_a_stack_of_windows(stack: list[tuple[str, Reads]]) -> None:
    graph = whatever({f"l{i}": layer for i, (layer, _) in enumerate(stack)}, (4, 48, 48))
    for i, sight in enumerate(sights(graph)):  # whatever fits
        agrees(
            height(sight), lambda unit, i=i: followed(unit, [reads for _, reads in stack[: i + 1]])
        )  # type: ignore[misc]


def same_size(draw: st.DrawFn) -> tuple[str, Reads]:
    k, d = draw(st.sampled_from([1, 3, 5])), draw(st.integers(1, 3))
    offsets = [d * j for j in range(-(k // 2), k // 2 + 1)]
    return (
        f"op: conv2d, out: 4, kernel: [{k}, 1], padding: [{offsets[-1]}, 0], dilation: [{d}, 1]",
        lambda o: {o + offset for offset in offsets},
    )


@given(st.data(), windows())
def test_merges_see_what_any_branch_sees(data: st.DataObject, stem: tuple[str, Reads]) -> None:
    branches = [
        [same_size(data.draw) for _ in range(data.draw(st.integers(1, 2)))]
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    layers = {"stem": stem[0]}
    for b, branch in enumerate(branches):
        layers |= {
            f"b{b}x{i}": layer + (", from: stem" if i == 0 else "")
            for i, (layer, _) in enumerate(branch)
        }
    ends = ", ".join(f"b{b}x{len(branch) - 1}" for b, branch in enumerate(branches))
    graph = whatever(layers | {"x": f"op: concat, from: [{ends}]"}, (4, 48, 48))
    if graph.problems:
        return
    paths = [[stem[1], *(reads for _, reads in branch)] for branch in branches]
    merged = sights(graph)[-1]
    agrees(height(merged), lambda unit: set().union(*(followed(unit, path) for path in paths)))
    sizes = []
    for path in paths:
        spans = [followed(unit, path) for unit in range(6)]
        sizes.append(max((max(s) - min(s) + 1 for s in spans if s), default=0))
    least = merged.least[0]
    assert isinstance(least, Field)
    assert least.size == min(sizes)
    assert height(merged).aligned  # type: ignore[union-attr]  # odd kernels, padded on both sides


@settings(max_examples=40)
@given(st.lists(windows(), min_size=1, max_size=4))
def test_a_gradient_confirms_it(stack: list[tuple[str, Reads]]) -> None:
    graph = whatever({f"l{i}": layer for i, (layer, _) in enumerate(stack)}, (4, 48, 48))
    if not graph.problems:
        assert not [check for check in verify(graph).of("gradient") if not check.holds]


def field_of(layers: dict[str, str], size: tuple[int, ...] = (4, 64, 64)) -> Sight:
    return sights(graph_of(layers, size))[-1]


def test_by_hand() -> None:
    # 3x3, then 2x2 pooling, then 3x3: sizes 3, 3 + 1 = 4, 4 + 2*2 = 8; the padding of 1 begins a
    # pixel early, then two of jump 2
    conv = "op: conv2d, out: 4, kernel: 3, padding: 1"
    axis = height(field_of({"a": conv, "p": "op: max_pool2d, kernel: 2", "b": conv}))
    assert isinstance(axis, Field)
    assert (axis.size, axis.jump, axis.start) == (8, 2, -3)
    assert axis.of(10) == (-3 + 2 * 10, -3 + 2 * 10 + 7)


def test_axes_of_their_own() -> None:
    sight = field_of(
        {
            "a": "op: conv2d, out: 4, kernel: [1, 7], stride: [1, 2]",
            "b": "op: conv2d, out: 4, kernel: [7, 1], stride: [3, 1]",
        }
    )
    assert [(a.size, a.jump) for a in sight.axes if isinstance(a, Field)] == [(7, 3), (7, 2)]


def test_upsampling_makes_the_jump_a_fraction() -> None:
    axis = height(
        field_of({"up": "op: interpolate, factor: 2", "a": "op: conv2d, out: 4, kernel: 3"})
    )
    assert isinstance(axis, Field)
    assert axis.jump == Fraction(1, 2)
    assert axis.size == 2  # units o, o + 1, o + 2 of the doubled map lie in two pixels
    assert axis.phases == ((0, 1), (0, 1))


def test_down_and_up_again_is_periodic() -> None:
    axis = height(
        field_of(
            {
                "down": "op: max_pool2d, kernel: 2",
                "up": "op: conv_transpose2d, out: 4, kernel: 2, stride: 2",
            }
        )
    )
    assert axis == Field(64, ((0, 1), (0, 1)), 2)  # both units of a pair see the same two pixels


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"x": "op: adaptive_avg_pool2d, size: 1"}, ("whole", "whole")),
        ({"x": "op: adaptive_avg_pool2d, size: [1, 64]"}, ("whole", Field(64))),
        ({"f": "op: flatten", "x": "op: linear, out: 2"}, ("whole", "whole")),
        ({"x": "op: linear, out: 2"}, (Field(64), "whole")),  # over the last dimension: a row
        ({"x": "op: group_norm, groups: 2"}, ("whole", "whole")),
        ({"x": "op: layer_norm2d"}, (Field(64), Field(64))),
        ({"x": "op: reshape, size: [16, 32, 32]"}, ("unknown", "unknown")),
        ({"x": "op: roll, shifts: [1], dims: [1]"}, ("unknown", "unknown")),
        # squeeze and excitation
        (
            {"p": "op: adaptive_avg_pool2d, size: 1", "x": "op: multiply, from: [input, p]"},
            ("whole", "whole"),
        ),
        (
            {"p": "op: parameter, size: [4, 64, 64]", "x": "op: add, from: [input, p]"},
            (Field(64), Field(64)),
        ),
        (
            {"a": "op: relu", "p": "op: parameter, size: [4, 64, 64]", "x": "op: relu"},
            ("nothing", "nothing"),
        ),
    ],
)
def test_what_sees_everything_and_what_nothing(
    layers: dict[str, str], expected: tuple[Axis, Axis]
) -> None:
    assert sights(whatever(layers, (4, 64, 64)))[-1].axes == expected


STEM = {"stem": "op: conv2d, out: 4, kernel: 7, padding: 3"}
HEAD = {
    "pool": "op: adaptive_avg_pool2d, size: 1",
    "flat": "op: flatten",
    "fc": "op: linear, out: 2",
}
GATE = {
    "squeeze": "op: adaptive_avg_pool2d, size: 1",
    "gate": "op: sigmoid",
    "gated": "op: multiply, from: [stem, gate]",
}


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (STEM, Extent((7, 7), "local")),
        (
            STEM | HEAD,
            Extent((7, 7), "local"),
        ),  # a classifier sees everything, from no place in particular
        (STEM | GATE, Extent((7, 7), "all")),  # squeeze and excitation
        (STEM | GATE | HEAD, Extent((7, 7), "all")),
        (STEM | {"grn": "op: global_response_norm2d"}, Extent((7, 7), "all")),
        (
            STEM
            | {
                "flat": "op: flatten, start: 1",
                "turn": "op: permute, order: [1, 0]",
                "mha": "op: multihead_attention, heads: 2",
            },
            Extent((7, 7), "all"),
        ),
        (STEM | {"roll": "op: roll, shifts: [1], dims: [1]"}, Extent((7, 7), "unknown")),
        (STEM | GATE | {"roll": "op: roll, shifts: [1], dims: [1]"}, Extent((7, 7), "all")),
        (
            STEM | {"rows": "op: linear, out: 2"},
            Extent((7, 7), "local"),
        ),  # over a row, not over everything
        ({"pool": "op: adaptive_avg_pool2d, size: 1"}, Extent(None, "local")),
        ({"roll": "op: roll, shifts: [1], dims: [1]"}, Extent(None, "unknown")),
    ],
)
def test_what_a_network_sees(layers: dict[str, str], expected: Extent) -> None:
    graph = whatever(layers, (4, 64, 64))
    assert extent(graph, sights(graph), graph.main) == expected


def test_a_permuted_map_keeps_its_axes_apart() -> None:
    sight = field_of(
        {
            "a": "op: conv2d, out: 4, kernel: [3, 1]",
            "p": "op: permute, order: [2, 1, 0]",
            "b": "op: conv2d, out: 4, kernel: [5, 1]",
        },
        (4, 64, 7),
    )
    # W×H×C: the second kernel slides along what was height, and sums over what was width
    assert sight.axes[1] == "whole"
    assert isinstance(sight.axes[0], Field)
    assert sight.axes[0].size == 3 + 4
    assert sight.dims == ((), (0,), ())


def test_tokens_carry_both_axes() -> None:
    sight = field_of(
        {
            "a": "op: conv2d, out: 4, kernel: 16, stride: 16",
            "f": "op: flatten, start: 1",
            "p": "op: permute, order: [1, 0]",
        }
    )
    assert sight.dims == ((0, 1), ())
    assert sight.local


def test_an_input_without_pixels_has_no_field() -> None:
    assert field_of({"x": "op: linear, out: 2"}, (12,)).axes == ("unknown",)


def test_even_kernels_do_not_line_up() -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 2",
        "b": "op: slice, dim: 1, stop: -1, from: input",
        "c": "op: slice, dim: 2, stop: -1",
    }
    axis: Any = height(field_of(layers | {"x": "op: add, from: [a, c]"}))
    assert axis.size == 2  # pixels o and o + 1, and o alone
    assert not axis.aligned


def test_work_is_shared_among_the_layers() -> None:
    """5,000 layers may look at 2,000 units each: of 4,095 windows that do not repeat nothing is
    known, and it takes no time.
    """
    layers = {
        "p": "op: adaptive_avg_pool2d, size: 4095",
        "c": "op: conv2d, out: 1, kernel: 99, padding: 49, repeat: 5000",
    }
    found = sights(graph_of(layers, (1, 9999, 9999)))
    assert {sight.axes for sight in found} == {("unknown", "unknown")}
    alone = sights(graph_of({"p": layers["p"]}, (1, 9999, 9999)))[0].axes[0]
    assert isinstance(alone, Field)
    # ceil(9999/4095) = 3, and one more where a window begins and ends within pixels
    assert alone.size == 4


def test_a_sequence_has_one_axis() -> None:
    """Two convolutions of 3, the second over every other unit: 3 + (3 - 1)*2."""
    sight = field_of(
        {
            "a": "op: conv1d, out: 4, kernel: 3, stride: 2, padding: 1",
            "b": "op: conv1d, out: 4, kernel: 3",
        },
        (2, 64),
    )
    (axis,) = sight.axes
    assert isinstance(axis, Field)
    assert (axis.size, axis.jump, axis.start) == (7, 2, -1)
    assert sight.dims == ((), (0,))


def test_a_volume_has_three_axes() -> None:
    """Frames 3 + (2 - 1)*1, rows 3 + (2 - 1)*2, columns 5 + (2 - 1)*1."""
    sight = field_of(
        {
            "a": "op: conv3d, out: 4, kernel: [3, 3, 5], stride: [1, 2, 1]",
            "p": "op: max_pool3d, kernel: 2",
        },
        (2, 16, 32, 32),
    )
    assert sight.sizes == (4, 5, 6)
    assert [axis.jump for axis in sight.axes if isinstance(axis, Field)] == [2, 4, 2]
    assert sight.dims == ((), (0,), (1,), (2,))


def test_an_axis_of_a_volume_that_is_seen_whole() -> None:
    sight = field_of(
        {
            "a": "op: conv3d, out: 4, kernel: 3",
            "frames": "op: adaptive_avg_pool3d, size: [1, 30, 30]",
        },
        (2, 16, 32, 32),
    )
    assert sight.axes[0] == "whole"
    assert sight.axes[1] == sight.axes[2]
    assert sight.sizes is None


def test_tokens_are_no_sequence() -> None:
    """Of two dimensions without an op along one axis nobody knows which are the channels."""
    layers = {"x": "op: linear, out: 2"}
    assert field_of(layers, (6, 8)).axes == ("unknown",)
    assert field_of({"c": "op: conv1d, out: 6, kernel: 1", **layers}, (6, 8)).axes == ("whole",)


@pytest.mark.parametrize(
    ("layers", "shape", "expected"),
    [
        ({"a": "op: conv1d, out: 4, kernel: 9"}, (2, 64), Extent((9,), "local")),
        ({"a": "op: conv3d, out: 4, kernel: [1, 3, 3]"}, (2, 8, 9, 9), Extent((1, 3, 3), "local")),
        ({"n": "op: instance_norm3d"}, (2, 8, 9, 9), Extent(None, "all")),
        ({"n": "op: instance_norm1d"}, (2, 8), Extent(None, "all")),
    ],
)
def test_what_a_sequence_or_a_volume_sees(
    layers: dict[str, str], shape: tuple[int, ...], expected: Extent
) -> None:
    graph = whatever(layers, shape)
    assert extent(graph, sights(graph), graph.main) == expected
