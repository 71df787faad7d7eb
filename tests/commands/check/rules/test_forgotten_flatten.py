"""Linear layers on images: forgotten, or meant for each pixel."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said, whole

LINEAR = "fc: {op: linear, out: 10}"


def test_the_whole_message() -> None:
    assert (
        whole(net(LINEAR, head="input: 512x7x7"), "forgotten-flatten")
        == """\
net.yaml:4:3: warning: `fc` (linear) on 512x7x7 multiplies along the width, 7 to 10, in each of \
512 channels [forgotten-flatten]
      fc: {op: linear, out: 10}
      ^
  hint: a flatten before it, or a permute that puts the channels last"""
    )


@pytest.mark.parametrize(
    "layers",
    [
        ["pool: {op: adaptive_avg_pool2d, size: 1}", LINEAR],
        [
            "pool: {op: adaptive_avg_pool2d, size: 1}",
            "real: {op: linear, out: 1}",
        ],  # a discriminator's
        [
            "conv: {op: conv2d, out: 8, kernel: 3}",
            "relu: {op: relu}",
            "drop: {op: dropout}",
            LINEAR,
        ],
        ["conv: {op: conv2d, out: 3, kernel: 1}", "add: {op: add, from: [conv, input]}", LINEAR],
        [
            "last: {op: permute, order: [1, 2, 0]}",
            "first: {op: permute, order: [2, 0, 1]}",
            "conv: {op: conv2d, out: 3, kernel: 1}",
            LINEAR,
        ],
        ["pad: {op: pad, sides: [1, 1, 1, 1]}", "crop: {op: slice, dim: 1, stop: 20}", LINEAR],
    ],
    ids=["pooled", "to one", "conv", "residual", "channels first again", "cropped"],
)
def test_forgotten(layers: list[str]) -> None:
    assert [line for line, _ in said(net(*layers), "forgotten-flatten")] == [3 + len(layers)]


@pytest.mark.parametrize(
    "layers",
    [
        ["flatten: {op: flatten}", LINEAR],
        # ConvNeXt's block
        [
            "last: {op: permute, order: [1, 2, 0]}",
            LINEAR,
            "gelu: {op: gelu}",
            "out: {op: linear, out: 3}",
        ],
        ["norm: {op: layer_norm}", LINEAR],  # a norm over the last dimension: channels are last
        ["tokens: {op: flatten, start: 1}", LINEAR],  # 3x1024, as MLP-Mixer has them across tokens
        ["tokens: {op: reshape, size: [16, 64, 3]}", LINEAR],
        # Swin
        [
            "last: {op: permute, order: [1, 2, 0]}",
            "roll: {op: roll, shifts: [1, 1], dims: [0, 1]}",
            LINEAR,
        ],
        ["flat: {op: flatten}", "act: {op: relu}", LINEAR],
        # sMLPNet, along the width
        ["mix: {op: linear, out: 32}", "add: {op: add, from: [mix, input]}"],
    ],
    ids=[
        "flattened",
        "convnext",
        "normed",
        "tokens",
        "reshaped",
        "rolled",
        "through relu",
        "mixed",
    ],
)
def test_meant(layers: list[str]) -> None:
    assert said(net(*layers), "forgotten-flatten") == []


def test_tokens_are_no_image() -> None:
    assert said(net(LINEAR, head="input: 196x768"), "forgotten-flatten") == []


def test_the_layers_behind_are_not_told_of() -> None:
    assert [
        line
        for line, _ in said(
            net(LINEAR, "relu: {op: relu}", "out: {op: linear, out: 2}"), "forgotten-flatten"
        )
    ] == [4]
