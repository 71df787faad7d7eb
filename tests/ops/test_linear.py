"""Linear layers, scales, parameters: hand numbers and refusals."""

from __future__ import annotations

import pytest
import torch

from archprof.analysis.memory import saved_for_backward
from archprof.model.compile import build
from tests.small import graph_of, whatever


def test_vggs_first_fully_connected_layer_by_hand() -> None:
    node = graph_of({"flatten": "op: flatten", "fc6": "op: linear, out: 4096"}, (512, 7, 7)).nodes[
        1
    ]
    assert node.params == 512 * 7 * 7 * 4096 + 4096 == 102_764_544
    assert node.facts.cost.macs == 512 * 7 * 7 * 4096


def test_over_tokens_it_is_one_matrix_product() -> None:
    node = graph_of({"x": "op: linear, out: 3072"}, (197, 768)).nodes[0]
    assert node.params == 769 * 3072
    assert node.facts.cost.macs == 197 * 768 * 3072
    assert node.facts.cost.flops == 2 * 197 * 768 * 3072 + 197 * 3072


def test_tokens_out_of_order_are_copied_and_the_copy_is_kept() -> None:
    layers = {
        "r": "op: scale, size: []",
        "k": "op: relu",
        "turn": "op: permute, order: [1, 0]",
        "x": "op: linear, out: 4",
    }
    tensor = 6 * 8 * 4
    assert saved_for_backward(graph_of(layers, (6, 8)), 2, 4) == [
        2 * tensor,
        2 * tensor,
        0,
        2 * tensor,
    ]
    layers["turn"] = "op: identity"
    # the relu's output itself
    assert saved_for_backward(graph_of(layers, (6, 8)), 2, 4) == [2 * tensor, 2 * tensor, 0, 0]
    # a single sample of tokens out of order is a matrix all the same, seen from its other side
    layers["turn"] = "op: permute, order: [1, 0]"
    assert saved_for_backward(graph_of(layers, (6, 8)), 1, 4) == [tensor, tensor, 0, 0]


def test_a_learned_tensor_is_weight_not_activation() -> None:
    graph = graph_of(
        {"p": "op: parameter, size: [6, 8]", "x": "op: multiply, from: [input, p]"}, (6, 8)
    )
    assert graph.nodes[0].params == 48
    # the input, for p's gradient; p itself is held anyway
    assert saved_for_backward(graph, 2, 4) == [0, 2 * 6 * 8 * 4]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("scale, size: [5, 1, 1]", "a scale of 5*1*1 does not broadcast over 4*6*8: 5 against 4"),
        ("scale, size: [2, 4, 6, 8]", "a scale of 4 dimensions over an input of 3"),
        ("scale, size: [4], dim: 3", "a scale along dim 3 of a tensor of 3 dimensions"),
    ],
)
def test_refusals(layer: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: {layer}"}, (4, 6, 8)).problems
    assert message in problem.message


def test_a_parameter_has_elements() -> None:
    problem, *_ = whatever(
        {"p": "op: parameter, size: [0, 8]", "x": "op: add, from: [input, p]"}, (6, 8)
    ).problems
    assert "a parameter of size 0*8: every dimension is at least 1" in problem.message


@pytest.mark.parametrize(
    "op", ["linear, out: 2", "layer_norm", "rms_norm", "group_norm, groups: 1", "flatten"]
)
def test_what_has_no_dimension_is_refused(op: str) -> None:
    (problem,) = whatever(
        {"p": "op: parameter, size: []", "x": f"op: {op}", "y": "op: add, from: [input, x]"}, (6, 8)
    ).problems
    assert "found a scalar" in problem.message or "a tensor of 0 dimensions" in problem.message


def test_a_part_of_a_bias_is_held_at_zero() -> None:
    layers = {"x": "op: linear, out: 6, unbiased: [2, 4]"}
    module = build(graph_of(layers, (8,)))
    state = {key: torch.ones_like(value) for key, value in module.state_dict().items()}
    module.load_state_dict(state)
    assert module(torch.zeros(1, 8)).tolist() == [[1, 1, 0, 0, 1, 1]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("bias: false, unbiased: [2, 4]", "`unbiased` is a part of a bias, and there is none"),
        ("unbiased: [2, 8]", "`unbiased` is [2, 8], expected [start, stop] within 6 features"),
        ("unbiased: [2, 2]", "`unbiased` is [2, 2], expected [start, stop]"),
        ("unbiased: [2]", "`unbiased` is [2], expected [start, stop]"),
    ],
)
def test_what_is_no_part_of_a_bias(settings: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: linear, out: 6, {settings}"}, (8,)).problems
    assert message in problem.message
