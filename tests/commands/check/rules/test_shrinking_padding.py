"""Padding that does not keep the size."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said, whole


@pytest.mark.parametrize(
    ("settings", "becomes"),
    [
        ("kernel: 5, padding: 1", "32 rows become 30, not 32"),
        ("kernel: 3, padding: 1, dilation: 2", "32 rows become 30, not 32"),  # the window spans 5
        ("kernel: 4, padding: 1", "32 rows become 31, not 32"),
        # (32 + 2 - 7)/2 + 1 = 14.5
        ("kernel: 7, stride: 2, padding: 1", "32/2 rows become 14, not 16"),
        ("kernel: [1, 5], padding: [0, 1]", "32 columns become 30, not 32"),
    ],
)
def test_too_little(settings: str, becomes: str) -> None:
    ((_, message),) = said(net(f"conv: {{op: conv2d, out: 4, {settings}}}"), "shrinking-padding")
    assert message.endswith(becomes)


@pytest.mark.parametrize(
    ("settings", "way_out"),
    [
        ("kernel: 5, padding: 1", "padding: 2 keeps the size"),
        ("kernel: 3, padding: 1, dilation: 2", "padding: 2 keeps the size"),
        ("kernel: 7, stride: 2, padding: 1", "padding: 3 keeps the size"),
        ("kernel: 4, padding: 1", "an even window keeps the size only behind a `pad` layer"),
        ("kernel: 6, padding: 2", "an even window keeps the size only behind a `pad` layer"),
    ],
)
def test_the_way_out(settings: str, way_out: str) -> None:
    found = whole(net(f"conv: {{op: conv2d, out: 4, {settings}}}"), "shrinking-padding")
    assert found.endswith(f"hint: {way_out}, padding: 0 says that it is to shrink")


@pytest.mark.parametrize(
    "settings",
    [
        "kernel: 3, padding: 1",
        "kernel: 5",
        "kernel: 7, stride: 2, padding: 3",
        "kernel: 4, stride: 2, padding: 1",
        "kernel: 3, padding: same",
        "kernel: 3, padding: 2",
        "kernel: 3, stride: 2, padding: 1",
    ],
)
def test_enough_or_none(settings: str) -> None:
    assert said(net(f"conv: {{op: conv2d, out: 4, {settings}}}"), "shrinking-padding") == []


def test_a_transposed_convolution_is_none_of_its_business() -> None:
    assert (
        said(
            net("up: {op: conv_transpose2d, out: 4, kernel: 4, stride: 2, padding: 1}"),
            "shrinking-padding",
        )
        == []
    )
