"""Transposed convolutions by hand, at random and where they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.verify.oracle import verify
from archprof.graph.graph import Graph
from tests.small import conv_transpose2d, graph_of, whatever

images = st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9))


def agree(graph: Graph) -> None:
    differing = verify(graph).differing
    assert not differing, "\n".join(map(str, differing))


def test_transposed_by_hand() -> None:
    node = graph_of(
        {"up": "op: conv_transpose2d, out: 64, kernel: 2, stride: 2"}, (128, 28, 28)
    ).nodes[0]
    assert node.output == (64, 56, 56)  # (28 - 1)*2 + 2
    assert node.params == 128 * 64 * 4 + 64
    assert node.facts.weights["weight"].shape == (128, 64, 2, 2)  # torch puts the input first
    # each input element times a 2x2 patch of every output channel
    assert node.facts.cost.macs == 128 * 28 * 28 * 64 * 4


@settings(max_examples=40)
@given(st.data(), images)
def test_any_transposed_convolution(data: st.DataObject, size: tuple[int, int, int]) -> None:
    graph = whatever({"start": "op: scale, size: []", "x": conv_transpose2d(data.draw, size)}, size)
    if not graph.problems:  # padding may leave nothing
        agree(graph)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            "kernel: 2, stride: 2, output_padding: 2",
            "output_padding 2 must be smaller than the stride 2 or the dilation 1",
        ),
        ("kernel: 1, padding: 4", "(6 - 1)*1 - 2*4 + 1*(1 - 1) + 0 + 1 = -2: nothing is left"),
        ("kernel: 2, groups: 3", "input channels 4 is not a multiple of groups 3"),
    ],
)
def test_transposed_refusals(settings: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: conv_transpose2d, out: 3, {settings}"}, (4, 6, 8)).problems
    assert message in problem.message


@pytest.mark.parametrize(
    ("groups", "formula", "numbers"),
    [
        (2, "Kh*Kw*Cin*(Cout/g)*Hin*Win", "3*3*4*(8/2)*5*5"),
        (1, "Kh*Kw*Cin*Cout*Hin*Win", "3*3*4*8*5*5"),
    ],
)
def test_the_working_of_groups(groups: int, formula: str, numbers: str) -> None:
    layer = f"op: conv_transpose2d, out: 8, kernel: 3, groups: {groups}"
    node = graph_of({"x": layer}, (4, 5, 5)).nodes[0]
    lines = node.op.working(node.facts.inputs, node.output)
    assert lines["macs"].formula == formula
    assert lines["macs"].substituted() == numbers
