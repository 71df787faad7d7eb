"""Activations: what autograd keeps of each, in place and not."""

from __future__ import annotations

import math

import pytest
import torch

from archprof.analysis.memory import saved_for_backward
from archprof.model.compile import build
from archprof.ops.answers import Cost
from archprof.ops.base import Shape
from tests.small import graph_of, whatever

SIZE, BYTES = (4, 6, 8), 4 * 6 * 8 * 4  # float32


@pytest.mark.parametrize(
    ("activation", "kept"),
    [
        ("relu", 1),  # its output: the convolution's is free to go
        ("relu, inplace: true", 1),  # the output, written over the input
        ("sigmoid", 1),
        ("tanh", 1),
        ("softmax", 1),  # the output
        ("gelu", 1),
        ("silu", 1),
        ("hardswish", 1),
        ("relu6", 1),
        ("leaky_relu", 1),  # the input
        ("prelu", 1),  # the input, for the slope's gradient
        ("prelu, per_channel: true", 1),
        # a copy of the input, which is overwritten
        ("silu, inplace: true", 1),
        ("relu6, inplace: true", 1),
        ("leaky_relu, inplace: true", 1),  # the output: its sign is the input's
        ("log_softmax", 1),  # the output
        ("mish", 1),
        ("mish, inplace: true", 1),  # a copy
        ("hardtanh, inplace: true", 1),
        ("elu", 1),  # the input
        ("elu, inplace: true", 1),  # the output, from which the slope follows
        ("celu, inplace: true", 1),
        ("selu, inplace: true", 1),
        ("softplus", 1),
        ("glu, dim: 0", 1),  # the input, both halves
        ("logsigmoid", 2),  # the input, and exp(-|x|)
        ("softsign", 2),  # the input, and 1 + |x|
    ],
)
def test_an_activation_keeps_one_tensor(activation: str, kept: int) -> None:
    graph = graph_of({"conv": "op: conv2d, out: 4, kernel: 1", "x": f"op: {activation}"}, SIZE)
    assert saved_for_backward(graph, 1, 4) == [BYTES, kept * BYTES]  # and the convolution its input


def test_what_the_next_layer_keeps_as_well_counts_once() -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 1",
        "x": "op: relu",
        "b": "op: conv2d, out: 4, kernel: 1",
    }
    # b's input is the relu's output
    assert saved_for_backward(graph_of(layers, SIZE), 1, 4) == [BYTES, BYTES, 0]
    layers["x"] = "op: gelu"
    # gelu's input and b's are two tensors
    assert saved_for_backward(graph_of(layers, SIZE), 1, 4) == [BYTES, BYTES, BYTES]
    layers["x"] = "op: silu, inplace: true"
    # a copy, so nothing is saved by it
    assert saved_for_backward(graph_of(layers, SIZE), 1, 4) == [BYTES, BYTES, BYTES]


@pytest.mark.parametrize(
    ("settings", "size", "params"),
    [
        ("", SIZE, 1),  # one slope for all
        (", per_channel: true", SIZE, 4),  # one for each of 4 channels
        (", per_channel: true", (12,), 12),  # and for each feature
    ],
)
def test_prelu_by_hand(settings: str, size: Shape, params: int) -> None:
    node = graph_of({"x": f"op: prelu{settings}"}, size).nodes[0]
    assert node.params == params
    # compare and multiply
    assert node.facts.cost == Cost(0, 2 * math.prod(size))
    assert node.op.working(node.facts.inputs, node.output)["params"].substituted() == str(params)


def test_prelu_starts_as_torch_does() -> None:
    module = build(graph_of({"x": "op: prelu, per_channel: true"}, SIZE))
    x = torch.tensor([-2.0, 3.0]).reshape(1, 1, 1, 2).expand(1, *SIZE[:2], 2)
    # max(x, 0) + 0.25*min(x, 0)
    assert module.state_dict()["x.weight"].tolist() == [0.25] * 4
    assert torch.equal(module(x), torch.tensor([-0.5, 3.0]).expand_as(x))


def test_prelu_needs_a_dimension() -> None:
    (problem,) = whatever({"p": "op: parameter, size: []", "x": "op: prelu"}, SIZE).problems
    assert "prelu needs an input of one dimension at least, found a scalar" in problem.message


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("elu, alpha: 0.5", [0.5 * (math.exp(-2) - 1), 3]),
        ("celu, alpha: 0.5", [0.5 * (math.exp(-4) - 1), 3]),
        ("selu", [1.0507009873 * 1.6732632423 * (math.exp(-2) - 1), 1.0507009873 * 3]),
        ("mish", [x * math.tanh(math.log(1 + math.exp(x))) for x in (-2, 3)]),
        ("softplus, beta: 2", [math.log(1 + math.exp(2 * x)) / 2 for x in (-2, 3)]),
        ("logsigmoid", [-math.log(1 + math.exp(-x)) for x in (-2, 3)]),
        ("hardtanh, min_val: -1.5", [-1.5, 1]),
        ("softsign", [-2 / 3, 3 / 4]),
        ("glu", [-2 / (1 + math.exp(-3))]),
        (
            "log_softmax",
            [-2 - math.log(math.exp(-2) + math.exp(3)), 3 - math.log(math.exp(-2) + math.exp(3))],
        ),
    ],
)
def test_values_by_hand(op: str, expected: list[float]) -> None:
    module = build(graph_of({"x": f"op: {op}"}, (2,)), dtype=torch.float64)
    found = module(torch.tensor([[-2.0, 3.0]], dtype=torch.float64))
    assert found[0].tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("op", "message"),
    [
        ("glu, dim: 3", "glu along dim 3 of a tensor of 3 dimensions (the batch is not counted)"),
        ("glu, dim: 1", "glu halves dim 1, which has 7 elements: an odd number"),
        ("hardtanh, min_val: 1", "hardtanh between 1 and 1 leaves nothing"),
        ("log_softmax, dim: -4", "log_softmax over dim -4 of a tensor of 3 dimensions"),
    ],
)
def test_what_an_activation_refuses(op: str, message: str) -> None:
    (problem,) = whatever({"x": f"op: {op}"}, (4, 7, 8)).problems
    assert message in problem.message


def test_softmax_needs_a_dimension_that_exists() -> None:
    (problem,) = whatever({"x": "op: softmax, dim: 3"}, SIZE).problems
    assert (
        "softmax over dim 3 of a tensor of 3 dimensions (the batch is not counted)"
        in problem.message
    )
