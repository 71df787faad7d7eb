"""Figures of several networks: their ratios, and which network wins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archprof.commands.compare.figure_lines import FigureLine, side_by_side
from archprof.commands.measure.judging.verdict import Answer, TimeVerdict


@pytest.mark.parametrize(
    ("values", "less", "winner"),
    [
        ([1.0, 2.0], True, "a"),
        ([1.0, 2.0], False, "b"),
        ([7.0, 7.0], True, "-"),
        ([1_000_000, 1_000_001], True, "a"),
        ([None, 1.0], True, "-"),
        ([0.0, 0.0], True, "-"),
        ([0.0, 3.0], True, "a"),
    ],
)
def test_who_wins(values: list[float | None], less: bool, winner: str) -> None:
    """Exact figures are a tie only where they are equal."""
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

    def winner(first_is_faster: Callable[[int, int], bool], otherwise: Answer) -> str:
        def verdict(i: int, j: int) -> TimeVerdict:
            return TimeVerdict("faster" if first_is_faster(i, j) else otherwise)

        line = FigureLine("latency", [2.0, 2.01, 9.0], str, verdict=verdict)
        return line.winner(["a", "b", "c"])

    assert winner(lambda i, j: j == 2, "cannot tell") == "cannot tell"
    assert winner(lambda i, j: i < j, "slower") == "a"
    # by the turns side by side, whatever the medians
    assert winner(lambda i, j: i > j, "slower") == "c"
    assert winner(lambda i, j: False, "same") == "same"
    # two are the same, and neither is the fastest for sure
    assert winner(lambda i, j: j == 2, "same") == "cannot tell"
