"""Printed ranges: their ends, and what is in them."""

from fractions import Fraction

import pytest

from archprof.commands.lecture.claims.ranges import parse_range

M = 10**6


@pytest.mark.parametrize(
    ("text", "low", "high", "is_open"),
    [
        ("130-140M", 130 * M, 140 * M, False),
        ("130M–140M", 130 * M, 140 * M, False),
        ("1.5 - 2.5 GB", 1500 * M, 2500 * M, False),
        ("8 to 9 times", 8, 9, False),
        ("900K-1.2M", 900_000, 1_200_000, False),
        (">100M", 100 * M, None, True),
        (">= 100M", 100 * M, None, False),
        ("at least 5%", Fraction(5, 100), None, False),
        ("more than 60 million", 60 * M, None, True),
        ("≤ 3 GB", None, 3000 * M, False),
        ("up to 3.5x", None, Fraction(7, 2), False),
        ("under 5%", None, Fraction(5, 100), True),
    ],
)
def test_ends(text: str, low: Fraction | None, high: Fraction | None, is_open: bool) -> None:
    found = parse_range(text)
    assert found is not None
    ends = [None if end is None else end.value for end in (found.low, found.high)]
    assert (ends, found.open, found.text) == ([low, high], is_open, text)


@pytest.mark.parametrize("text", ["138M", "140-130M", "5-5", ">", "> many", "-3", "a-b", "3-", 8])
def test_what_is_no_range(text: object) -> None:
    assert parse_range(text) is None


@pytest.mark.parametrize(
    ("text", "value", "exactly", "rounds"),
    [
        ("2.1-2.3M", 2_100_000, True, True),
        ("2.1-2.3M", 2_300_000, True, True),
        ("2.1-2.3M", 2_340_000, False, True),  # is printed 2.3M
        ("2.1-2.3M", 2_060_000, False, True),
        ("2.1-2.3M", 2_360_000, False, False),
        ("2.1-2.3M", 2_040_000, False, False),
        (">100M", 100 * M, False, False),
        (">100M", 100 * M + 1, True, True),
        (">=100M", 100 * M, True, True),
        ("<5%", Fraction(5, 100), False, False),
        ("<5%", Fraction(4, 100), True, True),
        ("at most 5.0%", Fraction(504, 10_000), False, True),
    ],
)
def test_what_is_in_it(text: str, value: int, exactly: bool, rounds: bool) -> None:
    found = parse_range(text)
    assert found is not None
    assert found.exactly(Fraction(value)) is exactly
    assert found.rounds(Fraction(value)) is rounds


def test_its_unit_is_that_of_its_ends() -> None:
    for text in ("8 to 9 times", "over 8x"):
        found = parse_range(text)
        assert found is not None
        assert found.unit == "x"
