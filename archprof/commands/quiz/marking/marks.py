"""The marks of a sheet: each answer with its word, its points and its reason."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from archprof import units
from archprof.commands.quiz.making.quiz import Content, Exercise
from archprof.commands.quiz.marking.scheme import CARRIED, RIGHT, ROUNDED
from archprof.commands.quiz.marking.student_answer import DEFAULTS

DEFAULT_NAMES = DEFAULTS | {
    "arithmetic": "the column's own count",
    "memory": "the column's own count",
}


class Marked(NamedTuple):
    """One blank: its layer and column, the answer, what is right, the mark and why.

    `word` is one of the scheme's MEANINGS and `points` what it is worth, `how` the convention that
    a right answer follows, `why` a wrong one's likely cause with the right working, `origin` the
    place where its mistake entered, and `slip` the mistake alone, where it is known. `asked` is the
    column that says what kind of answer it is.
    """

    layer: str
    column: str
    answer: str
    right: str
    word: str
    points: Fraction
    how: str = ""
    why: str = ""
    origin: str = ""
    slip: str = ""
    asked: str = ""


class Used(NamedTuple):
    """A convention: how many of the answers that show one follow it, and which do not."""

    dimension: str
    name: str
    followed: int
    others: tuple[str, ...]


class Graded(NamedTuple):
    """A sheet marked, strictly or leniently."""

    quiz: Exercise
    marks: tuple[Marked, ...]
    used: tuple[Used, ...]
    lenient: bool = False

    @property
    def right(self) -> int:
        """The number of right answers, rounded ones among them."""
        return sum(m.word in (RIGHT, ROUNDED) for m in self.marks)

    @property
    def full(self) -> bool:
        """Whether every answer is right."""
        return self.right == len(self.marks)

    @property
    def carried(self) -> int:
        """The number of answers that are wrong only because an earlier one is."""
        return sum(m.word == CARRIED for m in self.marks)

    @property
    def points(self) -> Fraction:
        """The points of all answers; a sheet without a mistake has one for each blank."""
        return sum((m.points for m in self.marks), Fraction(0))


def content_text(value: Content, column: str) -> str:
    """Return the content of a cell as text for people."""
    if value is None:
        return "-"
    if isinstance(value, tuple):
        if column in ("kernel", "stride", "padding", "field"):
            return units.pair(*value)
        return units.shape(value)
    if isinstance(value, int) and column not in ("out", "field"):
        return units.exact(value)
    return str(value)
