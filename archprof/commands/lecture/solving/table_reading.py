"""The one convention by which the figures of a table are printed.

Each figure alone may be explained by many conventions; one that gives several of them is hardly
luck. A figure that another convention gives does not count: a table has one, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Term
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.explanation import Explanation
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.chance import (
    CUT_OFF,
    LIKELY,
    PLAIN,
    in_units,
    near,
    other_prefixes,
    posterior,
    price,
    printed,
)
from archprof.commands.lecture.solving.search import search
from archprof.commands.lecture.solving.space import SearchSpace

MOST = 3
"""What a table's convention may cost."""

Convention = frozenset[str]
"""The moves of a convention by their text, without the figure; none of them is a slip."""
AS_REQUESTED: Convention = frozenset()


class TableFigure(NamedTuple):
    """A figure of a table, and whether it is right as requested."""

    term: Term
    figure: PrintedFigure
    right: bool


class TableReading(NamedTuple):
    """The convention of a table, and the probability that its figures follow it by luck."""

    convention: Convention
    luck: Fraction

    def __str__(self) -> str:
        return ", ".join(sorted(self.convention))

    def of(self, subjects: Subjects, term: Term, figure: PrintedFigure) -> Explanation | None:
        """Return how the convention gives a figure, None where it does not."""
        return readings(subjects, term, figure).get(self.convention)

    def value(self, subjects: Subjects, term: Term, figure: PrintedFigure) -> Fraction | None:
        """Return what the figure would be by the convention, None where it has no such value.

        In its own prefix: 54,190,080 bytes are 51.7 MB in powers of 1024, which is 51.7 million.
        """
        for step in _space(subjects).steps(term):
            made = {move.convention for move in step.moves}
            if made == self.convention:
                return step.value
            for move, unit in () if step.counted else other_prefixes(figure):
                if made | {move.convention} == self.convention:
                    return step.value * Fraction(figure.base**figure.power, unit)
        return None


def readings(
    subjects: Subjects, term: Term, figure: PrintedFigure
) -> dict[Convention, Explanation]:
    """Return the conventions that give a figure, each with the moves that it makes there."""
    own = in_units(figure)
    found: dict[Convention, Explanation] = {}
    for step in _space(subjects).steps(term):
        for _, printing in printed(figure, step.value, step.counted, range(own, own + 1)):
            cost = step.cost + printing.cost
            # no table cuts off all of its figures
            if printing.reading and printing != CUT_OFF and cost <= MOST:
                moves = (*step.moves, printing) if printing is not PLAIN else step.moves
                one = Explanation(moves, step.value, cost)
                found.setdefault(one.conventions, one)
    return found


def table_reading(
    subjects: Subjects, figures: Sequence[TableFigure], given: Convention = AS_REQUESTED
) -> TableReading | None:
    """Return the convention that gives most of a table's figures, None where luck explains it.

    A figure that is wrong as requested speaks for a convention that gives it, alone or after one
    slip; one that is right speaks against a convention that does not give it. What is `given` by
    other tables costs nothing. Raises ProblemError where a term names layers that are not there.
    """
    if len(figures) < 2 or all(one.right for one in figures):
        return None
    rows = [(one, readings(subjects, one.term, one.figure)) for one in figures]
    prices = {
        convention: price(one.moves, one.cost, given)
        for row, found in rows
        if not row.right
        for convention, one in found.items()
        if convention != AS_REQUESTED
    }
    odds = {
        convention: _match(rows, convention) * _as_simple(subjects, figures, given, paid)
        for convention, paid in prices.items()
    }
    if not odds:
        return None
    least = min(odds.values())
    closest = [convention for convention, match in odds.items() if match == least]
    if len(closest) > 1 or posterior(least) > LIKELY:
        odds = {one: least * _after_slips(subjects, rows, one) for one in closest}
    best = min(closest, key=lambda one: (odds[one], prices[one]))
    luck = posterior(odds[best])
    return TableReading(best, luck) if luck <= LIKELY else None


Rows = list[tuple[TableFigure, dict[Convention, Explanation]]]


def _match(rows: Rows, convention: Convention) -> Fraction:
    """Return how likely the figures match this convention by luck, those right as requested or not.

    Each that it gives is one of the figures near it.
    """
    match = Fraction(1)
    for row, found in rows:
        if row.right is (convention in found):
            continue
        others = max(1, len(near(row.figure)) - 1)
        match *= others if row.right else Fraction(1, others)
    return match


def _as_simple(
    subjects: Subjects, figures: Sequence[TableFigure], given: Convention, most: int
) -> int:
    """Return how many conventions of no higher price were tried."""
    wrong = next(one for one in figures if not one.right)
    prices = [price(step.moves, step.cost, given) for step in _space(subjects).steps(wrong.term)]
    printings = [0, *(price((move,), move.cost, given) for move, _ in other_prefixes(wrong.figure))]
    return sum(paid + more <= most for paid in prices for more in printings)


def _space(subjects: Subjects) -> SearchSpace:
    return SearchSpace(subjects, "network", MOST, slips=False)


def _after_slips(subjects: Subjects, rows: Rows, convention: Convention) -> Fraction:
    """Return how likely the figures that the convention misses match it after a slip by luck."""
    match = Fraction(1)
    for row, found in rows:
        if row.right or convention in found:
            continue
        done = search(subjects, row.term, row.figure, given=convention)
        slip = next((one for one in done.explanations if _follows(one, convention)), None)
        if slip is not None and slip.luck is not None:
            match *= slip.luck / (1 - slip.luck)
    return match


def _follows(one: Explanation, convention: Convention) -> bool:
    return convention <= one.conventions
