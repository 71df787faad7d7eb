"""The convolution by a connection table against a dense one with zeros, and LeNet-5's C3 against
its paper.
"""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from archprof.language.expand import expand
from archprof.language.find import find
from archprof.model.namespace import TORCH
from archprof.ops.base import ShapeError
from archprof.ops.table_convolution import TableConv2d

TABLE = [[2], [0, 1], [3, 0, 2]]


def test_it_is_a_dense_convolution_with_zeros() -> None:
    module = (
        TableConv2d(out=3, kernel=[3, 2], stride=2, padding=1, table=TABLE)
        .build(TORCH, ((4, 7, 6),))
        .double()
    )
    dense = torch.zeros(3, 4, 3, 2, dtype=torch.float64)
    for kernel, (row, channel) in zip(
        module.weight,
        [(row, channel) for row, channels in enumerate(TABLE) for channel in channels],
        strict=True,
    ):
        dense[row, channel] = kernel[0]
    x = torch.rand(2, 4, 7, 6, dtype=torch.float64)
    torch.testing.assert_close(
        module(x), functional.conv2d(x, dense, module.bias, stride=2, padding=1)
    )


def test_its_weights_start_within_the_fan_in_of_their_output() -> None:
    torch.manual_seed(0)
    module = TableConv2d(out=2, kernel=5, table=[[0], list(range(100))]).build(
        TORCH, ((100, 9, 9),)
    )
    assert 0.1 < module.weight[:1].abs().max() <= 1 / 5
    assert 0.015 < module.weight[1:].abs().max() <= 1 / 50  # sqrt(100*25)


def test_lenets_third_layer() -> None:
    """LeCun et al.

    1998: "Layer C3 has 1,516 trainable parameters and 151,600 connections", biases among them.
    """
    node = next(node for node in expand(find("lenet5")).nodes if node.path == "c3")
    assert node.params == 1516
    assert node.facts.cost.macs + 16 * 10 * 10 == 151_600


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"out": 2}, "the table has 3 rows for out 2"),
        ({"out": 3, "groups": 3}, "groups 3 beside a table"),
    ],
)
def test_refusals(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        TableConv2d(kernel=1, table=TABLE, **settings).output_shape((4, 5, 5))


def test_a_channel_beyond_the_input() -> None:
    with pytest.raises(ShapeError, match="names channel 3, the last of 3 is 2"):
        TableConv2d(out=3, kernel=1, table=TABLE).output_shape((3, 5, 5))


@pytest.mark.parametrize("table", [[], [[]], [[0, 0]], [[-1]], [0, 1], "all"])
def test_what_is_no_table(table: object) -> None:
    with pytest.raises(
        ValueError, match="a list of lists of different whole numbers of at least 0"
    ):
        TableConv2d(out=1, kernel=1, table=table)
