"""Products of two tensors: arithmetic by hand, what is kept, refusals."""

from __future__ import annotations

import pytest

from archprof.analysis.memory import saved_for_backward
from archprof.ops import OPS
from archprof.ops.reading import New, Same
from tests.small import graph_of, whatever

HEADS = (4, 6, 8)


@pytest.mark.parametrize(
    ("layer", "output", "macs", "flops"),
    [
        # 4 heads of 6x8 times 8x6
        ("matmul, from: [input, turned]", (4, 6, 6), 4 * 6 * 8 * 6, 2 * 4 * 6 * 8 * 6),
        ("einsum, equation: 'hid,hdj->hij', from: [input, turned]", (4, 6, 6), 1152, 2304),
        # every output is one product
        ("einsum, equation: 'hid,hjk->hijdk', from: [input, turned]", (4, 6, 8, 8, 6), 0, 9216),
        ("einsum, equation: 'hid->ih', from: turned", (8, 4), 0, 4 * 6 * 8),  # sums of 6
        ("einsum, equation: 'hid->dhi', from: turned", (6, 4, 8), 0, 0),  # another order
    ],
)
def test_shapes_and_arithmetic(layer: str, output: tuple[int, ...], macs: int, flops: int) -> None:
    graph = graph_of({"turned": "op: permute, order: [0, 2, 1]", "x": f"op: {layer}"}, HEADS)
    node = graph.nodes[-1]
    assert node.facts.cost is not None
    assert (node.output, node.facts.cost.macs, node.facts.cost.flops) == (output, macs, flops)


def test_what_an_output_reads() -> None:
    graph = graph_of(
        {
            "turned": "op: permute, order: [0, 2, 1]",
            "x": "op: matmul, from: [input, turned]",
            "y": "op: einsum, equation: 'hij,hdj->hid', from: [x, turned]",
        },
        HEADS,
    )
    # a row of the one, a column of the other, and of both the same head
    assert graph.nodes[1].facts.reads == ((Same(0), Same(1), New()), (Same(0), New(), Same(2)))
    assert graph.nodes[2].facts.reads == ((Same(0), Same(1), New()), (Same(0), New(), Same(1)))


def test_each_factor_is_kept_for_the_other() -> None:
    layers = {"start": "op: scale, size: []", "x": "op: matmul, from: [start, start]"}
    graph = graph_of(layers, (6, 6))
    assert saved_for_backward(graph, 1, 4)[1] == 4 * 36  # both factors are one tensor


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("matmul, from: [input, input]", "the first has 8 columns, the second 6 rows"),
        ("einsum, equation: 'ij,jk->ik', from: [input, input]", "ij names 2 dimensions, 4x6x8"),
        ("einsum, equation: 'hij,hji->h', from: [input, input]", "j is 8 and 6"),
        ("einsum, equation: 'hij,hkl->hi', from: [input, input]", "sums j of one input alone"),
        ("einsum, equation: 'hij->h', from: [input, input]", "takes 1 input, found 2"),
    ],
)
def test_refusals(layer: str, message: str) -> None:
    assert message in str(whatever({"x": f"op: {layer}"}, HEADS).problems[0])


@pytest.mark.parametrize(
    "equation", ["ij", "ij,jk,kl->il", "...ij->...ji", "ii->i", "ij->k", "ij->ii", "ij,->i", 3]
)
def test_equations_that_are_none(equation: object) -> None:
    (fault,) = OPS["einsum"].faults({"equation": equation})
    assert "expected one term or two, an arrow and the output" in fault.message
