"""The arithmetic of windows: sizes against torch, what each window reads against enumeration,
the notes by hand.
"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional

from archprof.ops import sliding
from archprof.ops.base import ShapeError

windows = {
    "size": st.integers(1, 40),
    "kernel": st.integers(1, 9),
    "stride": st.integers(1, 5),
    "padding": st.integers(0, 4),
    "dilation": st.integers(1, 3),
}


@given(**windows)
def test_output_size_is_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    image, weight = (
        torch.empty(1, 1, size, 1, device="meta"),
        torch.empty(1, 1, kernel, 1, device="meta"),
    )
    try:
        expected = functional.conv2d(
            image, weight, None, (stride, 1), (padding, 0), (dilation, 1)
        ).shape[2]
    except RuntimeError:
        with pytest.raises(ShapeError):
            sliding.output_size(size, kernel, stride, padding, dilation)
    else:
        assert sliding.output_size(size, kernel, stride, padding, dilation) == expected


@given(**windows)
def test_ceil_is_torchs(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    """A window larger than the padded input is taken, and refused, where torch does."""
    assume(2 * padding <= kernel)
    try:
        expected = functional.max_pool2d(
            torch.zeros(1, 1, size, 1),
            (kernel, 1),
            (stride, 1),
            (padding, 0),
            (dilation, 1),
            ceil_mode=True,
        ).shape[2]
    except RuntimeError:
        with pytest.raises(ShapeError):
            sliding.output_size(size, kernel, stride, padding, dilation, ceil=True)
    else:
        assert sliding.output_size(size, kernel, stride, padding, dilation, ceil=True) == expected


@given(**windows)
def test_the_formula_of_ceil_mode_gives_the_size(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    assume(2 * padding <= kernel)
    try:
        expected = sliding.output_size(size, kernel, stride, padding, dilation, ceil=True)
    except ShapeError:
        return
    names = {
        "ceil": math.ceil,
        "min": min,
        "H": Fraction(size),
        "P": padding,
        "K": kernel,
        "S": stride,
        "D": dilation,
    }
    assert (
        eval(sliding.ceil_formula(size, kernel, stride, padding, dilation, "H"), names) == expected
    )


@given(**windows)
def test_taps_are_the_windows_ends(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    (tap,), step, every = sliding.taps(1, kernel, stride, padding, dilation)[1:4]
    assert tap is not None
    for output in range(5):
        read = [output * stride - padding + j * dilation for j in range(kernel)]
        assert list(range(tap[0] + output * step, tap[1] + output * step + 1, every)) == read


@given(**windows)
def test_transposed_taps_are_all_inputs_that_reach_an_output(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    found = sliding.transposed_taps(1, kernel, stride, padding, dilation)
    assert found is not None
    taps, step, every = found[1:4]
    reach: dict[int, list[int]] = {}
    for i in range(-30, 30):
        for j in range(kernel):
            reach.setdefault(i * stride - padding + j * dilation, []).append(i)
    for output in range(10):
        turns, phase = divmod(output, len(taps))
        tap = taps[phase]
        read = sorted(reach.get(output, []))
        assert (
            list(range(tap[0] + turns * step, tap[1] + turns * step + 1, every)) if tap else []
        ) == read


def test_notes_show_the_exact_fraction() -> None:
    # AlexNet's famous 224: (224 - 11)/4 + 1 = 54.25
    assert sliding.notes((224, 224), (11, 11), (4, 4), (0, 0), (1, 1), (54, 54)) == (
        "(224 - 11)/4 + 1 = 54.25 -> 54",
    )
    assert sliding.notes((227, 227), (11, 11), (4, 4), (0, 0), (1, 1), (55, 55)) == ()
    assert sliding.notes((8, 9), (3, 3), (2, 3), (1, 0), (1, 1), (4, 3)) == (
        "H: (8 + 2*1 - 3)/2 + 1 = 4.5 -> 4",
    )
    assert sliding.notes((9, 8), (3, 3), (1, 3), (0, 0), (1, 1), (7, 2)) == (
        "W: (8 - 3)/3 + 1 = 8/3 -> 2",
    )


def test_notes_of_ceil_mode_say_why_a_window_is_dropped() -> None:
    # 6 pixels, kernel 1, stride 2: windows at 0, 2, 4; the fourth would start at 6, behind the last
    # pixel 5
    assert sliding.notes((6, 7), (1, 1), (2, 2), (0, 0), (1, 1), (3, 4), ceil=True) == (
        (
            "H: (6 - 1)/2 + 1 = 3.5 -> 3, not 4: in ceil mode torch drops a last window that would"
            " start past the input"
        ),
    )
    # 5 pixels, kernel 2, stride 2, padding 1: windows at -1, 1, 3; a fourth would start at 5, in
    # the padding
    assert sliding.notes((5, 5), (2, 2), (2, 2), (1, 1), (1, 1), (3, 3), ceil=True) == (
        (
            "(5 + 2*1 - 2)/2 + 1 = 3.5 -> 3, not 4: in ceil mode torch drops a last window that"
            " would start past the input"
        ),
    )
    assert sliding.notes((6, 6), (3, 3), (2, 2), (0, 0), (1, 1), (3, 3), ceil=True) == (
        "(6 - 3)/2 + 1 = 2.5 -> 3",
    )
    assert (
        sliding.ceil_formula(6, 1, 2, 0, 1, "H")
        == "min(ceil((H + 2*P - K)/S) + 1, ceil((H + P)/S))"
    )
    assert sliding.ceil_formula(7, 1, 2, 0, 1, "H") == "ceil((H + 2*P - K)/S) + 1"


def test_a_window_that_does_not_fit_says_why() -> None:
    with pytest.raises(ShapeError, match=r"a window of 7 does not fit into 3 \+ 2\*1 = 5"):
        sliding.output_size(3, 7, 1, 1, 1)
    with pytest.raises(
        ShapeError, match=r"a window of 5 \(kernel 3, dilation 2\) does not fit into 4 \+ 2\*0 = 4"
    ):
        sliding.output_size(4, 3, 1, 0, 2)
    with pytest.raises(
        ShapeError,
        match=(
            r"a window of 7 does not fit into 3 \+ 2\*1 = 5, even by less than the stride 2 of ceil"
            r" mode"
        ),
    ):
        sliding.output_size(3, 7, 2, 1, 1, ceil=True)
