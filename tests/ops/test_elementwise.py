"""Functions of each element: their values, what autograd keeps, refusals."""

from __future__ import annotations

import math

import pytest
import torch

from archprof.analysis.memory import saved_for_backward
from archprof.model.compile import build
from tests.small import graph_of, whatever

SIZE, BYTES = (4, 6, 8), 4 * 6 * 8 * 4  # float32


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("exp", math.e**2),
        ("log", math.log(2)),
        ("sqrt", math.sqrt(2)),
        ("abs", 2),
        ("sin", math.sin(2)),
        ("cos", math.cos(2)),
        ("pow, exponent: -3", 1 / 8),
        ("clamp, max: 1.5", 1.5),
        ("clamp, min: 3", 3),
        ("clamp, min: 0, max: 3", 2),
        ("shift_by, amount: 5", 7),
    ],
)
def test_values_by_hand(op: str, expected: float) -> None:
    module = build(graph_of({"x": f"op: {op}"}, (1, 1, 1)), dtype=torch.float64)
    assert module(torch.full((1, 1, 1, 1), 2.0, dtype=torch.float64)).item() == pytest.approx(
        expected, rel=1e-15
    )


@pytest.mark.parametrize(
    ("op", "kept"),
    [
        ("exp", [1, 0]),  # its output, which the layer behind it keeps as well
        ("sqrt", [1, 0]),
        ("log", [1, 1]),  # its input; the layer behind keeps its output
        ("sin", [1, 1]),
        ("pow, exponent: 2", [1, 1]),
        ("clamp, max: 6", [1, 1]),
        ("shift_by, amount: 1", [0, 1]),
    ],
)
def test_what_is_kept(op: str, kept: list[int]) -> None:
    layers = {"first": "op: linear, out: 8", "x": f"op: {op}", "last": "op: linear, out: 8"}
    _, *found = saved_for_backward(graph_of(layers, SIZE), 1, 4)
    assert found == [tensors * BYTES for tensors in kept]


@pytest.mark.parametrize(
    ("op", "message"),
    [
        ("clamp", "clamp has neither `min` nor `max`"),
        ("pow, exponent: 0", "to the power of 0 everything is 1"),
    ],
)
def test_refusals(op: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: {op}"}, SIZE).problems
    assert message in problem.message
    assert problem.hint
