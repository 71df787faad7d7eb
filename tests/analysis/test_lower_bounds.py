"""What a network's sums lack, as problems with their places."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.analysis.lower_bounds import lower_bounds
from archprof.problem import FINDINGS, ProblemError
from tests.small import graph_of

pytestmark = pytest.mark.usefixtures("opaque")

CONV = "op: conv2d, out: 4, kernel: 3, padding: 1"


def test_nothing_is_lacking() -> None:
    analysis = analyze(graph_of({"a": CONV}, (4, 6, 8)))
    assert lower_bounds(analysis) == ()
    assert analysis.known_total("macs") == 4 * 4 * 9 * 6 * 8


def test_each_layer_whose_cost_is_unknown() -> None:
    graph = graph_of({"a": CONV, "u": "op: opaque", "b": CONV, "v": "op: opaque"}, (4, 6, 8))
    analysis = analyze(graph)
    found = lower_bounds(analysis)
    assert [problem.message for problem in found] == [
        f"the cost of layer `{path}` (opaque) is unknown: sums without it are lower bounds"
        for path in ("u", "v")
    ]
    assert [problem.mark for problem in found] == [graph.nodes[1].mark, graph.nodes[3].mark]
    assert {problem.rule for problem in found} <= FINDINGS
    with pytest.raises(ProblemError, match="layer `u`"):
        analysis.known_total("macs")
    # what needs no arithmetic is known: two convolutions of 4*4*9 weights and 4 biases
    assert analysis.known_total("params") == 2 * (4 * 4 * 9 + 4)
