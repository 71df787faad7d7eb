"""Modules that are a layer and a group at once: what has no weights gets another path."""

from __future__ import annotations

from archprof.language.writing.renaming import renamed
from archprof.language.writing.spec import spec
from tests.language.writing.graphs import Step, made, op


def test_a_module_that_runs_three_times() -> None:
    """torchvision's Bottleneck has one ReLU for three places."""
    steps = [
        Step("block.relu", op("relu")),
        Step("block.conv", op("conv2d", out=3, kernel=1)),
        Step("block.relu.relu", op("relu")),
        Step("block.relu.relu_1", op("relu")),
    ]
    graph, new = renamed(made((3, 8, 8), steps))
    assert new == {"block.relu.relu": "block.relu_2", "block.relu.relu_1": "block.relu_3"}
    assert [node.path for node in graph.nodes] == [
        "block.relu",
        "block.conv",
        "block.relu_2",
        "block.relu_3",
    ]


def test_an_operator_beside_the_one_with_the_weights() -> None:
    """timm's BatchNormAct2d is a norm with an activation in it."""
    steps = [Step("bn", op("batch_norm2d")), Step("bn.act", op("relu"))]
    made_of = spec(made((3, 8, 8), steps), {})
    assert made_of.renamed == {"bn.act": "bn_act"}
    assert made_of.text.endswith("  bn: {op: batch_norm2d}\n  bn_act: {op: relu}\n")


def test_where_what_is_inside_has_weights_the_outer_one_moves() -> None:
    steps = [Step("unit", op("relu")), Step("unit.conv", op("conv2d", out=3, kernel=1))]
    _, new = renamed(made((3, 8, 8), steps))
    assert new == {"unit": "unit.relu"}


def test_a_new_path_is_nobody_elses() -> None:
    steps = [
        Step("relu", op("relu")),
        Step("relu_2", op("tanh")),
        Step("relu.relu", op("relu")),
        Step("bn", op("batch_norm2d")),
        Step("bn_act", op("tanh")),
        Step("bn.act", op("relu")),
    ]
    _, new = renamed(made((3, 8, 8), steps))
    assert new == {"relu.relu": "relu_3", "bn.act": "bn_act_2"}


def test_a_graph_without_such_layers_is_left_alone() -> None:
    graph = made((3, 8, 8), [Step("a", op("relu")), Step("b.c", op("relu"))])
    assert renamed(graph) == (graph, {})
