"""Convolutions with standardised filters."""

from __future__ import annotations

import math

import pytest
import torch

from archprof.commands.verify.oracle import verify
from archprof.model.compile import build
from archprof.ops.answers import Cost
from tests.small import graph_of, whatever


@pytest.mark.parametrize(
    ("op", "params", "per_weight", "statistics"),
    [
        # a mean and a deviation for each of 6 filters
        ("std_conv2d", 4 * 9 * 6 + 6, 4, 2 * 6),
        # and gain/sqrt(fan_in), of a gain for each
        ("scaled_std_conv2d", 4 * 9 * 6 + 6 + 6, 5, 3 * 6),
    ],
)
def test_by_hand(op: str, params: int, per_weight: int, statistics: int) -> None:
    (node,) = graph_of({"x": f"op: {op}, out: 6, kernel: 3"}, (4, 6, 8)).nodes
    macs = 4 * 9 * 6 * 4 * 6
    assert node.params == params
    # a batch norm of the filters, which fvcore counts as if of the network's input
    assert node.facts.cost == Cost(macs, 2 * macs + 6 * 4 * 6, fvcore=macs + per_weight * 4 * 9 * 6)
    kept = sum(saved.elements for saved in node.facts.saved if saved.what == "own")
    assert kept == 4 * 9 * 6 + statistics  # the standardised filters


def test_standardised_filters_have_mean_0_and_variance_1() -> None:
    module = build(graph_of({"x": "op: std_conv2d, out: 1, kernel: 2, bias: false"}, (1, 2, 2)))
    with torch.no_grad():
        next(module.parameters()).copy_(torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]]))
    # mean 4, variance (9 + 1 + 1 + 9)/4 = 5
    expected = [n / math.sqrt(5) for n in (-3, -1, 1, 3)]
    for place, weight in enumerate(expected):
        image = torch.zeros(4)
        image[place] = 1
        assert module(image.view(1, 1, 2, 2)).item() == pytest.approx(weight, abs=1e-6)


def test_a_filter_of_one_weight_cannot_be_standardised() -> None:
    """torch.nn.functional.batch_norm, which standardises the filters, refuses one value per
    channel.
    """
    (problem,) = whatever(
        {"x": "op: scaled_std_conv2d, out: 4, kernel: 1, groups: 4"}, (4, 6, 8)
    ).problems
    assert "a filter of one weight cannot be standardised" in problem.message
    # of two weights it can
    assert verify(
        graph_of({"x": "op: scaled_std_conv2d, out: 4, kernel: 1, groups: 2"}, (4, 6, 8))
    ).holds
