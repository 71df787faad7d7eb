"""How far a network has to see."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said

THREE = "convs: {op: conv2d, out: 4, kernel: 3, repeat: 3}"  # 7 pixels


@pytest.mark.parametrize(
    ("layers", "sees"),
    [
        ([THREE], 7),
        ([THREE, "pool: {op: adaptive_avg_pool2d, size: 1}"], 7),
        (["conv: {op: conv2d, out: 4, kernel: [3, 9]}"], 3),
    ],
    ids=["square", "before a global pool", "the smaller axis"],
)
def test_exactly_enough_is_enough(layers: list[str], sees: int) -> None:
    assert (
        said(net(*layers, tail=f"budget: {{min_receptive_field: {sees}}}"), "receptive-field") == []
    )
    ((_, message),) = said(
        net(*layers, tail=f"budget: {{min_receptive_field: {sees + 1}}}"), "receptive-field"
    )
    assert message.endswith(f"the spec demands {sees + 1}")


def test_who_sees_everything_sees_enough() -> None:
    layers = (
        "pool: {op: adaptive_avg_pool2d, size: 1}",
        "flatten: {op: flatten}",
        "fc: {op: linear, out: 10}",
    )
    assert said(net(*layers, tail="budget: {min_receptive_field: 1000}"), "receptive-field") == []


def test_what_cannot_be_told_is_not_enough() -> None:
    ((_, message),) = said(
        net(
            "fc: {op: linear, out: 10}", head="input: 100", tail="budget: {min_receptive_field: 3}"
        ),
        "receptive-field",
    )
    assert "nothing that can be given in pixels" in message


def test_of_a_blocks_uses_the_one_that_sees_least() -> None:
    text = """name: net
input: 3x32x32
blocks:
  unit: {budget: {min_receptive_field: 6}, layers: [{op: conv2d, out: 4, kernel: 3}]}
layers: {units: {block: unit, repeat: 3}}
"""
    ((line, message),) = said(text, "receptive-field")  # 3, 5 and 7 pixels
    assert line == 4
    assert message == "`units.0` (unit) of net sees 3 pixels, the spec demands 6"


def test_a_use_sees_as_much_as_along_its_shorter_axis() -> None:
    text = """name: net
input: 3x32x32
blocks:
  unit:
    params: {kernel: 1}
    budget: {min_receptive_field: 6}
    layers: [{op: conv2d, out: 4, kernel: $kernel}]
layers:
  square: {block: unit, with: {kernel: 5}}
  wide: {block: unit, from: input, with: {kernel: [3, 9]}}
output: [square, wide]
"""
    ((_, message),) = said(text, "receptive-field")
    assert message == "`wide` (unit) of net sees 3x9 pixels, the spec demands 6"
