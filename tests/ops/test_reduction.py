"""Reductions: shapes, receptive fields and gradients by hand, refusals."""

from __future__ import annotations

import pytest

from archprof.analysis.memory import saved_for_backward
from archprof.ops import OPS
from archprof.ops.reading import New, Same
from tests.small import graph_of, whatever

IMAGE = (4, 6, 8)


@pytest.mark.parametrize(
    ("settings", "output", "reads"),
    [
        ("dim: [1, 2]", (4,), (Same(0),)),  # of each channel all pixels
        ("dim: [-1, -2]", (4,), (Same(0),)),
        ("dim: [1, 2], keepdim: true", (4, 1, 1), (Same(0), New(), New())),
        ("dim: 0", (6, 8), (Same(1), Same(2))),  # of each pixel all channels: places stay apart
        ("dim: 0, keepdim: true", (1, 6, 8), (New(), Same(1), Same(2))),
        ("dim: -1", (4, 6), (Same(0), Same(1))),
        ("dim: [0, 1, 2]", (), ()),
    ],
)
@pytest.mark.parametrize("op", ["mean", "sum", "max", "min", "norm"])
def test_shapes_and_readings(
    op: str, settings: str, output: tuple[int, ...], reads: tuple[object, ...]
) -> None:
    node = graph_of({"x": f"op: {op}, {settings}"}, IMAGE).nodes[0]
    assert node.output == output
    assert node.facts.reads == (reads,)


@pytest.mark.parametrize(
    ("op", "elements"),
    [
        ("mean, dim: 0", 0),  # the gradient is the output's, divided
        ("sum, dim: 0", 0),
        ("max, dim: 0", 4 * 6 * 8 + 6 * 8),  # which elements of the input are equal to the output
        ("min, dim: [1, 2]", 4 * 6 * 8 + 4),
        ("norm, dim: 0", 4 * 6 * 8 + 6 * 8),  # input over norm
        ("normalize", 4 * 6 * 8 + 2 * 6 * 8),  # the norms, and the norms that are not too small
    ],
)
def test_what_autograd_keeps(op: str, elements: int) -> None:
    graph = graph_of({"start": "op: scale, size: []", "x": f"op: {op}"}, IMAGE)
    assert saved_for_backward(graph, 1, 4)[1] == 4 * elements


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("mean, dim: 3", "mean: dim 3 of a tensor of 3 dimensions"),
        ("mean, dim: [0, -3]", "mean: dim [0, -3] names a dimension of 4x6x8 twice"),
        ("normalize, dim: -4", "normalize: dim -4 of a tensor of 3 dimensions"),
    ],
)
def test_refusals(layer: str, message: str) -> None:
    problems = whatever({"x": f"op: {layer}"}, IMAGE).problems
    assert message in str(problems[0])


@pytest.mark.parametrize(
    ("op", "settings", "message"),
    [
        ("mean", {"dim": []}, "`dim` is [], expected a whole number, or a list of them"),
        ("mean", {}, "`dim` is missing, expected a whole number, or a list of them"),
        ("norm", {"dim": 0, "p": 0.5}, "`p` is 0.5, expected a number of at least 1"),
    ],
)
def test_faults(op: str, settings: dict[str, object], message: str) -> None:
    assert [fault.message for fault in OPS[op].faults(settings)] == [message]
