"""The windows of ops: in numbers, as the op uses them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from archprof.ops import OPS
from archprof.ops.sliding_window import SlidingWindow


@pytest.mark.parametrize(
    ("op", "settings", "window"),
    [
        ("conv2d", {"out": 8, "kernel": 3}, SlidingWindow((3, 3), (1, 1))),
        # (K - 1)*D = 4 rows and 12 columns in all, half of them before the input
        (
            "conv2d",
            {"out": 8, "kernel": [3, 5], "padding": "same", "dilation": [2, 3], "groups": 4},
            SlidingWindow((3, 5), (1, 1), (2, 6), (2, 3), 4),
        ),
        # uneven: 3 in all, 1 before and 2 behind
        (
            "conv2d",
            {"out": 8, "kernel": 4, "padding": "same"},
            SlidingWindow((4, 4), (1, 1), (1, 1)),
        ),
        (
            "table_conv2d",
            {"out": 1, "kernel": 3, "table": [[0]]},
            SlidingWindow((3, 3), (1, 1), groups=None),
        ),
        (
            "conv_transpose2d",
            {"out": 8, "kernel": 2, "stride": 2},
            SlidingWindow((2, 2), (2, 2), transposed=True),
        ),
        ("max_pool2d", {"kernel": [3, 2]}, SlidingWindow((3, 2), (3, 2))),
        (
            "max_pool2d",
            {"kernel": 3, "stride": 2, "padding": 1, "dilation": 2},
            SlidingWindow((3, 3), (2, 2), (1, 1), (2, 2)),
        ),
        ("avg_pool2d", {"kernel": 3, "stride": [2, 1]}, SlidingWindow((3, 3), (2, 1))),
        ("pad_same", {"kernel": 3, "stride": 2}, SlidingWindow((3, 3), (2, 2))),
        ("adaptive_avg_pool2d", {"size": 1}, None),
        ("window_partition", {"window": 7}, None),
        ("linear", {"out": 8}, None),
    ],
)
def test_the_window_of_an_op(
    op: str, settings: dict[str, Any], window: SlidingWindow | None
) -> None:
    assert OPS[op](**settings).sliding_window() == window


@pytest.mark.parametrize("op", OPS)
def test_whatever_has_a_kernel_has_a_window(op: str) -> None:
    slides = OPS[op].sliding_window
    assert ("kernel" in OPS[op].settings) == (slides is not OPS["identity"].sliding_window)


@pytest.mark.parametrize(
    ("window", "share"),
    [
        (SlidingWindow((1, 1), (2, 2)), Fraction(1, 4)),
        (SlidingWindow((1, 3), (2, 2)), Fraction(1, 2)),  # only rows are left out
        (SlidingWindow((3, 3), (2, 2)), Fraction(1)),
        (SlidingWindow((2, 2), (3, 4)), Fraction(2, 3) * Fraction(2, 4)),
        # two elements of the kernel, four apart, meet the same places of every four
        (SlidingWindow((2, 1), (4, 1), dilation=(4, 1)), Fraction(1, 4)),
        (SlidingWindow((2, 1), (4, 1), dilation=(2, 1)), Fraction(2, 4)),
        # it slides over the output, and reads all
        (SlidingWindow((1, 1), (2, 2), transposed=True), Fraction(1)),
    ],
)
def test_what_lies_under_a_window(window: SlidingWindow, share: Fraction) -> None:
    assert window.read_share() == share
