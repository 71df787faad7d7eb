"""Convolutions with standardised filters."""

from __future__ import annotations

from archprof.commands.verify.oracle import verify
from tests.small import graph_of, whatever


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
