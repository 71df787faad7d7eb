"""Which parameters a pattern freezes, and what is frozen as a whole."""

from __future__ import annotations

import pytest

from archprof.graph.freezing import FrozenParts, freeze, frozen_parts, matching
from archprof.graph.graph import Graph
from archprof.problem import ProblemError
from tests.small import graph_of

LAYERS = {
    "stem": "op: conv2d, out: 4, kernel: 1",
    "body": "layers: [{op: conv2d, out: 4, kernel: 1}, {op: batch_norm2d}, {op: relu}]",
    "again": "op: conv2d, out: 4, kernel: 1, share: stem",
    "pool": "op: adaptive_avg_pool2d, size: 1",
    "flatten": "op: flatten",
    "fc": "op: linear, out: 3",
}


def network() -> Graph:

    return graph_of(LAYERS, (4, 2, 2))


def frozen_of(graph: Graph) -> dict[str, set[str]]:
    return {node.path: set(node.frozen) for node in graph.nodes if node.frozen}


BOTH = {"weight", "bias"}


@pytest.mark.parametrize(
    ("patterns", "frozen"),
    [
        (["fc"], {"fc": BOTH}),
        (["body"], {"body.0": BOTH, "body.1": BOTH}),
        (["body.*"], {"body.0": BOTH, "body.1": BOTH}),
        (["b?dy.[01]"], {"body.0": BOTH, "body.1": BOTH}),
        (["body.1", "fc"], {"body.1": BOTH, "fc": BOTH}),
        (["fc.bias"], {"fc": {"bias"}}),
        # a layer that shares weights is frozen with their owner
        (["stem"], {"stem": BOTH, "again": BOTH}),
        (
            ["*.bias"],
            {path: {"bias"} for path in ("stem", "body.0", "body.1", "again", "fc")},
        ),
    ],
)
def test_what_patterns_freeze(patterns: list[str], frozen: dict[str, set[str]]) -> None:
    assert frozen_of(freeze(network(), patterns)) == frozen


def test_what_is_frozen_stays_frozen() -> None:
    first = freeze(network(), ["fc"])
    assert frozen_of(freeze(first, ["body.1"])) == {"fc": BOTH, "body.1": BOTH}
    assert freeze(first, []) is first


def test_elements_that_are_frozen_are_counted_once() -> None:
    graph = freeze(network(), ["stem"])
    # 4*4 weights and 4 biases, which `again` uses too
    assert [node.frozen_params for node in graph.nodes if node.frozen] == [20, 0]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("bdy", "`bdy` names no parameter of small"),
        ("again", "`again` of small has no parameters of its own"),
        ("flatten", "`flatten` of small has no parameters of its own"),
        ("", "`` names no parameter of small"),
        ("body.0.weigh", "names no parameter"),
    ],
)
def test_a_pattern_that_names_nothing_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        freeze(network(), ["fc", pattern])
    assert message in str(raised.value)
    assert "hint" in str(raised.value)


def test_a_near_path_is_offered() -> None:
    with pytest.raises(ProblemError, match="did you mean `body`"):
        freeze(network(), ["bdy"])


def test_patterns_of_several_networks() -> None:
    other = graph_of({"flatten": "op: flatten", "head": "op: linear, out: 2"}, (4, 2, 2))
    assert matching([network(), other], ["stem", "head", "*"]) == [["stem", "*"], ["head", "*"]]
    with pytest.raises(ProblemError, match="`nothing` names no parameter"):
        matching([network(), other], ["stem", "nothing"])


@pytest.mark.parametrize(
    ("patterns", "parts"),
    [
        ([], FrozenParts()),
        (["*"], FrozenParts(("",))),
        (["body"], FrozenParts(("body",))),
        (["body.0", "stem"], FrozenParts(("stem", "body.0"))),
        (["fc.bias", "body.1"], FrozenParts(("body.1",), ("fc.bias",))),
    ],
)
def test_the_largest_parts(patterns: list[str], parts: FrozenParts) -> None:
    assert frozen_parts(freeze(network(), patterns)) == parts


def test_a_bare_parameter_is_named_by_its_layer() -> None:
    graph = graph_of(
        {"scale": "op: scale, size: [4, 1, 1]", "conv": "op: conv2d, out: 2, kernel: 1"}, (4, 2, 2)
    )
    partly = freeze(graph, ["scale"])
    assert frozen_of(partly) == {"scale": {""}}
    assert frozen_parts(partly) == FrozenParts((), ("scale",))
    assert matching([graph], ["scale"]) == [["scale"]]
