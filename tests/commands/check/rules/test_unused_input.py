"""Inputs of blocks that nothing takes."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import said

HEAD = "name: net\ninput: 3x8x8\n"
CALL = "layers: {a: {op: relu}, unit: {block: unit, from: [a, input]}}\n"


def found(block: str, call: str = CALL) -> list[str]:
    text = f"{HEAD}blocks: {{unit: {{{block}}}}}\n{call}"
    return [message for _, message in said(text, "unused-input")]


@pytest.mark.parametrize(
    "block",
    [
        "inputs: [x, y], layers: {one: {op: relu}, add: {op: add, from: [one, y]}}",
        "inputs: [x, y], layers: {add: {op: add, from: [x, y]}}",
        "inputs: [x, y], layers: {one: {op: relu}}, output: [one, y]",
        "inputs: [x, y], layers: {g: {layers: [{op: relu, from: y}]}, b: {op: add, from: [g, x]}}",
        # a computed name may be any of them
        "inputs: [x1, x2], layers: {add: {op: add, from: 'x{$i} for i in range(1, 3)'}}",
    ],
)
def test_every_place_is_a_use(block: str) -> None:
    assert found(block) == []


def test_what_nothing_takes() -> None:
    nothing = "nothing in block `unit` takes its input "
    assert found("inputs: [x, y], layers: {one: {op: relu}}") == [f"{nothing}`y`"]
    # the first layer takes another, and so nobody the first input
    assert found("inputs: [x, y], layers: {one: {op: relu, from: y}}") == [f"{nothing}`x`"]
    assert found("inputs: [x, y], layers: {yy: {op: relu}, b: {op: add, from: [yy, x]}}") == [
        f"{nothing}`y`"
    ]


def test_blocks_that_stand_for_each_other_take_each_others_inputs() -> None:
    text = (
        f"{HEAD}params: {{kind: one}}\nblocks:\n"
        "  one: {inputs: [x, y], layers: {a: {op: relu}}}\n"
        "  two: {inputs: [x, y], layers: {a: {op: add, from: [x, y]}}}\n"
        "layers: {a: {op: relu}, unit: {block: $kind, from: [a, input]}}\n"
        "variants: {other: {kind: two}}\n"
    )
    assert said(text, "unused-input") == []
