"""Padding that differs from side to side: a `pad` ahead of the window, as torch users write it."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from archprof.analysis.field import Field
from archprof.analysis.receptive import sights
from archprof.model.compile import assemble
from archprof.problem import ProblemError
from tests.small import graph_of, whatever

SHAPES = {1: (3, 11), 2: (3, 8, 11), 3: (3, 5, 8, 11)}
BY_SIDE = {1: "[[2, 0]]", 2: "[[0, 1], 1]", 3: "[[2, 0], [0, 1], 1]"}
OF_TORCH = {1: (2, 0), 2: (1, 1, 0, 1), 3: (1, 1, 0, 1, 2, 0)}  # the last axis first


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_a_convolution_pads_ahead(rank: int, mode: str) -> None:
    layer = f"op: conv{rank}d, out: 2, kernel: 3, padding: {BY_SIDE[rank]}, padding_mode: {mode}"
    graph = graph_of({"x": layer}, SHAPES[rank])
    model = assemble(graph)
    assert [*model.state_dict()] == ["x.weight", "x.bias"]
    x = torch.randn(2, *SHAPES[rank])
    padded = functional.pad(x, OF_TORCH[rank], "constant" if mode == "zeros" else mode)
    assert torch.equal(model(x), model.x(padded))
    assert [node.path for node in graph.nodes] == ["x_pad", "x"]
    assert graph.nodes[-1].op.given() == {"out": 2, "kernel": (3,) * rank}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_a_pooling_pads_ahead(rank: int, kind: str) -> None:
    layer = f"op: {kind}_pool{rank}d, kernel: 3, stride: 2, padding: {BY_SIDE[rank]}"
    model = assemble(graph_of({"x": layer}, SHAPES[rank]))
    x = torch.randn(2, *SHAPES[rank]) - 5  # below the zeros that an average counts
    padded = functional.pad(x, OF_TORCH[rank], value=-math.inf if kind == "max" else 0.0)
    pool = getattr(functional, f"{kind}_pool{rank}d")
    assert torch.equal(model(x), pool(padded, 3, 2))


def test_the_borders_of_the_receptive_field() -> None:
    graph = graph_of(
        {"x": "op: conv2d, out: 2, kernel: 3, stride: 2, padding: [[2, 0], [0, 1]]"}, (3, 8, 8)
    )
    rows, columns = (axis for axis in sights(graph)[-1].axes if isinstance(axis, Field))
    # the first output reads -2 … 0 of the rows, and 0 … 2 of the columns
    assert (rows.of(0), columns.of(0)) == ((-2, 0), (0, 2))


def test_settings_of_the_entry_are_those_of_the_window() -> None:
    owner = "op: conv2d, out: 3, kernel: 3, padding: [[0, 1], [0, 1]], shape: 3x7x7"
    graph = graph_of(
        {"one": owner, "two": owner.replace("7x7", "6x6") + ", share: one", "end": "op: relu"},
        (3, 8, 8),
    )
    assert [node.path for node in graph.nodes] == ["one_pad", "one", "two_pad", "two", "end"]
    assert graph.nodes[3].shares == 1
    assert list(assemble(graph).state_dict()) == ["one.weight", "one.bias"]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            "avg_pool2d, kernel: 3, padding: [[0, 1], 0], count_include_pad: false",
            "op `avg_pool2d`: `count_include_pad` is false, but the mean counts what is padded by"
            " side",
        ),
        (
            "conv2d, out: 2, kernel: 3, padding: [[9, 0], 0], padding_mode: reflect",
            "`x_pad` (pad) cannot take 3x8x8: 8 rows cannot be mirrored by 9",
        ),
    ],
)
def test_what_is_refused(layer: str, message: str) -> None:
    found = whatever({"x": f"op: {layer}"}, (3, 8, 8)).problems
    assert [problem.message for problem in found] == [message]


def test_sides_that_are_not_two() -> None:
    message = (
        "op `conv1d`: `padding` is [[2, 0, 1]], expected a whole number of at least 0, or [length],"
        " or [[left, right]], or same"
    )
    with pytest.raises(ProblemError) as raised:
        whatever({"x": "op: conv1d, out: 2, kernel: 3, padding: [[2, 0, 1]]"}, (3, 8))
    assert [problem.message for problem in raised.value.problems] == [message]
