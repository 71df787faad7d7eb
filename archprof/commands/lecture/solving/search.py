"""The convention solver: which conventions or slips reproduce a stated figure's digits.

The space is small and declared in moves.py; combinations are tried from the simplest on. What luck
explains as well is not offered (chance.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Term
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.explanation import (
    MAX_ANSWERS,
    MAX_COST,
    Explanation,
    SolverStep,
)
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.chance import (
    CUT_OFF,
    LIKELY,
    PLAIN,
    Chance,
    chances,
    in_units,
    price,
    printed,
)
from archprof.commands.lecture.solving.scenes import REACHES
from archprof.commands.lecture.solving.space import SearchSpace, StatedBefore

NOTHING_GIVEN: frozenset[str] = frozenset()


class Search(NamedTuple):
    """What reproduces a figure and is not likely luck, simplest first.

    Where nothing is, `chance` is that of the simplest that reproduces it, if any.
    """

    explanations: list[Explanation]
    chance: Chance | None = None


def solve(
    subjects: Subjects,
    term: Term,
    figure: PrintedFigure,
    stated: StatedBefore | None = None,
    given: frozenset[str] = NOTHING_GIVEN,
) -> list[Explanation]:
    """Return the explanations that `search` finds."""
    return search(subjects, term, figure, stated, given).explanations


def search(
    subjects: Subjects,
    term: Term,
    figure: PrintedFigure,
    stated: StatedBefore | None = None,
    given: frozenset[str] = NOTHING_GIVEN,
) -> Search:
    """Return what reproduces the figure to its printed digits.

    `given` are conventions that other figures beside it follow: they cost nothing. The fewer digits
    a figure has, the fewer moves are tried. The solver looks at other variants only where nothing
    nearer gives the figure by conventions alone. Raises ProblemError where the term names layers
    that are not there.
    """
    most = MAX_COST
    if figure.step:
        most = min(MAX_COST, max(2, len(figure.digits().lstrip("0"))))
    found = Search([])
    for reach, least in REACHES.items():
        if least > most:
            break
        limit = MAX_COST if given else most
        steps = SearchSpace(subjects, reach, limit, stated=stated or {}).steps(term)
        matching = _matching(figure, steps, most, given)
        if not matching:
            continue
        by_price = chances(figure, steps, most, given)
        likely = [
            (paid, one._replace(luck=by_price[paid].luck))
            for paid, one in matching
            if by_price[paid].luck <= LIKELY
        ]
        found = Search(_simplest(likely), None if likely else by_price[matching[0][0]])
        if likely and _settled(likely[0][1]):
            break
    return found


def _settled(one: Explanation) -> bool:
    """Return whether an explanation is by conventions alone, its digits rounded as is usual."""
    return one.reading and CUT_OFF not in one.moves


def _matching(
    figure: PrintedFigure, steps: Sequence[SolverStep], most: int, given: frozenset[str]
) -> list[tuple[int, Explanation]]:
    """Return the steps that give the figure's digits, each with its price.

    The cheapest are first, readings before slips, and what is cut off after what is rounded.
    """
    own = in_units(figure)
    found: dict[tuple[str, ...], tuple[int, Explanation]] = {}
    for step in steps:
        for _, printing in printed(figure, step.value, step.counted, range(own, own + 1)):
            moves = (*step.moves, printing) if printing.text else step.moves
            one = Explanation(moves, step.value, step.cost + printing.cost)
            paid = price(moves, one.cost, given)
            if moves and paid <= most:
                found.setdefault(one.texts, (paid, one))
            if printing is PLAIN:
                break
    return sorted(found.values(), key=_simplicity)


def _simplicity(priced: tuple[int, Explanation]) -> tuple[int, bool, bool]:
    paid, one = priced
    return paid, not one.reading, CUT_OFF in one.moves


def _simplest(found: list[tuple[int, Explanation]]) -> list[Explanation]:
    """Return the explanations of the least price, and of one above where that is weak.

    Omitted are those that only add moves to another, or give another's value by another name.
    """
    kept: list[Explanation] = []
    if not found:
        return kept
    most, first = found[0]
    most += not _settled(first)
    for paid, one in found:
        if paid > most:
            break
        if not any(_covers(other, one) for other in kept):
            also = tuple(str(other) for _, other in found if _same_reading(one, other))
            kept.append(one._replace(also=also))
    return kept[:MAX_ANSWERS]


def _covers(other: Explanation, one: Explanation) -> bool:
    """Return whether an explanation already found makes this one superfluous."""
    if set(other.moves) < set(one.moves) or _same_slip(other, one):
        return True
    # a slip in one network may be another network as it is
    informative = one.of_another_network and not (other.reading or other.of_another_network)
    return other.value == one.value and not informative


def _same_reading(one: Explanation, other: Explanation) -> bool:
    """Return whether another explanation is a reading of the same value and as simple.

    For example, timm counts a ResNet like fvcore.
    """
    return (
        other.moves != one.moves
        and one.reading
        and other.reading
        and (other.value, other.cost) == (one.value, one.cost)
    )


def _same_slip(one: Explanation, other: Explanation) -> bool:
    """Return whether two explanations are the same slip in two counts of arithmetic."""
    first, second = (
        tuple(move for move in explanation.moves if move.text not in ARITHMETIC.values())
        for explanation in (one, other)
    )
    return first == second != ()
