"""The example of every op: a whole spec that holds, with the op in it."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import pick
from archprof.ops import OPS
from archprof.ops.examples import EXAMPLES, Example


def test_every_op_has_one_in_the_order_of_the_table() -> None:
    assert list(EXAMPLES) == list(OPS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_holds_and_shows_the_op(name: str) -> None:
    graph = expand(pick(load_text(EXAMPLES[name].spec(name)), "", name))
    assert analyze(graph).problems() == ()
    assert name in {node.op.name for node in graph.nodes}


def test_a_spec_is_written_as_a_file_has_it() -> None:
    example = Example("3x8x8", ("one: {op: relu}", "two: {op: tanh}"))
    assert example.spec("relu") == (
        "name: relu_example\ninput: 3x8x8\nlayers:\n  one: {op: relu}\n  two: {op: tanh}\n"
    )
