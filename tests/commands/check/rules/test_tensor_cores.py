"""Channel counts that half precision pads."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said

LAST = "last: {op: conv2d, out: 10, kernel: 1}"


def test_what_the_next_layer_gets() -> None:
    ((line, message),) = said(
        net("conv: {op: conv2d, out: 20, kernel: 3}", "relu: {op: relu}", LAST), "tensor-cores"
    )
    assert (line, "20 channels" in message) == (4, True)


@pytest.mark.parametrize(
    "layers",
    [
        ["conv: {op: conv2d, out: 24, kernel: 3}", LAST],
        [LAST],  # classes are what they are
        ["conv: {op: conv2d, out: 3, kernel: 3, groups: 3}", LAST],  # depthwise
        # a single position
        [
            "pool: {op: adaptive_avg_pool2d, size: 1}",
            "squeeze: {op: conv2d, out: 5, kernel: 1}",
            LAST,
        ],
        # 2*3*3 offsets
        [
            "offset: {op: conv2d, out: 18, kernel: 3, padding: 1}",
            "conv: {op: deform_conv2d, from: [input, offset], out: 8, kernel: 3, padding: 1}",
            LAST,
        ],
        ["flatten: {op: flatten}", "hidden: {op: linear, out: 100}", "out: {op: linear, out: 10}"],
    ],
    ids=["multiple", "last", "depthwise", "squeeze", "offsets", "vector"],
)
def test_what_is_left_alone(layers: list[str]) -> None:
    assert said(net(*layers), "tensor-cores") == []


def test_tokens_are_positions() -> None:
    layers = ("hidden: {op: linear, out: 100}", "act: {op: gelu}", "out: {op: linear, out: 32}")
    ((line, _),) = said(net(*layers, head="input: 49x32"), "tensor-cores")
    assert line == 4
