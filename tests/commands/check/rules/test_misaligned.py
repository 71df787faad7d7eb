"""Branches centred on different pixels."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.check.base import CheckedNetwork
from archprof.commands.check.rules import misaligned
from tests.commands.check.checked import net, said, whole
from tests.small import graph_of


def test_a_pool_of_two_beside_a_window_of_three() -> None:
    """Behind the stride, unit 0 of the convolution is centred on pixel 0, that of the mean on
    the middle of pixels 0 and 1.
    """
    layers = (
        "conv: {op: conv2d, out: 3, kernel: 3, stride: 2, padding: 1}",
        "pool: {op: avg_pool2d, from: input, kernel: 2}",
        "add: {op: add, from: [conv, pool]}",
        "more: {op: conv2d, out: 3, kernel: 3, padding: 1}",
        "again: {op: add, from: [more, add]}",
        "mixed: {op: add, from: [again, conv]}",
    )
    # where it begins, and not at every merge behind
    ((line, message),) = said(net(*layers), "misaligned")
    assert line == 6
    assert message.endswith("vertically, `conv` on pixel 0, `pool` on pixel 0.5")


@pytest.mark.parametrize(
    "layers",
    [
        # YOLOv5's Focus
        [
            "a: {op: slice, dim: 1, step: 2}",
            "b: {op: slice, dim: 2, step: 2}",
            "c: {op: slice, from: input, dim: 1, start: 1, step: 2}",
            "d: {op: slice, dim: 2, start: 1, step: 2}",
            "all: {op: concat, from: [b, d]}",
        ],
        # two windows side by side
        [
            "a: {op: slice, dim: 1, stop: 16}",
            "b: {op: slice, from: input, dim: 1, start: 16}",
            "all: {op: concat, from: [a, b]}",
        ],
    ],
)
def test_slices_of_one_tensor_lie_where_they_were_taken(layers: list[str]) -> None:
    assert said(net(*layers), "misaligned") == []


def test_a_slice_beside_what_was_not_sliced() -> None:
    layers = (
        "conv: {op: conv2d, out: 3, kernel: 3, stride: 2, padding: 1}",
        "odd: {op: slice, from: input, dim: 1, start: 1, step: 2}",
        "both: {op: slice, dim: 2, step: 2}",
        "add: {op: add, from: [conv, both]}",
    )
    ((_, message),) = said(net(*layers), "misaligned")
    assert message.endswith("vertically, `conv` on pixel 0, `both` on pixel 1")


def test_the_first_layer_as_a_branch() -> None:
    layers = (
        "pool: {op: avg_pool2d, kernel: 2}",
        "down: {op: conv2d, from: input, out: 3, kernel: 1, stride: 2}",
        "add: {op: add, from: [pool, down]}",
    )
    ((_, message),) = said(net(*layers), "misaligned")
    assert message.endswith("vertically, `pool` on pixel 0.5, `down` on pixel 0")


def test_four_branches_are_named() -> None:
    branches = tuple(
        f"b{i}: {{op: conv2d, from: input, out: 3, kernel: 3, stride: 2, padding: 1}}"
        for i in range(4)
    )
    layers = (
        "pool: {op: avg_pool2d, kernel: 2}",
        *branches,
        "add: {op: add, from: [pool, b0, b1, b2, b3]}",
    )
    ((_, message),) = said(net(*layers), "misaligned")
    assert message.endswith(
        "vertically, `pool` on pixel 0.5, `b0` on pixel 0, `b1` on pixel 0, `b2` on pixel 0"
    )


def test_one_axis_alone() -> None:
    layers = (
        "pad: {op: pad, sides: [1, 0, 0, 0]}",
        "conv: {op: conv2d, out: 3, kernel: [1, 2]}",
        "add: {op: add, from: [conv, input]}",
    )
    ((_, message),) = said(net(*layers), "misaligned")
    assert message.endswith("horizontally, `conv` on pixel -0.5, `input` on pixel 0")


def test_a_branch_that_sees_nothing() -> None:
    """A table of learned numbers beside a convolution that a pad shifts by half a pixel."""
    layers = (
        "pad: {op: pad, sides: [1, 0, 0, 0]}",
        "conv: {op: conv2d, out: 3, kernel: [1, 2]}",
        "table: {op: parameter, size: [3, 32, 32]}",
        "add: {op: add, from: [conv, table, input]}",
    )
    ((_, message),) = said(net(*layers), "misaligned")
    assert message.endswith(
        "horizontally, `conv` on pixel -0.5, `table` on nothing, `input` on pixel 0"
    )


def test_strides_and_odd_windows_are_aligned() -> None:
    layers = (
        "conv: {op: conv2d, out: 3, kernel: 5, stride: 2, padding: 2}",
        "down: {op: conv2d, from: input, out: 3, kernel: 1, stride: 2}",
        "add: {op: add, from: [conv, down]}",
    )
    assert said(net(*layers), "misaligned") == []


def test_behind_an_upsampling_units_take_turns() -> None:
    """Units 0 and 1 are both made of the small map's unit 0, centred on pixel 0; the input's own
    are pixels 0 and 1, 0.5 in the mean.
    """
    layers = (
        "down: {op: conv2d, out: 3, kernel: 3, stride: 2, padding: 1}",
        "up: {op: interpolate, factor: 2}",
        "add: {op: add, from: [input, up]}",
    )
    ((_, message),) = said(net(*layers), "misaligned")
    assert (
        message
        == "`add` (add) merges branches that are not centred alike: vertically, the mean of 2"
        " units, `input` on pixel 0.5, `up` on pixel 0"
    )


def test_the_way_out_behind_an_upsampling() -> None:
    down, up, add = (
        "down: {op: conv2d, out: 3, %s, stride: 2}",
        "up: {op: interpolate, factor: 2}",
        "add: {op: add, from: [input, up]}",
    )
    assert (
        whole(net(down % "kernel: 3, padding: 1", up, add), "misaligned")
        == """\
net.yaml:6:3: warning: `add` (add) merges branches that are not centred alike: vertically, the \
mean of 2 units, \
`input` on pixel 0.5, `up` on pixel 0 [misaligned]
      add: {op: add, from: [input, up]}
      ^
  hint: what is upsampled comes out even behind a stride of 2 with an even kernel, such as 2, or \
4 with padding: 1"""
    )
    for even in ("kernel: 2", "kernel: 4, padding: 1"):
        assert said(net(down % even, up, add), "misaligned") == []


@pytest.mark.parametrize(
    ("layers", "needed"),
    [
        ({"even": "op: conv2d, out: 3, kernel: 2"}, False),  # nothing is merged
        # nothing moves
        (
            {
                "odd": "op: conv2d, out: 3, kernel: 5, padding: 2, dilation: 1",
                "add": "op: add, from: [odd, input]",
            },
            False,
        ),
        (
            {
                "pad": "op: pad, sides: [0, 0, 1, 0]",
                "even": "op: conv2d, out: 3, kernel: [2, 1]",
                "add": "op: add, from: [even, input]",
            },
            True,
        ),
        (
            {
                "down": "op: conv2d, out: 3, kernel: 2, stride: 2",
                "up": "op: interpolate, factor: 2",
                "add": "op: add, from: [up, input]",
            },
            True,
        ),
        (
            {
                "shift": "op: conv2d, out: 3, kernel: 3, padding: 2",
                "crop": "op: slice, dim: 1, stop: 6",
                "crops": "op: slice, dim: 2, stop: 6",
                "add": "op: add, from: [crops, input]",
            },
            True,
        ),
    ],
)
def test_fields_are_worked_out_only_where_something_can_move(
    layers: dict[str, str], needed: bool
) -> None:
    """They take longer than all the rest of a check."""
    subject = CheckedNetwork(analyze(graph_of(layers, (3, 6, 6))))
    list(misaligned.check(subject))
    assert ("sights" in vars(subject)) is needed
