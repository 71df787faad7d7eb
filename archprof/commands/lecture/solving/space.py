"""The values that moves from a term lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
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
from archprof.commands.lecture.deciding.explanation import MAX_COST, SolverMove, SolverStep
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.combined import combined_steps
from archprof.commands.lecture.solving.moves import steps_of

KEPT = 16
"""Terms whose steps are kept."""

StatedBefore = Mapping[Term, tuple[str, PrintedFigure]]
"""The figures that the lecture's other claims state: by term the id of the claim and the figure."""


class SearchSpace(NamedTuple):
    """How far the solver looks: at which networks, up to which cost, and whether at slips."""

    subjects: Subjects
    reach: str
    most: int
    slips: bool = True
    stated: StatedBefore = MappingProxyType({})

    def steps(self, term: Term) -> list[SolverStep]:
        """Return every value within reach of a term, cheapest first.

        Raises ProblemError where the term names layers that are not there.
        """
        return sorted(self._steps(term), key=lambda step: step.cost)

    def _steps(self, term: Term) -> Iterator[SolverStep]:
        if isinstance(term, Constant):
            yield SolverStep((), term.figure.value)
        elif isinstance(term, Combined):
            sides = [self._steps(part) for part in term.parts]
            yield from combined_steps(term, sides, min(self.most, MAX_COST - 1))
        else:
            key = without_marks(term)
            if key in self.stated and self.slips:
                claim, figure = self.stated[key]
                text = f"with the {figure.text} that {{}} states"
                move = SolverMove(text, 0, "stated", False, (claim,))
                yield SolverStep((move,), figure.value, cost=move.cost)
            yield from self._kept(term, key)

    def _kept(self, term: Quantity, key: Term) -> Sequence[SolverStep]:
        """Return the steps from a quantity.

        Lectures state many figures of the same quantity, so the latest are kept.
        """
        reached, place = self.subjects.reached, (key, self.reach, self.most, self.slips)
        if place not in reached:
            check()
            if len(reached) >= KEPT:
                reached.clear()
            reached[place] = list(steps_of(self.subjects, term, self.reach, self.most, self.slips))
        return reached[place]
