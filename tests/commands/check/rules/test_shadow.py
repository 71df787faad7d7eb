"""Names that hide others."""

from __future__ import annotations

from tests.commands.check.checked import said

HEAD = "name: net\ninput: 3x32x32\n"


def found(layers: str, blocks: str = "") -> list[int]:
    return [line for line, _ in said(f"{HEAD}{blocks}layers:\n{layers}", "shadow")]


def test_what_stands_above_is_hidden_and_what_stands_below_is_not() -> None:
    above = "  a: {op: relu}\n  group:\n    layers:\n      b: {op: relu}\n      a: {op: relu}\n"
    assert found(above) == [8]
    assert found("  group:\n    layers:\n      a: {op: relu}\n  a: {op: relu}\n") == []
    assert found("  one: {layers: {a: {op: relu}}}\n  two: {layers: {a: {op: relu}}}\n") == []


def test_an_input_of_a_block() -> None:
    blocks = (
        "blocks:\n  unit:\n    inputs: [x]\n    layers:\n      group:\n        layers: {x: {op:"
        " relu}}\n"
    )
    assert found("  unit: {block: unit}\n", blocks) == [8]


def test_blocks_do_not_see_the_names_around_them() -> None:
    assert (
        found(
            "  a: {op: relu}\n  unit: {block: unit}\n",
            "blocks: {unit: {layers: {a: {op: relu}}}}\n",
        )
        == []
    )
