"""The parts of a tensor: against torch's, in a spec, and what is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archprof.model.compile import assemble
from archprof.ops import OPS
from archprof.ops.base import Op
from tests.small import graph_of, whatever


def lengths(op: Op, whole: int) -> list[int]:
    return [part.output_shape((whole,))[0] for part in op.parts((whole,))]


@given(st.integers(1, 40), st.integers(1, 12))
def test_parts_are_torchs(whole: int, number: int) -> None:
    x = torch.zeros(2, whole)
    assert lengths(OPS["split"](sizes=number), whole) == [
        part.shape[1] for part in torch.split(x, number, dim=1)
    ]
    assert lengths(OPS["chunk"](chunks=number), whole) == [
        part.shape[1] for part in torch.chunk(x, number, dim=1)
    ]


def test_an_entry_gives_all_parts() -> None:
    layers = {
        "part": "op: split, sizes: [1, 2, 3], dim: -1",
        "again": "op: concat, dim: -1, from: [part.2, part.0, part.1]",
        "half": "op: chunk, chunks: 2, dim: -1",
        "sum": "op: add",
    }
    graph = graph_of(layers, (2, 6))
    assert [(node.path, node.output) for node in graph.nodes] == [
        ("part.0", (2, 1)),
        ("part.1", (2, 2)),
        ("part.2", (2, 3)),
        ("again", (2, 6)),
        ("half.0", (2, 3)),
        ("half.1", (2, 3)),
        ("sum", (2, 3)),
    ]
    x = torch.arange(12.0).reshape(1, 2, 6)
    first, middle, last = x.split([1, 2, 3], dim=-1)
    left, right = torch.cat([last, first, middle], dim=-1).chunk(2, dim=-1)
    assert torch.equal(assemble(graph)(x), left + right)


def test_a_repeat_of_splits_goes_on_with_the_first() -> None:
    layers = {
        "part": "op: chunk, chunks: 2",
        "sum": "op: add, from: part",
        "q": "op: chunk, chunks: 3, dim: 1",
        "attend": "op: attention, heads: 1, from: q",
    }
    assert graph_of(layers, (4, 6)).nodes[-1].output == (2, 2)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("split, sizes: [2, 3]", "sizes [2, 3] make 5 of the 6 elements along dim 0"),
        ("split, sizes: 2, dim: 1", "split: dim 1 of a tensor of 1 dimensions"),
        ("split, sizes: 2, part: 3", "split gives 3 parts, numbered from 0, found part 3"),
        ("chunk, chunks: 4, part: 3", "chunk gives 3 parts, numbered from 0, found part 3"),
    ],
)
def test_refusals(layer: str, message: str) -> None:
    assert message in str(whatever({"x": f"op: {layer}"}, (6,)).problems[0])


def test_too_many_parts() -> None:
    layers = {"x": "op: split, sizes: 1"}
    assert "more than 1024 parts" in str(whatever(layers, (2000,)).problems[0])


def test_one_input_takes_one_part() -> None:
    problem = whatever({"part": "op: chunk, chunks: 3", "x": "op: relu"}, (6,)).problems[0]
    assert problem.message == "op `relu` takes one input, found 3 side by side"
    assert "`part.0` is the first of them" in problem.hint
