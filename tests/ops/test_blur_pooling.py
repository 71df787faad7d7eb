"""Pooling by a binomial filter: hand numbers, and what is refused."""

from __future__ import annotations

import pytest
import torch

from archprof.model.compile import build
from archprof.ops.answers import Saved
from archprof.ops.reading import Same, Taps
from tests.small import graph_of, whatever


def test_by_hand() -> None:
    (node,) = graph_of({"x": "op: blur_pool2d"}, (4, 6, 8)).nodes
    assert node.output == (4, 3, 4)  # floor((N + 2*1 - 3)/2) + 1
    assert (node.params, node.facts.weights["filt"].elements) == (0, 4 * 9)
    assert node.facts.cost.macs == 9 * 4 * 3 * 4
    # windows of 3 from one pixel before the edge, each of its own channel
    taps = ((-1, 1),)
    assert node.facts.reads == ((Same(0), Taps(1, taps, 2), Taps(2, taps, 2)),)
    # the copy with a mirrored pixel on each side
    assert node.facts.saved == (
        Saved("input", wanted_by=(0,)),
        Saved("own", elements=4 * 8 * 10),
    )


def test_what_it_computes() -> None:
    module = build(graph_of({"x": "op: blur_pool2d, stride: 1"}, (1, 3, 3)))
    # all of a pixel's light is in 1/4, 1/8 and 1/16 of 9 pixels: (1 2 1)/4 times (1 2 1)/4
    image = torch.zeros(1, 1, 3, 3)
    image[0, 0, 1, 1] = 16
    # at the edge, the middle is seen a second time in the mirror
    assert module(image)[0, 0].tolist() == [[4, 4, 4], [4, 4, 4], [4, 4, 4]]
    image = torch.zeros(1, 1, 3, 3)
    image[0, 0, 0, 0] = 16
    assert module(image)[0, 0].tolist() == [[4, 2, 0], [2, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("kernel: 1", "a filter of one pixel blurs nothing"),
        ("kernel: 9, stride: 1", "a height of 4 cannot be mirrored by 4"),
    ],
)
def test_what_is_refused(settings: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: blur_pool2d, {settings}"}, (1, 4, 8)).problems
    assert message in problem.message
