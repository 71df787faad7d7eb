"""Recurrent layers: lstm, gru, rnn."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archprof.analysis.analysis import analyze
from archprof.model.compile import build
from archprof.training.conditions import StepConditions
from archprof.training.step import simulate
from tests.small import graph_of, whatever


def row(layer: str, steps: int = 10, features: int = 20):  # type: ignore[no-untyped-def]
    return analyze(graph_of({"x": f"op: {layer}"}, (steps, features))).layers[0]


@pytest.mark.parametrize(
    ("kind", "gates", "rate"), [("lstm", 4, 30), ("gru", 3, 21), ("rnn", 1, 6)]
)
def test_one_layer_by_hand(kind: str, gates: int, rate: int) -> None:
    """Each gate has H*(In + H) weights and two biases of H; each step multiplies all of them."""
    found = row(f"{kind}, hidden: 30")
    assert found.node.output == (10, 30)
    assert found.params == gates * (30 * (20 + 30) + 2 * 30)
    assert found.macs == 10 * gates * 30 * (20 + 30)
    assert found.flops == 2 * found.macs + 10 * 30 * (2 * gates + rate)


def test_layers_and_directions_by_hand() -> None:
    """The second layer is given both directions of the first: 60 features."""
    found = row("lstm, hidden: 30, num_layers: 2, bidirectional: true, bias: false")
    assert found.node.output == (10, 60)
    assert found.params == 2 * 4 * 30 * (20 + 30) + 2 * 4 * 30 * (60 + 30)
    assert found.macs == 10 * found.params
    assert analyze(graph_of({"x": "op: gru, hidden: 3, num_layers: 4"}, (5, 2))).totals.depth == 4


def test_a_relu_costs_less_than_a_tanh() -> None:
    """max(x, 0) is 1 where tanh is 5, per unit and step."""
    tanh, relu = row("rnn, hidden: 30"), row("rnn, hidden: 30, nonlinearity: relu")
    assert tanh.flops - relu.flops == 10 * 30 * (5 - 1)


def test_weights_have_torchs_names() -> None:
    node = row("gru, hidden: 3, num_layers: 2, bidirectional: true").node
    expected = nn.GRU(20, 3, num_layers=2, bidirectional=True).state_dict()
    assert list(node.facts.weights) == list(expected)
    assert {k: w.shape for k, w in node.facts.weights.items()} == {
        k: tuple(v.shape) for k, v in expected.items()
    }


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_it_gives_torchs_states_of_all_steps(kind: str) -> None:
    graph = graph_of({"x": f"op: {kind}, hidden: 3, num_layers: 2"}, (4, 5))
    module = build(graph)
    theirs = getattr(nn, kind.upper())(5, 3, num_layers=2, batch_first=True)
    theirs.load_state_dict(module.x.state_dict())
    given = torch.randn(2, 4, 5)
    assert torch.equal(module(given), theirs(given)[0])


def test_what_autograd_keeps_by_hand() -> None:
    """Of a GRU per unit and step: 3 products with the state, the new gate, the state less it, its
    product with r, and the state before; besides, the input. In float32, for one sample.
    """
    assert row("gru, hidden: 30").saved_bytes == 4 * (10 * 30 * 7 + 10 * 20)
    # of an RNN the states, and the first, which is zeros
    assert row("rnn, hidden: 30").saved_bytes == 4 * (10 * 30 + 30 + 10 * 20)


def test_what_onednn_keeps_is_unknown() -> None:
    found = analyze(graph_of({"x": "op: lstm, hidden: 30"}, (10, 20)))
    assert found.layers[0].saved_bytes is None
    assert found.totals.unknown.saved == ("x",)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_step_of_training_says_that_it_does_not_know_its_kernels(kind: str) -> None:
    graph = graph_of({"x": f"op: {kind}, hidden: 3"}, (4, 5))
    assert simulate(graph, StepConditions(batch=2)).unknown == ("x",)


@pytest.mark.parametrize("size", [(5,), (3, 4, 4)])
def test_it_takes_steps_of_features(size: tuple[int, ...]) -> None:
    (problem,) = whatever({"x": "op: lstm, hidden: 3"}, size).problems
    assert "lstm needs steps x features" in problem.message
    assert "reshape" in problem.hint
