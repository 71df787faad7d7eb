"""Padding and cropping."""

from __future__ import annotations

import pytest
import torch

from archprof.model.compile import build
from archprof.ops.base import Shape
from tests.small import graph_of, whatever


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        # -3 and 9 leave 8, but torch crops first
        ("[-3, 9, 0, 0]", "sides [-3, 9] crop more than the 2 columns there are"),
        ("[0, 0, -2, -2]", "sides [-2, -2] crop more than the 3 rows there are"),
    ],
)
def test_a_pad_crops_no_more_than_there_is(sides: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: pad, sides: {sides}"}, (3, 3, 2)).problems
    assert message in problem.message
    # all cropped, then padded
    assert graph_of({"x": "op: pad, sides: [-2, 3, 0, 0]"}, (3, 3, 2)).nodes[0].output == (3, 3, 3)


@pytest.mark.parametrize(
    ("settings", "shape", "message"),
    [
        ("sides: [1, 1, 1]", (2, 3, 4), "sides needs two numbers for each of 2 axes"),
        ("sides: [1, 1, 1, 1]", (3, 4), "sides needs two numbers for each of 1 axes"),
        ("channels: [1]", (2, 3, 4), "channels needs [before, after], found [1]"),
        ("sides: [4, 0, 0, 0], mode: reflect", (2, 3, 4), "4 columns cannot be mirrored by 4"),
        ("sides: [0, 3], mode: reflect", (2, 3), "3 elements of dim 1 cannot be mirrored by 3"),
        ("sides: [0, 0, 4, 0], mode: circular", (2, 3, 4), "3 rows cannot be continued by 4 from"),
        ("channels: [1, 0], mode: replicate", (2, 3, 4), "the mode replicate is for one to three"),
        ("sides: [1, 1]", (12,), "pad needs an input of channels x height x width, found 12"),
    ],
)
def test_what_a_pad_refuses(settings: str, shape: Shape, message: str) -> None:
    (problem,) = whatever({"x": f"op: pad, {settings}"}, shape).problems
    assert message in problem.message


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("sides: [2, 1], value: 9", [9, 9, 1, 2, 3, 9]),
        ("sides: [2, 1], mode: reflect", [3, 2, 1, 2, 3, 2]),
        ("sides: [2, 1], mode: replicate", [1, 1, 1, 2, 3, 3]),
        ("sides: [2, 1], mode: circular", [2, 3, 1, 2, 3, 1]),
    ],
)
def test_what_stands_around(settings: str, expected: list[float]) -> None:
    module = build(graph_of({"x": f"op: pad, {settings}"}, (1, 3)))
    assert module(torch.tensor([[[1.0, 2.0, 3.0]]]))[0, 0].tolist() == expected
