"""Explanations of a stated figure, and the steps that lead to them."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.solving.chance import Chance
from archprof.ops.base import Shape

MAX_COST, MAX_ANSWERS = 4, 6
"""What an explanation may cost, and how many are offered."""


class Explanation(NamedTuple):
    """One way to the stated figure: the moves, what they cost, and the exact value.

    `reading` says that none of them is a slip. `chance` is None for the size of a layer, which has
    no figures near it. `also` are other readings of the same value, at the same cost.
    """

    moves: tuple[str, ...]
    reading: bool
    cost: int
    value: Fraction | Shape
    chance: Chance | None = None
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(self.moves)


class SolverStep(NamedTuple):
    """A value reached from a quantity by some moves.

    `reading` says that none of them is a slip, `counted` that the value is arithmetic, which has
    several conventions.
    """

    moves: tuple[str, ...]
    reading: bool
    cost: int
    value: Fraction
    counted: bool = False

    def with_slip(self, move: str, cost: int, value: Fraction) -> SolverStep:
        """Return the step with one slip more, which gives another value."""
        return self._replace(
            moves=(*self.moves, move), reading=False, cost=self.cost + cost, value=value
        )
