"""Merges and slices: broadcasting against torch, refusals."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archprof.autograd.layout import contiguous, permuted
from archprof.ops.base import ShapeError
from archprof.ops.merge import Add, broadcast
from archprof.ops.reading import New, Same
from tests.small import graph_of, whatever

shapes = st.lists(st.sampled_from([1, 1, 2, 3]), max_size=4).map(tuple)


@given(st.lists(shapes, min_size=2, max_size=3))
def test_broadcast_is_torchs(tensors: list[tuple[int, ...]]) -> None:
    try:
        expected = tuple(torch.broadcast_shapes(*tensors))
    except RuntimeError:
        with pytest.raises(ShapeError):
            broadcast("add", tuple(tensors))
    else:
        assert broadcast("add", tuple(tensors)) == expected


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            {"p": "op: max_pool2d, kernel: 2", "x": "op: add, from: [p, input]"},
            "cannot add 4x3x4 and 4x6x8",
        ),
        (
            {
                "p": "op: adaptive_avg_pool2d, size: 1",
                "x": "op: add, from: [p, input], inplace: true",
            },
            "in place the sum must have the first input's shape 4x1x1, it has 4x6x8",
        ),
        (
            {"p": "op: max_pool2d, kernel: 2", "x": "op: concat, from: [p, input]"},
            "cannot concat 4x3x4 and 4x6x8 along dim 0: the other dimensions differ",
        ),
        (
            {"x": "op: concat, dim: 3, from: [input, input]"},
            "concat along dim 3 of a tensor of 3 dimensions",
        ),
        ({"x": "op: slice, dim: -4"}, "slice along dim -4 of a tensor of 3 dimensions"),
        ({"x": "op: slice, step: -1"}, "step -1: torch slices forwards only"),
        ({"x": "op: slice, start: 4"}, "the slice 4: of 4 elements is empty"),
        ({"x": "op: add, from: [input]"}, "takes at least 2 inputs, found 1"),
        ({"x": "op: subtract, from: [input, input, input]"}, "takes 2 inputs, found 3"),
    ],
)
def test_refusals(layers: dict[str, str], message: str) -> None:
    (problem,) = whatever(layers, (4, 6, 8)).problems
    assert message in problem.message


@pytest.mark.parametrize("op", ["add", "multiply"])
def test_ranks_of_images_are_not_mixed(op: str) -> None:
    """N×12 over N×3×2×2 would meet torch's alignment from the last dimension: 12 against 2, N
    against 2.
    """
    layers = {"flat": "op: flatten", "x": f"op: {op}, from: [flat, input]"}
    (problem,) = whatever(layers, (3, 2, 2)).problems
    assert (
        problem.message
        == f"`x` ({op}) cannot take 12 and 3x2x2: torch aligns the last dimensions, and the batch"
        " of 12 would meet another dimension"
    )
    assert problem.hint == "reshape it to 3 dimensions, for instance 12x1x1"

    layers = {
        "flat": "op: flatten",
        "rows": "op: flatten, start: 1, from: input",
        "x": "op: add, from: [rows, flat, input]",
    }
    (problem,) = whatever(layers, (3, 2, 2)).problems
    # the first that is too short
    assert problem.hint == "reshape it to 3 dimensions, for instance 3x4x1"


def test_in_place_the_result_lies_as_the_first_input_does() -> None:
    rows, columns = contiguous((2, 3, 4)), permuted(contiguous((2, 4, 3)), (0, 2, 1))
    for first, second in ((rows, columns), (columns, rows)):
        assert Add(inplace=True).layout((first, second), (2, 3, 4), training=False) == first


def test_what_is_learned_has_no_batch_and_fits_any_rank() -> None:
    """A parameter, and what is made from one, broadcasts: 1×8 over N×6×8."""
    layers = {
        "bias": "op: parameter, size: [8]",
        "gate": "op: tanh",
        "x": "op: add, from: [input, gate]",
    }
    assert graph_of(layers, (6, 8)).nodes[2].output == (6, 8)


@pytest.mark.parametrize("op", ["add", "multiply"])
def test_a_batch_meets_no_other_dimension(op: str) -> None:
    """8 values per image against 8x8x8: torch would take the images of the batch for rows.

    As 8x1x1 they are a gate.
    """
    squeeze = {"pool": "op: adaptive_avg_pool2d, size: 1", "flat": "op: flatten"}
    (problem,) = whatever(squeeze | {"x": f"op: {op}, from: [input, flat]"}, (8, 8, 8)).problems
    assert (
        problem.message
        == f"`x` ({op}) cannot take 8x8x8 and 8: torch aligns the last dimensions, and the batch of"
        " 8 would meet another dimension"
    )
    assert problem.hint == "reshape it to 3 dimensions, for instance 8x1x1"
    gate = squeeze | {"gate": "op: reshape, size: [8, 1, 1]", "x": f"op: {op}, from: [input, gate]"}
    assert whatever(gate, (8, 8, 8)).problems == ()


def test_what_is_broadcast_is_read_whole() -> None:
    """Each dimension as it lies, but for one that is not there, or of a single element."""
    add = graph_of({"x": "op: add, from: [input, input]"}, (4, 6, 8)).nodes[0].op
    own = (Same(0), Same(1), Same(2))
    assert add.reads(((4, 6, 8), (4, 6, 8)), (4, 6, 8)) == (own, own)
    assert add.reads(((4, 6, 8), (6, 8)), (4, 6, 8)) == (own, (New(), Same(0), Same(1)))
    assert add.reads(((4, 6, 8), (4, 1, 8)), (4, 6, 8)) == (own, (Same(0), New(), Same(2)))
