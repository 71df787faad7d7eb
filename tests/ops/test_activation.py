"""Activations: what autograd keeps of each, in place and not."""

from __future__ import annotations

import pytest

from archprof.analysis.memory import saved_for_backward
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
        # a copy of the input, which is overwritten
        ("silu, inplace: true", 1),
        ("relu6, inplace: true", 1),
        ("leaky_relu, inplace: true", 1),  # the output: its sign is the input's
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


def test_softmax_needs_a_dimension_that_exists() -> None:
    (problem,) = whatever({"x": "op: softmax, dim: 3"}, SIZE).problems
    assert (
        "softmax over dim 3 of a tensor of 3 dimensions (the batch is not counted)"
        in problem.message
    )
