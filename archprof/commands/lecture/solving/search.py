"""The convention solver: which conventions or slips reproduce a stated figure's digits.

The space is small and declared in moves.py; combinations are tried from the simplest on. What is
found must beat chance: moves of no more cost must not give most of the figures near the printed
one as well (chance.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.allowance import check
from archprof.commands.lecture.claims.document import (
    Combined,
    Constant,
    Quantity,
    Term,
    without_marks,
)
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.evaluate import combine
from archprof.commands.lecture.deciding.explanation import (
    MAX_ANSWERS,
    MAX_COST,
    Explanation,
    SolverStep,
)
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.chance import Chance, chances, swaps
from archprof.commands.lecture.solving.moves import steps_of

REACHES = {"network": 0, "namesakes": 1, "family": 3}
"""How far the solver looks, and what the first step there costs.

It goes further only where nothing nearer gives the figure.
"""
KEPT = 16
"""Terms whose steps are kept."""


class Search(NamedTuple):
    """What reproduces a figure and beats chance, simplest first.

    Where nothing does, `chance` is that of the simplest that reproduces it, if any.
    """

    explanations: list[Explanation]
    chance: Chance | None = None


def solve(
    subjects: Subjects,
    term: Term,
    figure: PrintedFigure,
    stated: Mapping[Term, tuple[str, PrintedFigure]] | None = None,
) -> list[Explanation]:
    """Return the explanations that `search` finds."""
    return search(subjects, term, figure, stated).explanations


def search(
    subjects: Subjects,
    term: Term,
    figure: PrintedFigure,
    stated: Mapping[Term, tuple[str, PrintedFigure]] | None = None,
) -> Search:
    """Return what reproduces the figure to its printed digits.

    `stated` are other claims' figures by their term. The fewer digits a figure has, the fewer
    moves are allowed: otherwise chance alone would reproduce it. Raises ProblemError where the
    term names layers that are not there.
    """
    most = MAX_COST
    if figure.step:
        most = min(MAX_COST, max(2, len(figure.digits().lstrip("0"))))
    least_chance = None
    for reach, least in REACHES.items():
        if least > most:
            break
        steps = sorted(_steps(subjects, term, stated or {}, reach, most), key=lambda s: s.cost)
        found = _matching(figure, steps, most)
        if not found:
            continue
        by_cost = chances(figure, ((s.value, s.counted, s.cost) for s in steps), most)
        better = [a._replace(chance=by_cost[a.cost]) for a in found if by_cost[a.cost].beaten()]
        if better:
            return Search(_simplest(better))
        least_chance = least_chance or by_cost[found[0].cost]
    return Search([], least_chance)


def _matching(figure: PrintedFigure, steps: Sequence[SolverStep], most: int) -> list[Explanation]:
    """Return the steps that give the figure's digits, cheapest first, readings before slips."""
    found: dict[tuple[str, ...], Explanation] = {}
    for step in steps:
        for label, reading, cost in printings(figure, step.value, step.counted):
            moves = (*step.moves, label) if label else step.moves
            if moves and step.cost + cost <= most:
                explanation = Explanation(
                    moves, step.reading and reading, step.cost + cost, step.value
                )
                found.setdefault(moves, explanation)
    return sorted(found.values(), key=lambda a: (a.cost, not a.reading))


def _simplest(found: list[Explanation]) -> list[Explanation]:
    """Return the explanations of the least cost, and of one above where that is a slip.

    Omitted are those that only add moves to another, or give another's value by another name.
    """
    kept: list[Explanation] = []
    most = found[0].cost if found[0].reading else found[0].cost + 1
    for one in found:
        if one.cost > most:
            break
        if not any(_covers(other, one) for other in kept):
            also = tuple(str(other) for other in found if _same_reading(one, other))
            kept.append(one._replace(also=also))
    return kept[:MAX_ANSWERS]


def _covers(other: Explanation, one: Explanation) -> bool:
    """Return whether an explanation already found makes this one superfluous."""
    return set(other.moves) < set(one.moves) or other.value == one.value or _same_slip(other, one)


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
        tuple(move for move in explanation.moves if move not in ARITHMETIC.values())
        for explanation in (one, other)
    )
    return first == second != ()


def printings(
    figure: PrintedFigure, value: Fraction, counted: bool
) -> Iterator[tuple[str, bool, int]]:
    """Yield how a value may have been printed as this figure: label, is it a reading, cost.

    Nobody counts arithmetic in powers of 1024.
    """
    if figure.exactly(value) or figure.rounds(value):
        yield "", True, 0
        return
    if figure.power and not counted:
        scaled = figure.scaled(1024 if figure.base == 1000 else 1000)
        if scaled.rounds(value):
            yield f"{figure.text} in powers of {scaled.base}", True, 1
    if figure.step and figure.cuts(value):
        yield "cut off", True, 1
    meant = transposed(figure, value) if value > 0 else ""
    if meant:
        yield f"two digits transposed ({meant} would be right)", False, 2


def transposed(figure: PrintedFigure, value: Fraction) -> str:
    """Return the digits that were meant where two neighbours of the stated ones are swapped.

    "" where swapping none gives the value's digits.
    """
    digits = figure.digits()
    meant = figure.printed(value)
    if len(digits) < 3 or len(meant) != len(digits):
        return ""
    return meant if meant in swaps(digits) else ""


def _steps(
    subjects: Subjects,
    term: Term,
    stated: Mapping[Term, tuple[str, PrintedFigure]],
    reach: str,
    most: int,
) -> Iterator[SolverStep]:
    """Yield every value within reach of a term by moves that cost at most `most`."""
    if isinstance(term, Constant):
        yield SolverStep((), True, 0, term.figure.value)
    elif isinstance(term, Combined):
        yield from _combined_steps(subjects, term, stated, reach, min(most, MAX_COST - 1))
    else:
        key = without_marks(term)
        if key in stated:
            claim, figure = stated[key]
            yield SolverStep(
                (f"with the {figure.text} that {claim} states",), False, 1, figure.value
            )
        yield from _kept_steps(subjects, term, key, reach, most)


def _combined_steps(
    subjects: Subjects,
    term: Combined,
    stated: Mapping[Term, tuple[str, PrintedFigure]],
    reach: str,
    most: int,
) -> Iterator[SolverStep]:
    """Yield the values of a combined term with each part reached by some moves."""
    sides = [
        sorted(_steps(subjects, part, stated, reach, most), key=lambda s: s.cost)
        for part in term.parts
    ]
    for chosen in _one_of_each(sides, most):
        if not _counted_alike(chosen):
            continue
        value = combine(term.how, [step.value for step in chosen])
        if value is None:
            continue
        moves: list[str] = []
        for part, step in zip(term.parts, chosen, strict=True):
            moves += [f"{move} (of {_called(part)})" for move in step.moves]
        yield SolverStep(
            tuple(moves),
            all(step.reading for step in chosen),
            sum(step.cost for step in chosen),
            value,
            any(step.counted for step in chosen),
        )


def _kept_steps(
    subjects: Subjects, term: Quantity, key: Term, reach: str, most: int
) -> Sequence[SolverStep]:
    """Return the steps from a quantity.

    Lectures state many figures of the same quantity, so the latest are kept.
    """
    place = key, reach, most
    if place not in subjects.reached:
        check()
        if len(subjects.reached) >= KEPT:
            subjects.reached.clear()
        subjects.reached[place] = list(steps_of(subjects, term, reach, most))
    return subjects.reached[place]


def _counted_alike(chosen: Sequence[SolverStep]) -> bool:
    """Return whether all arithmetic is counted by one convention: nobody divides FLOPs by MACs."""
    counts = {
        tuple(move for move in step.moves if move in ARITHMETIC.values())
        for step in chosen
        if step.counted
    }
    return len(counts) <= 1


def _called(term: Term) -> str:
    return term.subject.network if isinstance(term, Quantity) else "the figure"


def _one_of_each(sides: list[list[SolverStep]], most: int) -> Iterator[tuple[SolverStep, ...]]:
    """Yield one step of each side whose costs are together at most `most`."""
    if not sides:
        yield ()
        return
    for step in sides[0]:
        if step.cost > most:
            return
        for rest in _one_of_each(sides[1:], most - step.cost):
            yield (step, *rest)
