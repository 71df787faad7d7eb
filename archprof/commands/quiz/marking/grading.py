"""A filled-in sheet marked.

Each answer is right by some convention, or wrong with the place where its mistake entered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archprof import units
from archprof.commands.quiz.making.quiz import TITLES, Cell, Content, Quiz
from archprof.commands.quiz.marking.cells import readings_of
from archprof.commands.quiz.marking.mistakes import mistake
from archprof.commands.quiz.marking.student_answer import (
    DEFAULTS,
    Reading,
    agreeing,
    fits,
    followable,
)
from archprof.commands.quiz.marking.student_table import StudentTable

RIGHT, ROUNDED, CARRIED, WRONG, MISSING = "right", "rounded", "carried over", "wrong", "missing"
MEANINGS = {
    RIGHT: "to the last digit, by a declared convention",
    ROUNDED: "to the digits that are written",
    CARRIED: "follows rightly from a wrong answer before it",
    WRONG: "a mistake that enters here",
    MISSING: "nothing is answered",
}
DEFAULT_NAMES = DEFAULTS | {"arithmetic": "as its column says", "memory": "as its column says"}


class Marked(NamedTuple):
    """One blank: its layer and column, the answer, what is right, the mark and why.

    `word` is one of MEANINGS, `how` the convention that a right answer follows, `why` a wrong
    one's likely cause, `origin` the place where its mistake entered, and `slip` the slip that
    gives the answer.
    """

    layer: str
    column: str
    answer: str
    right: str
    word: str
    how: str = ""
    why: str = ""
    origin: str = ""
    slip: str = ""


class Used(NamedTuple):
    """A convention: how many of the answers that show one follow it, and which do not."""

    dimension: str
    name: str
    followed: int
    others: tuple[str, ...]


class Graded(NamedTuple):
    """A sheet marked."""

    quiz: Quiz
    marks: tuple[Marked, ...]
    used: tuple[Used, ...]

    @property
    def right(self) -> int:
        """The number of right answers, rounded ones and other conventions among them."""
        return sum(m.word in (RIGHT, ROUNDED) for m in self.marks)

    @property
    def carried(self) -> int:
        """The number of answers that are wrong only because an earlier one is."""
        return sum(m.word == CARRIED for m in self.marks)


def grade(quiz: Quiz, answers: Mapping[Cell, str]) -> Graded:
    """Return the blanks marked in order; one without an answer is missing."""
    given = {cell: answers.get(cell, "").strip() for cell in quiz.blanks}
    readings = {
        cell: list(readings_of(quiz, cell, text)) if text else [] for cell, text in given.items()
    }
    used = agreeing([found for found in readings.values() if found])
    student = StudentTable(quiz, given, readings, used)
    marks = tuple(
        _marked(quiz, cell, text, readings[cell], used, student) for cell, text in given.items()
    )
    return Graded(quiz, marks, tuple(_used(quiz, readings, used)))


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


def _marked(
    quiz: Quiz,
    cell: Cell,
    text: str,
    readings: list[Reading],
    used: Mapping[str, str],
    student: StudentTable,
) -> Marked:
    layer, column = quiz.rows[cell[0]].label, TITLES[cell[1]].partition(" (")[0]
    right = content_text(quiz.contents[cell], cell[1])
    if not text:
        return Marked(layer, column, "", right, MISSING)
    if readings:
        best = min(readings, key=lambda r: (not fits(r, used), r.cost()))
        how = ", ".join(
            _convention_text(dimension, name, used)
            for dimension, name in best.conventions
            if name != DEFAULTS[dimension] or used[dimension] != name
        )
        return Marked(layer, column, text, right, RIGHT if best.exact else ROUNDED, how)
    origin = student.carried.get(cell, "")
    if origin:
        return Marked(layer, column, text, right, CARRIED, "", f"from {origin}", origin)
    why, slip = mistake(quiz, cell, text, student)
    return Marked(layer, column, text, right, WRONG, "", why, f"{layer} {column}", slip)


def _convention_text(dimension: str, name: str, used: Mapping[str, str]) -> str:
    """Return a convention, and the one that the other answers follow where that is another."""
    here, elsewhere = (n or DEFAULT_NAMES[dimension] for n in (name, used[dimension]))
    return here if name == used[dimension] else f"{here}, elsewhere {elsewhere}"


def _used(
    quiz: Quiz, readings: Mapping[Cell, list[Reading]], used: Mapping[str, str]
) -> Iterator[Used]:
    """Yield the conventions in use, and the answers that follow others."""
    for dimension, name in used.items():
        telling = {
            cell: labels
            for cell, found in readings.items()
            if (labels := followable(found, dimension))
        }
        others = tuple(
            f"{quiz.rows[row].label} {TITLES[column].partition(' (')[0]}"
            f" {' or '.join(sorted(label or 'as asked' for label in labels))}"
            for (row, column), labels in telling.items()
            if name not in labels
        )
        yield Used(dimension, name, len(telling) - len(others), others)
