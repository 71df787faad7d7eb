"""What a spec cannot say is named layer by layer, with the way out."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest

from archprof.language.writing.sayable import check_operators, check_paths
from archprof.ops.arriving import FurtherInput
from archprof.ops.base import PointwiseOp
from archprof.ops.elements import FRACTIONS, Elements
from archprof.problem import ProblemError
from tests.language.writing.graphs import Step, made, op


class Einsum(PointwiseOp):
    """An operator that no spec has, as a captured module may have one."""

    name: ClassVar[str] = "einsum"


class OtherRelu(PointwiseOp):
    """One that has the name of an op, and is another."""

    name: ClassVar[str] = "relu"


def test_operators_are_named_ten_and_then_counted() -> None:
    graph = made((3, 8, 8), [Step(f"layer{i}", Einsum()) for i in range(12)])
    with pytest.raises(ProblemError) as raised:
        check_operators(graph)
    messages = [problem.message for problem in raised.value.problems]
    assert (
        "a spec cannot say `layer0`: the language has no op for the operator `einsum`" in messages
    )
    assert "and 2 more layers that a spec cannot say" in messages
    assert len(messages) == 11
    assert all("json, dot, mermaid" in problem.hint for problem in raised.value.problems)
    assert "net.py:7: error: a spec cannot say `layer0`" in str(raised.value)


def test_an_op_is_known_by_its_class_and_not_by_its_name() -> None:
    with pytest.raises(ProblemError, match="no op for the operator `relu`"):
        check_operators(made((3, 8, 8), [Step("a", OtherRelu())]))


@pytest.mark.parametrize(
    ("elements", "name", "message"),
    [
        (Elements("int64", 0, 8), "ids", "`ids`: it is int64, and nobody knows below which number"),
        (Elements("complex64", 0, 8), "ids", "`ids`: it is complex64"),
        (FRACTIONS, "input.1", "`input.1`: a name is letters, digits and _"),
        (FRACTIONS, "class", "`class`: a name is letters"),
    ],
)
def test_inputs_that_no_spec_states(elements: Elements, name: str, message: str) -> None:
    given = FurtherInput((5,), elements)
    graph = made((3, 8, 8), [Step("a", op("relu"))])
    node = graph.nodes[0]._replace(path=name, op=given, inputs=())
    with pytest.raises(ProblemError, match=re.escape(message)):
        check_operators(graph.replaced(nodes=(node, *graph.nodes)))


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a b"], "`a b` in its path is not a name"),
        (["a", "a"], "another layer has the same path"),
        (["a", "a.b"], "other layers have paths inside it"),
        ([".".join("x" * 19)], "its path has 19 parts, at most 18"),
        (["a..b"], "`` in its path is not a name"),
        (["é"], "not a name"),
    ],
)
def test_paths(paths: list[str], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        check_paths(made((3, 8, 8), [Step(path, op("relu")) for path in paths]))


def test_what_can_be_said_passes() -> None:
    graph = made((3, 8, 8), [Step("features.0", op("relu")), Step("shape", op("tanh"))])
    check_operators(graph)
    check_paths(graph)
