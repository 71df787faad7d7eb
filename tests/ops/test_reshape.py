"""Moves: round trips, views and copies, refusals."""

from __future__ import annotations

import pytest

from archprof.graph.storage import storages
from tests.small import graph_of, whatever


@pytest.mark.parametrize(
    ("there", "back", "size"),
    [
        ("permute, order: [1, 2, 0]", "permute, order: [2, 0, 1]", (4, 6, 8)),
        ("pixel_shuffle, factor: 2", "pixel_unshuffle, factor: 2", (8, 6, 4)),
        ("window_partition, window: 2", "window_reverse, height: 4, width: 6", (4, 6, 8)),
        (
            "pad, sides: [1, 2, 3, 4], channels: [1, 1]",
            "pad, sides: [-1, -2, -3, -4], channels: [-1, -1]",
            (4, 6, 8),
        ),
        ("reshape, size: [-1]", "reshape, size: [4, 6, 8]", (4, 6, 8)),
    ],
)
def test_there_and_back(there: str, back: str, size: tuple[int, int, int]) -> None:
    first, second = graph_of({"there": f"op: {there}", "back": f"op: {back}"}, size).nodes
    assert first.output != size
    assert second.output == size


@pytest.mark.parametrize(
    ("layers", "owners"),
    [
        ({"c": "op: conv2d, out: 4, kernel: 1", "f": "op: flatten"}, [0, 0]),  # a view
        # its channels lie last in memory: only a copy lines them up
        ({"c": "op: layer_norm2d", "f": "op: flatten"}, [0, 1]),
        (
            {
                "c": "op: conv2d, out: 4, kernel: 1",
                "p": "op: permute, order: [1, 2, 0]",
                "f": "op: flatten",
            },
            [0, 0, 2],
        ),
        (
            {
                "c": "op: conv2d, out: 4, kernel: 1",
                "p": "op: adaptive_avg_pool2d, size: 1",
                "f": "op: flatten",
            },
            [0, 1, 1],
        ),
        ({"c": "op: conv2d, out: 4, kernel: 1", "w": "op: window_partition, window: 2"}, [0, 1]),
        (
            {"c": "op: conv2d, out: 4, kernel: 1", "s": "op: slice, stop: 2", "i": "op: identity"},
            [0, 0, 0],
        ),
        # the input's own memory
        ({"p": "op: permute, order: [1, 2, 0]", "i": "op: identity"}, [-1, -1]),
    ],
)
def test_who_owns_the_memory(layers: dict[str, str], owners: list[int]) -> None:
    assert storages(graph_of(layers, (4, 6, 8)), 2).owner == owners


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("flatten, start: 2, end: 1", "flatten from dim 2 to dim 1: the start lies behind the end"),
        ("flatten, start: 3", "flatten: dim 3 of a tensor of 3 dimensions"),
        ("permute, order: [0, 1]", "order [0, 1] is not an order of the 3 dimensions of 4x6x8"),
        ("permute, order: [0, 1, 1]", "order [0, 1, 1] is not an order"),
        ("reshape, size: [-1, -1]", "positive numbers, and at most one -1"),
        ("reshape, size: [5, 40]", "4x6x8 has 192 elements, [5, 40] asks for 200"),
        ("reshape, size: [5, -1]", "4x6x8 has 192 elements, [5, -1] asks for a multiple of 5"),
        (
            "pad, sides: [1, 1, 1]",
            "sides needs two numbers for each of 2 axes, from the last axis to the first,"
            " found [1, 1, 1]",
        ),
        ("pad, sides: [1, 1, 1, 1, 1, 1]", "for each of 2 axes"),  # a volume's
        ("pad, sides: [0, -8, 0, 0]", "leaves 4 x 6 x 0"),
        ("roll, shifts: [1], dims: [1, 2]", "1 shifts for 2 dims"),
        ("roll, shifts: [1], dims: [3]", "roll: dim 3 of a tensor of 3 dimensions"),
        ("channel_shuffle, groups: 3", "4 channels do not divide into 3 groups"),
        ("pixel_shuffle, factor: 4", "4 channels are not a multiple of 4*4 = 16"),
        ("pixel_unshuffle, factor: 4", "6x8 pixels do not divide into 4x4"),
        ("window_partition, window: 5", "4x6 tokens do not divide into windows of 5x5: 4/5 = 0.8"),
        ("window_reverse, height: 4, width: 6", "4 windows of 6 tokens do not tile 4x6"),
    ],
)
def test_refusals(layer: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: {layer}"}, (4, 6, 8)).problems
    assert message in problem.message
