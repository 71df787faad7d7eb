"""How likely it is that an explanation of a printed figure is luck.

The same moves are tried on every figure near it. Were a cause among these moves as frequent as a
figure that has none, as many of the explanations would be luck as these figures have. (Bayes'
theorem at even odds: of `of` figures without a cause `explained` match all the same.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.explanation import SolverMove, SolverStep

NEAR, FEWEST = Fraction(1, 10), 10
"""Figures are near one within a tenth of it on both sides, and within at least so many figures."""
LIKELY = Fraction(1, 6)
"""What is luck more often than once in six times is not an explanation."""

PLAIN = SolverMove("", 0, "printing")
CUT_OFF = SolverMove("cut off", 1, "printing")


class Chance(NamedTuple):
    """How many `of` the wrong figures near a printed one are `explained` as simply."""

    explained: int
    of: int

    @property
    def luck(self) -> Fraction:
        """The probability that an explanation as simple is a coincidence."""
        return posterior(Fraction(self.explained, max(1, self.of)))


def posterior(match: Fraction) -> Fraction:
    """Return the probability of luck where `match` is that of a match by luck, at even odds."""
    return match / (1 + match)


def near(figure: PrintedFigure) -> range:
    """Return the figures of as many digits near a printed one, itself among them.

    They are multiples of one unit of its last digit.
    """
    own = abs(in_units(figure))
    digits = len(str(own))
    reach = max(math.floor(own * NEAR), FEWEST)
    return range(max(own - reach, 10 ** (digits - 1)), min(own + reach, 10**digits - 1) + 1)


def chances(
    figure: PrintedFigure, steps: Iterable[SolverStep], most: int, given: frozenset[str]
) -> list[Chance]:
    """Return for each price from 0 to `most` how many figures near it moves of that price give.

    The conventions that are `given` cost nothing. Figures that hold by them alone are not wrong.
    """
    neighbours = near(figure)
    cheapest: dict[int, int] = {}
    right: set[int] = set()
    for step in steps:
        base = price(step.moves, step.cost, given)
        if base > most or not _may_be_near(figure, step.value, neighbours):
            continue
        for number, printing in printed(figure, step.value, step.counted, neighbours):
            cost = base + (0 if printing.convention in given else printing.cost)
            moves = (*step.moves, printing) if printing.text else step.moves
            if cost == 0 and all(move.convention in given for move in moves):
                right.add(number)
            elif cost < cheapest.get(number, most + 1):
                cheapest[number] = cost
    costs = [cost for number, cost in cheapest.items() if number not in right]
    return [
        Chance(sum(cost <= limit for cost in costs), len(neighbours) - len(right))
        for limit in range(most + 1)
    ]


def _may_be_near(figure: PrintedFigure, value: Fraction, neighbours: range) -> bool:
    """Whether a value may be printed as one of these figures: most are far from all of them.

    A prefix of the other base changes it by less than a half, and two digits that are swapped by
    less than ten times.
    """
    unit = figure.step or 1
    over = abs(value.numerator) * unit.denominator
    under = value.denominator * unit.numerator
    return neighbours.start * under <= 20 * over and over <= 20 * neighbours.stop * under


def price(moves: tuple[SolverMove, ...], cost: int, given: frozenset[str]) -> int:
    """Return what moves cost where some conventions are given."""
    if not given:
        return cost
    return cost - sum(move.cost for move in moves if move.convention in given)


def printed(
    figure: PrintedFigure, value: Fraction, counted: bool, among: range
) -> Iterator[tuple[int, SolverMove]]:
    """Yield the figures of this kind as which a value may be printed, and the move to each; only
    those `among` some.

    Figures are in units of the last digit. Rounded, halves either way, is not a move. Nobody counts
    arithmetic in powers of 1024.
    """
    over, under = value.as_integer_ratio()
    if figure.value.numerator < 0:
        over = -over
    if figure.step:
        step, whole = figure.step.as_integer_ratio()
        over, under = over * whole, under * step
    elif under != 1:
        return
    numbers = _rounded(over, under)
    for number in numbers:
        if number in among:
            yield number, PLAIN
    if figure.step and over // under in among:
        yield over // under, CUT_OFF
    if not counted:
        for move, unit in other_prefixes(figure):
            for number in _rounded(over * figure.base**figure.power, under * unit):
                if number in among:
                    yield number, move
    if value.numerator > 0:
        yield from _swapped(figure, str(abs(_even(numbers))), among)


def _swapped(figure: PrintedFigure, meant: str, among: range) -> Iterator[tuple[int, SolverMove]]:
    """Yield what swapping two neighbouring digits gives, of as many digits as the figure has."""
    if len(meant) == len(figure.digits()) >= 3:
        text = f"two digits transposed ({meant} would be right)"
        for number in map(int, swaps(meant)):
            if number in among:
                yield number, SolverMove(text, 2, "printing", reading=False)


def other_prefixes(figure: PrintedFigure) -> Iterator[tuple[SolverMove, int]]:
    """Yield the prefix of the other base, and one of both bases: a MB of 1000 KiB.

    Each with its unit; nothing for a figure without prefix.
    """
    if not figure.power:
        return
    other = 1024 if figure.base == 1000 else 1000
    named = (figure.text,)
    yield SolverMove(f"{{}} in powers of {other}", 1, "printing", True, named), other**figure.power
    # a column in KiB, added up and divided by 1000
    if (figure.base, figure.power) == (1000, 2) and figure.unit in ("B", "bytes"):
        yield SolverMove("{} of 1000 KiB", 2, "printing", True, named), 1000 * 1024


def _rounded(over: int, under: int) -> set[int]:
    """Return the nearest whole number, or both where it lies half between."""
    return {(2 * over + under) // (2 * under), -((under - 2 * over) // (2 * under))}


def _even(numbers: set[int]) -> int:
    """Return the one of the nearest whole numbers that Python's `round` gives: half to even."""
    return min(numbers, key=lambda number: number % 2)


def transposed(figure: PrintedFigure, value: Fraction) -> str:
    """Return the digits that were meant where two neighbours of the stated ones are swapped.

    "" where swapping none gives the value's digits.
    """
    digits, meant = figure.digits(), figure.printed(value)
    return meant if len(digits) >= 3 and meant in swaps(digits) else ""


def swaps(digits: str) -> set[str]:
    """Return every text that swapping two neighbouring, unequal digits gives."""
    return {
        digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]
        for i in range(len(digits) - 1)
        if digits[i] != digits[i + 1]
    }


def in_units(figure: PrintedFigure) -> int:
    """Return a printed figure in units of its last digit."""
    return int(figure.value / figure.step if figure.step else figure.value)
