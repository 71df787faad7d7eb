"""Whether an explanation of a printed figure beats chance.

It does where the same search explains at most half of the figures near it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.claims.figures import PrintedFigure

NEAR, FEWEST = Fraction(1, 10), 10
"""Figures are near one within a tenth of it on both sides, and within at least so many figures."""


class Chance(NamedTuple):
    """How many `of` the figures near a printed one are `explained`.

    An explanation beats chance where these are at most half of them.
    """

    explained: int
    of: int

    def beaten(self) -> bool:
        """Return whether a random figure near this one more likely has no explanation than one."""
        return 2 * self.explained <= self.of

    def __str__(self) -> str:
        return f"{self.explained} of {self.of}"


def near(figure: PrintedFigure) -> range:
    """Return the figures of as many digits near a printed one, itself among them.

    They are multiples of one unit of its last digit.
    """
    own = _in_units(figure, abs(figure.value))
    digits = len(str(math.floor(own)))
    reach = max(math.floor(own * NEAR), FEWEST)
    return range(
        max(math.ceil(own) - reach, 10 ** (digits - 1)),
        min(math.floor(own) + reach, 10**digits - 1) + 1,
    )


def chances(
    figure: PrintedFigure, reached: Iterable[tuple[Fraction, bool, int]], most: int
) -> list[Chance]:
    """Return for each cost from 0 to `most` how many figures near it moves of that cost give.

    `reached` are the values that the moves lead to, whether each is a count of arithmetic, and the
    cost of its moves.
    """
    neighbours = near(figure)
    cheapest: dict[int, int] = {}
    for value, counted, cost in reached:
        for number, more in printed(figure, value, counted):
            if number in neighbours and cost + more < cheapest.get(number, most + 1):
                cheapest[number] = cost + more
    costs = list(cheapest.values())
    return [
        Chance(sum(cost <= limit for cost in costs), len(neighbours)) for limit in range(most + 1)
    ]


def printed(figure: PrintedFigure, value: Fraction, counted: bool) -> Iterator[tuple[int, int]]:
    """Yield the figures of this kind as which a value may be printed, and what each costs.

    Figures are in units of the last digit.
    Rounded, halves either way: nothing. With the other prefix (1000 or 1024; nobody counts
    arithmetic in powers of 1024) or cut off: 1. With two neighbouring digits transposed: 2.
    """
    exact = _in_units(figure, value if figure.value >= 0 else -value)
    if not figure.step:
        if exact.denominator == 1:
            yield exact.numerator, 0
    else:
        yield from ((number, 0) for number in _rounded(exact))
        yield math.floor(exact), 1
    if figure.power and not counted:
        other = 1024 if figure.base == 1000 else 1000
        yield from (
            (number, 1) for number in _rounded(exact / Fraction(other, figure.base) ** figure.power)
        )
    if value > 0:
        yield from ((number, 2) for number in _transposed(figure, value))


def _in_units(figure: PrintedFigure, value: Fraction) -> Fraction:
    return value / figure.step if figure.step else value


def _rounded(exact: Fraction) -> set[int]:
    """Return the nearest whole number, or both where it lies half between."""
    return {math.floor(exact + Fraction(1, 2)), math.ceil(exact - Fraction(1, 2))}


def _transposed(figure: PrintedFigure, value: Fraction) -> Iterator[int]:
    """Yield the numbers that swapping two neighbours of the value's digits gives.

    The value must have as many digits as the figure.
    """
    digits = figure.printed(value)
    if len(digits) == len(figure.digits()) and digits.isdigit() and len(digits) >= 3:
        yield from map(int, swaps(digits))


def swaps(digits: str) -> set[str]:
    """Return every text that swapping two neighbouring, unequal digits gives."""
    return {
        digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        for i in range(len(digits) - 1)
        if digits[i] != digits[i + 1]
    }
