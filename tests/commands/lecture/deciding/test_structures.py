"""Structural statements: how many faults are named, and which sequences follow a trend."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archprof.commands.lecture.deciding.structures import _first_few, _follows, _gives


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, ""),
        (1, "a"),
        (3, "a; b; c"),
        (4, "a; b; c; and 1 more"),
        (6, "a; b; c; and 3 more"),
    ],
)
def test_three_faults_are_named(number: int, text: str) -> None:
    assert _first_few([*"abcdef"][:number]) == text


TRENDS = ("increasing", "never falling", "decreasing", "never rising", "constant", "linear")


@pytest.mark.parametrize(
    ("values", "trends"),
    [
        ([1, 2, 4], {"increasing", "never falling"}),
        ([1, 2, 3], {"increasing", "never falling", "linear"}),
        ([1, 1, 2], {"never falling"}),
        ([4, 2, 1], {"decreasing", "never rising"}),
        ([3, 2, 1], {"decreasing", "never rising", "linear"}),
        ([2, 1, 1], {"never rising"}),
        ([5, 5, 5], {"never falling", "never rising", "constant", "linear"}),
        ([5, 6, 5], set()),
        # steps that differ by a millionth are the rounding of a rate
        ([0, 1, Fraction(2_000_001, 10**6)], {"increasing", "never falling", "linear"}),
        ([0, 1, Fraction(2_000_002, 10**6)], {"increasing", "never falling"}),
        ([1, 2], {"increasing", "never falling", "linear"}),
    ],
)
def test_trends(values: list[int | Fraction], trends: set[str]) -> None:
    exact = [Fraction(value) for value in values]
    assert {trend for trend in TRENDS if _follows(trend, exact)} == trends


@pytest.mark.parametrize(
    ("result", "have", "expected"),
    [
        (Fraction(3), 3, True),
        (Fraction(7, 2), 3, False),
        (Fraction(1, 3), 1 / 3, True),  # up to rounding
        (Fraction(1, 3), 0.333333, False),
        (Fraction(3), None, False),
        (Fraction(1), "1", False),
    ],
)
def test_a_formula_gives_what_a_layer_has(result: Fraction, have: object, expected: bool) -> None:
    assert _gives(result, have) is expected
