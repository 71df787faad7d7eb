"""Explanations of a stated figure, the moves they are made of, and the steps that lead to them."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

from archprof.ops.base import Shape

MAX_COST, MAX_ANSWERS = 4, 6
"""What an explanation may cost, and how many are offered."""
MOST_NAMED = 4
"""How many of the layers that a slip may be about are named."""

About = Literal["network", "count", "slip", "stated", "printing"]
"""What a move changes: the network or its input, the convention of counting, one or some of the
layers, the figure in place of a number, or how the number is printed."""


class SolverMove(NamedTuple):
    """A convention, a variant or a slip.

    `{}` in the text stands for any one of the `names`: layers, another claim, or the printed
    figure. Without `reading` it is a slip.
    """

    text: str
    cost: int
    about: About
    reading: bool = True
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.names:
            return self.text
        named = ", ".join(self.names[:MOST_NAMED])
        if len(self.names) > MOST_NAMED:
            named += ", …"
        return self.text.replace("{}", named if len(self.names) == 1 else f"one of {named}")

    @property
    def convention(self) -> str:
        """The text without the figure: the same for all figures that are printed so."""
        return self.text.replace("{} ", "")


class SolverStep(NamedTuple):
    """A value reached from a quantity by some moves.

    `cost` is that of all moves, `counted` says that the value is arithmetic, which has several
    conventions.
    """

    moves: tuple[SolverMove, ...]
    value: Fraction
    counted: bool = False
    cost: int = 0

    def then(self, move: SolverMove, value: Fraction) -> SolverStep:
        """Return the step with one move more, which gives another value."""
        return SolverStep((*self.moves, move), value, self.counted, self.cost + move.cost)


class Explanation(NamedTuple):
    """One way to the stated figure: the moves, the exact value, and what the moves cost.

    `luck` is the probability that the match is a coincidence, None for the size of a layer, which
    has no figures near it. `also` are other ways to the same value.
    """

    moves: tuple[SolverMove, ...]
    value: Fraction | Shape
    cost: int
    luck: Fraction | None = None
    also: tuple[str, ...] = ()

    @property
    def reading(self) -> bool:
        """Whether none of the moves is a slip."""
        return all(move.reading for move in self.moves)

    @property
    def of_another_network(self) -> bool:
        """Whether the value is another network's, or of another input, without any slip in it."""
        about = {move.about for move in self.moves}
        return "network" in about and not about & {"slip", "stated"}

    @property
    def texts(self) -> tuple[str, ...]:
        """The moves as text."""
        return tuple(map(str, self.moves))

    @property
    def conventions(self) -> frozenset[str]:
        """The moves without the figure."""
        return frozenset(move.convention for move in self.moves)

    def __str__(self) -> str:
        return ", ".join(self.texts)
