"""Pooling: hand numbers, random settings against torch, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.verify.oracle import verify
from archprof.ops.reading import Taps
from tests.small import graph_of, pool2d, whatever


@pytest.mark.parametrize(
    ("settings", "side"),
    [
        ("kernel: 3, stride: 2", 27),  # AlexNet: (55 - 3)/2 + 1
        ("kernel: 3, stride: 2, padding: 1", 28),  # ResNet's rule: (55 + 2 - 3)/2 + 1
        ("kernel: 2", 27),  # floor((55 - 2)/2) + 1, the last row unread
        ("kernel: 2, ceil_mode: true", 28),  # ceil(53/2) + 1
        ("kernel: 3, stride: 3, padding: 1, ceil_mode: true", 19),  # ceil(54/3) + 1
        # ceil(55/3) + 1 = 20, whose last window would start at 56 = 55 + 1
        ("kernel: 2, stride: 3, padding: 1, ceil_mode: true", 19),
    ],
)
def test_sizes_by_hand(settings: str, side: int) -> None:
    assert graph_of({"x": f"op: max_pool2d, {settings}"}, (96, 55, 55)).nodes[0].output == (
        96,
        side,
        side,
    )


@pytest.mark.parametrize(
    ("settings", "size", "output"),
    [
        # 3 beyond 1 pixel, less than the stride; ceil(16/5) + 1 = 5, the fifth at 20
        ("kernel: 4, stride: 5, ceil_mode: true", (3, 1, 20), (3, 1, 4)),
        # the fifth starts at 20, the last pixel
        ("kernel: 4, stride: 5, ceil_mode: true", (3, 1, 21), (3, 1, 5)),
        # 1 beyond 1 + 2
        ("kernel: 4, stride: [3, 4], padding: 1, ceil_mode: true", (3, 1, 1), (3, 1, 1)),
    ],
)
def test_windows_larger_than_the_input_in_ceil_mode(
    settings: str, size: tuple[int, int, int], output: tuple[int, int, int]
) -> None:
    for op in ("max_pool2d", "avg_pool2d"):
        graph = graph_of({"start": "op: scale, size: []", "x": f"op: {op}, {settings}"}, size)
        assert graph.nodes[1].output == output
        assert not verify(graph).differing


@settings(max_examples=40)
@given(st.data(), st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)))
def test_any_pooling(data: st.DataObject, size: tuple[int, int, int]) -> None:
    graph = whatever({"start": "op: scale, size: []", "x": pool2d(data.draw, size)}, size)
    if not graph.problems:  # a dilated window may not fit
        differing = verify(graph).differing
        assert not differing, "\n".join(map(str, differing))


def test_adaptive_windows_overlap_where_they_must() -> None:
    node = graph_of({"x": "op: adaptive_avg_pool2d, size: [2, 3]"}, (5, 4, 7)).nodes[0]
    assert node.facts.notes == ("windows overlap: 7/3 is not a whole number",)
    (reading,) = node.facts.reads
    assert reading is not None
    assert isinstance(reading[2], Taps)
    assert reading[2].taps == ((0, 2), (2, 4), (4, 6))  # floor(7i/3) to ceil(7(i+1)/3) - 1
    assert node.facts.cost.flops == 5 * 4 * (3 + 3 + 3)


@pytest.mark.parametrize(
    ("op", "message"),
    [
        ("max_pool2d, kernel: 3, padding: 2", "padding 2 is more than half of the kernel 3"),
        ("avg_pool2d, kernel: 9", "a window of 9 does not fit into 6 + 2*0 = 6"),
        (
            "avg_pool2d, kernel: 9, stride: 3, ceil_mode: true",
            (
                "a window of 9 does not fit into 6 + 2*0 = 6, even by less than the stride 3 of"
                " ceil mode"
            ),
        ),
        ("adaptive_avg_pool2d, size: 5000", "size 5000x5000: at most 4096"),
    ],
)
def test_refusals(op: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: {op}"}, (4, 6, 8)).problems
    assert message in problem.message
