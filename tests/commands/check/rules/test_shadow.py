"""Names that hide others."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import said

HEAD = "name: net\ninput: 3x32x32\n"


def found(layers: str, blocks: str = "") -> list[int]:
    return [line for line, _ in said(f"{HEAD}{blocks}layers:\n{layers}", "shadow")]


def test_what_stands_above_is_hidden_and_what_stands_below_is_not() -> None:
    inside = "      b: {op: relu}\n      a: {op: relu}\n      c: {op: add, from: [a, b]}\n"
    assert found(f"  a: {{op: relu}}\n  group:\n    layers:\n{inside}") == [8]
    assert found(f"  group:\n    layers:\n{inside}  a: {{op: relu}}\n") == []
    assert found("  one: {layers: {a: {op: relu}}}\n  two: {layers: {a: {op: relu}}}\n") == []


def test_an_input_of_a_block() -> None:
    blocks = (
        "blocks:\n  unit:\n    inputs: [x]\n    layers:\n      group:\n        layers: {x: {op:"
        " relu}, y: {op: relu, from: x}}\n"
    )
    assert found("  unit: {block: unit}\n", blocks) == [8]


@pytest.mark.parametrize(
    ("behind", "lines"),
    [
        ("c: {op: relu}", []),  # nobody says the name: timm's `norm` and `head.norm`
        ("c: {op: relu, from: a}", [5]),
        ("c: {op: relu, from: 'a.{$index}', repeat: 1}", [5]),
        ("c: {layers: {d: {op: relu, from: a}}}", [5]),
        ("c: {layers: {d: {op: relu}}, output: a}", [5]),
    ],
)
def test_a_name_that_nobody_says_hides_nothing(behind: str, lines: list[int]) -> None:
    layers = f"  a: {{op: relu}}\n  group: {{layers: {{a: {{op: relu}}, {behind}}}}}\n"
    assert found(layers) == lines


def test_what_stands_above_means_the_outer_one() -> None:
    layers = "  a: {op: relu}\n  group: {layers: {b: {op: relu, from: a}, a: {op: relu}}}\n"
    assert found(layers) == []


def test_blocks_do_not_see_the_names_around_them() -> None:
    assert (
        found(
            "  a: {op: relu}\n  unit: {block: unit}\n",
            "blocks: {unit: {layers: {a: {op: relu}}}}\n",
        )
        == []
    )
