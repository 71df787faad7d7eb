"""How far an explanation of a printed figure beats chance: of the figures near it, how many the
same search would explain as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.figures import Figure

NEAR, FEWEST = Fraction(1, 10), 10
"""How far on both sides the figures near one reach: a tenth of it, and at least so many figures."""


class Chance(NamedTuple):
    """So many `explained` `of` the figures near a printed one; an explanation beats chance where
    that is at most half of them.
    """

    explained: int
    of: int

    def beaten(self) -> bool:
        """Whether a figure taken at random near this one would more likely have no explanation
        than have one.
        """
        return 2 * self.explained <= self.of

    def __str__(self) -> str:
        return f"{self.explained} of {self.of}"


def near(figure: Figure) -> range:
    """The figures of as many digits near a printed one, itself among them, as multiples of one
    unit of its last digit.
    """
    own = _in_units(figure, abs(figure.value))
    digits = len(str(math.floor(own)))
    reach = max(math.floor(own * NEAR), FEWEST)
    return range(
        max(math.ceil(own) - reach, 10 ** (digits - 1)),
        min(math.floor(own) + reach, 10**digits - 1) + 1,
    )


def chances(
    figure: Figure, reached: Iterable[tuple[Fraction, bool, int]], most: int
) -> list[Chance]:
    """By cost, from 0 to `most`, how many of the figures near it moves of no more than that cost
    give.

    `reached`: the values that the moves lead to, whether each is a count of arithmetic, and what
    its moves cost.
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


def printed(figure: Figure, value: Fraction, counted: bool) -> Iterator[tuple[int, int]]:
    """As which figures of this kind a value may come to be printed, in units of the last digit, and
    what each costs.

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


def _in_units(figure: Figure, value: Fraction) -> Fraction:
    return value / figure.step if figure.step else value


def _rounded(exact: Fraction) -> set[int]:
    """The nearest whole number, or both where it lies half between."""
    return {math.floor(exact + Fraction(1, 2)), math.ceil(exact - Fraction(1, 2))}


def _transposed(figure: Figure, value: Fraction) -> Iterator[int]:
    """The numbers that swapping two neighbours of the value's digits gives, where it has as many
    as the figure.
    """
    digits = figure.printed(value)
    if len(digits) == len(figure.digits()) and digits.isdigit() and len(digits) >= 3:
        yield from map(int, swaps(digits))


def swaps(digits: str) -> set[str]:
    """Every text that swapping two neighbouring, unequal digits gives."""
    return {
        digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        for i in range(len(digits) - 1)
        if digits[i] != digits[i + 1]
    }
