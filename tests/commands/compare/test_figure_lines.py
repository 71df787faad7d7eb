"""Figures of several networks: their ratios, and which network wins."""

from __future__ import annotations

import pytest

from archprof.commands.compare.figure_lines import FigureLine, side_by_side


@pytest.mark.parametrize(
    ("values", "less", "winner"),
    [
        ([1.0, 2.0], True, "a"),
        ([1.0, 2.0], False, "b"),
        ([1.0, 1.004], True, "-"),
        ([1.0, 1.006], True, "a"),
        ([None, 1.0], True, "-"),
        ([0.0, 0.0], True, "-"),
        ([0.0, 3.0], True, "a"),
    ],
)
def test_who_wins(values: list[float | None], less: bool, winner: str) -> None:
    """Half a percent is a tie."""
    assert FigureLine("x", values, str, less).winner(["a", "b"]) == winner


def test_more_than_two_have_their_ratio_in_brackets() -> None:
    table = side_by_side(
        [FigureLine("params", [100, 50, 400], str), FigureLine("x", [0, 1, None], str)],
        ["a", "b", "c"],
        "",
        [],
    )
    assert [list(r) for r in table.rows] == [
        ["params", "100", "50 (0.50)", "400 (4.00)", "b"],
        ["x", "0", "1", "-", "-"],
    ]


def test_the_fastest_of_three_wins_only_against_both() -> None:
    """It is decided against the slowest, and not against the second."""
    line = FigureLine("latency", [2.0, 2.01, 9.0], str, beats=lambda i, j: j == 2)
    assert line.winner(["a", "b", "c"]) == "not decided"
    assert line._replace(beats=lambda i, j: i < j).winner(["a", "b", "c"]) == "a"
    # by the turns side by side, whatever the medians
    assert line._replace(beats=lambda i, j: i > j).winner(["a", "b", "c"]) == "c"
