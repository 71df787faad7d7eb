"""Inputs written as height x width x channels."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said, whole

CONV = "conv: {op: conv2d, out: 8, kernel: 3, padding: 1}"


def test_the_whole_message() -> None:
    assert (
        whole(
            net(
                CONV,
                "next: {op: conv2d, out: 8, kernel: 1, from: input}",
                "add: {op: add, from: [conv, next]}",
                head="input: 32x32x3",
            ),
            "channels-last",
        )
        == """\
net.yaml:4:3: warning: `conv` (conv2d) takes the input 32x32x3 for 32 channels of 32x3 pixels \
[channels-last]
      conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
      ^
  hint: channels come first: write 3x32x32"""
    )


@pytest.mark.parametrize(
    ("shape", "layers", "found"),
    [
        ("28x28x1", [CONV], [4]),
        (
            "32x32x3",
            [
                "relu: {op: relu}",
                "norm: {op: batch_norm2d, from: input}",
                "add: {op: add, from: [relu, norm]}",
            ],
            [5],
        ),
        ("3x32x32", [CONV], []),
        ("64x32x3", [CONV], []),  # not square: maybe a signal of 32x3
        ("32x32x2", [CONV], []),
        ("3x3x3", [CONV], []),
        ("1x1x1", ["conv: {op: conv2d, out: 8, kernel: 1}"], []),
        ("32x32x3", ["first: {op: permute, order: [2, 0, 1]}", CONV], []),
        ("32x32x3", ["windows: {op: window_partition, window: 8}"], []),
        ("1024", ["fc: {op: linear, out: 10}"], []),
    ],
)
def test_where_channels_are_last(shape: str, layers: list[str], found: list[int]) -> None:
    assert [
        line for line, _ in said(net(*layers, head=f"input: {shape}"), "channels-last")
    ] == found
