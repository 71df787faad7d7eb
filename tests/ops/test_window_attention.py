"""Biases by the distance of two tokens: the index of pairs, and tables that do not fit."""

from __future__ import annotations

import pytest

from archprof.model.compile import build
from tests.small import graph_of, whatever

# rows of the table by the offset between two of 2x2 tokens: 3*(row + 1) + column + 1
PAIRS = [[4, 3, 1, 0], [5, 4, 2, 1], [7, 6, 4, 3], [8, 7, 5, 4]]
# to the tokens 9, from them 10, to itself 11: timm's BEiT
WITH_CLASS = [[11, 9, 9, 9, 9], *([10, *row] for row in PAIRS)]


@pytest.mark.parametrize(
    ("settings", "rows", "index"),
    [
        ("", 9, [n for row in PAIRS for n in row]),
        (", index: square", 9, PAIRS),
        (", index: square, class_token: true", 12, WITH_CLASS),
    ],
)
def test_the_index_of_pairs(settings: str, rows: int, index: list[object]) -> None:
    layers = {
        "table": f"op: parameter, size: [{rows}, 3]",
        "x": f"op: relative_position_bias, window: 2{settings}",
    }
    graph = graph_of(layers, (4, 6), "[input, x]")
    assert build(graph).get_buffer("x").tolist() == index
    tokens = 5 if rows == 12 else 4
    assert graph.nodes[1].output == (3, tokens, tokens)


@pytest.mark.parametrize(
    ("rows", "settings", "expected"),
    [
        (12, "", "expected (2*2 - 1)^2 = 9 offsets * heads"),
        (9, ", class_token: true", "expected (2*2 - 1)^2 + 3 = 12 offsets * heads"),
    ],
)
def test_a_table_of_another_window(rows: int, settings: str, expected: str) -> None:
    layers = {
        "table": f"op: parameter, size: [{rows}, 3]",
        "x": f"op: relative_position_bias, window: 2{settings}",
    }
    (problem,) = whatever(layers, (4, 6), "[input, x]").problems
    assert f"the table is {rows}*3, {expected}" in problem.message
