"""Biases before a batch norm, where they do nothing and where they do."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said

CONV = "conv: {op: conv2d, out: 16, kernel: 3, padding: 1}"
NORM = "norm: {op: batch_norm2d}"


@pytest.mark.parametrize(
    "op",
    [
        "conv2d, out: 16, kernel: 3",
        "conv_transpose2d, out: 16, kernel: 3",
        "std_conv2d, out: 16, kernel: 3",
        "scaled_std_conv2d, out: 16, kernel: 3",
    ],
)
def test_a_bias_per_channel_does_nothing(op: str) -> None:
    ((line, message),) = said(net(f"conv: {{op: {op}}}", NORM), "conv-bias")
    assert (line, "16 parameters" in message, "`norm`" in message) == (4, True, True)


@pytest.mark.parametrize(
    "layers",
    [
        ["conv: {op: conv2d, out: 16, kernel: 3, bias: false}", NORM],
        [CONV, "relu: {op: relu}", NORM],
        [CONV, NORM, "add: {op: add, from: [norm, conv]}"],  # somebody else reads the bias
        [CONV, "norm: {op: layer_norm2d}"],  # over channels, not over pixels
        [CONV, "norm: {op: group_norm, groups: 4}"],  # over several channels, whose biases differ
    ],
    ids=["none", "relu between", "read twice", "layer norm", "group norm"],
)
def test_a_bias_that_is_needed(layers: list[str]) -> None:
    assert said(net(*layers), "conv-bias") == []


def test_an_output_keeps_its_bias() -> None:
    assert (
        said(net(CONV, "norm: {op: batch_norm2d}", tail="output: [norm, conv]"), "conv-bias") == []
    )


def test_a_bias_that_another_layer_shares_is_left_alone() -> None:
    layers = (
        CONV.replace("16", "3"),
        NORM,
        "again: {op: conv2d, out: 3, kernel: 3, padding: 1, share: conv}",
        "relu: {op: relu}",
    )
    assert said(net(*layers), "conv-bias") == []


def test_a_block_is_told_once() -> None:
    """Two uses in each of two variants: the first, and three more."""
    text = """name: net
input: 3x32x32
params: {times: }
blocks:
  unit:
    layers:
    - {op: conv2d, out: 8, kernel: 3}
    - {op: batch_norm2d}
layers: {units: {block: unit, repeat: $times}}
variants: {one: {times: 2}, other: {times: 2}}
"""
    ((line, message),) = said(text, "conv-bias")
    assert line == 7
    assert message.endswith("8 parameters that do nothing (in one, and 3 more like it)")
