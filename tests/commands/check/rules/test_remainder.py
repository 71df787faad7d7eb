"""Pixels behind the last window: counted against the windows themselves."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.commands.check.checked import net, said


def dropped(
    size: int, kernel: int, stride: int, padding: int, ceil: bool = False
) -> list[tuple[int, str]]:
    ceil_mode = ", ceil_mode: true" if ceil else ""
    layer = (
        f"pool: {{op: max_pool2d, kernel: {kernel}, stride: {stride}, padding:"
        f" {padding}{ceil_mode}}}"
    )
    return said(net(layer, head=f"input: 3x{size}x{size}"), "remainder")


@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 7),
    padding=st.integers(0, 3),
    ceil=st.booleans(),
)
def test_a_row_is_dropped_where_no_window_reads_it(
    size: int, kernel: int, stride: int, padding: int, ceil: bool
) -> None:
    """Windows laid out one by one: more unread rows at the end than the stride leaves between
    two windows.
    """
    assume(size + 2 * padding >= kernel and 2 * padding <= kernel)
    windows = [
        start
        for start in range(-padding, size + padding)
        if start + kernel <= size + padding or (ceil and start < size)
    ]
    starts = [start for start in windows if (start + padding) % stride == 0]
    if ceil:  # one window may reach over the end, if it starts inside
        over = [start for start in starts if start + kernel > size + padding]
        starts = [start for start in starts if start + kernel <= size + padding] + over[:1]
    unread = size - min(size, max(starts) + kernel)
    between = max(0, stride - kernel)
    assert bool(dropped(size, kernel, stride, padding, ceil)) == (unread > between)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "rows"),
    [
        (32, 3, 2, 0, 1),
        (224, 16, 16, 0, 0),
        (225, 16, 16, 0, 1),
        (10, 4, 5, 0, 0),
        (12, 4, 5, 0, 3),
        (224, 3, 2, 1, 0),
    ],
)
def test_how_many(size: int, kernel: int, stride: int, padding: int, rows: int) -> None:
    """(12 - 4)/5 + 1 = 2.6: windows at rows 0 to 3 and 5 to 8; 9, 10 and 11 are left, and one is
    skipped between.
    """
    found = dropped(size, kernel, stride, padding)
    assert [f"never reads the last {rows} of {size} rows" in message for _, message in found] == [
        True
    ] * (rows > 0)


def test_each_axis_is_looked_at() -> None:
    ((_, message),) = said(
        net("conv: {op: conv2d, out: 4, kernel: [1, 3], stride: [1, 2]}"), "remainder"
    )
    assert "the last 1 of 32 columns: W: (32 - 3)/2 + 1 = 15.5 -> 15" in message


def test_other_inputs_are_asked_with_at() -> None:
    from archprof.commands.check.conditions import Conditions

    text = net("conv: {op: conv2d, out: 4, kernel: 2, stride: 2}")
    assert said(text, "remainder") == []
    assert said(text, "remainder", Conditions((3, 33, 32)))
