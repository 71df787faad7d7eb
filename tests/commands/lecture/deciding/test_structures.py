"""Structural statements: how many faults are named, and which sequences follow a trend."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Selection, Series, Subject
from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.structures import (
    Structure,
    _first_few,
    _follows,
    _gives,
    judge_structure,
)
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.problem import Mark


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


NO_NUMBERS = "there are no two numbers to compare"
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
    ("last", "quantity", "trend", "found", "fault"),
    [
        ("f8", "out", "increasing", "1, 2, 3, 4, 5, 6, 7, 8", ""),
        ("f9", "out", "linear", "1, 2, 3, 4, …, 8, 9", ""),
        ("f2", "out", "decreasing", "1, 2", "not decreasing"),
        ("f1", "out", "constant", "1", NO_NUMBERS),
        ("f2", "shape", "constant", "(1,), (2,)", NO_NUMBERS),
    ],
)
def test_series(
    tmp_path: Path, last: str, quantity: str, trend: str, found: str, fault: str
) -> None:
    """Of more than eight numbers the first four and the last two are shown."""
    layers = ", ".join(f"f{n}: {{op: linear, out: {n}}}" for n in range(1, 10))
    path = tmp_path / "claims.yaml"
    path.write_text(
        f"lecture: T\nnetworks: {{net: {{spec: {{input: 4, layers: {{{layers}}}}}}}}}\n"
        "claims: {A: {undecidable: taste}}\n"
    )
    mark = Mark("test")
    series = Series(Subject("net", mark), Selection(first="f1", last=last), quantity, trend, mark)
    assert judge_structure(series, Subjects(load_lecture(path))) == Structure(found, fault)


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
