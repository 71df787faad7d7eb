"""A filled-in sheet marked.

Each answer is right by some convention, or wrong with the place where its mistake entered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archprof import units
from archprof.commands.quiz.cells import readings_of, values_of
from archprof.commands.quiz.quiz import SUMMED, TITLES, Cell, Content, Quiz
from archprof.commands.quiz.slips import number_slip, shape_slip
from archprof.commands.quiz.student_answer import (
    DEFAULTS,
    Reading,
    agreeing,
    fits,
    followable,
    parse_ints,
    parse_number,
)
from archprof.commands.quiz.student_table import StudentTable

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
    one's likely cause, and `origin` the place where its mistake entered.
    """

    layer: str
    column: str
    answer: str
    right: str
    word: str
    how: str = ""
    why: str = ""
    origin: str = ""


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
    return Marked(
        layer, column, text, right, WRONG, "", _why(quiz, cell, text, student), f"{layer} {column}"
    )


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


def _why(quiz: Quiz, cell: Cell, text: str, student: StudentTable) -> str:
    """Return what a mistake likely is, and how the right answer is worked out."""
    parts = [_mistake(quiz, cell, text, student), working(quiz, cell)]
    return "; ".join(filter(None, parts))


def _mistake(quiz: Quiz, cell: Cell, text: str, student: StudentTable) -> str:
    row, column = cell
    slip = ""
    if column == "output":
        given = student.shape(row, parse_ints(text))
        if given is None:
            return "no shape such as 96x55x55"
        slip = shape_slip(quiz, row, given)
    elif column in SUMMED:
        figure = parse_number(text)
        if figure is None:
            return "no number"
        slip = number_slip(quiz, cell, figure, values_of(quiz, row, column).values())
    return f"likely {slip}" if slip else ""


def working(quiz: Quiz, cell: Cell) -> str:
    """Return how the content of a cell is worked out, "" where there is nothing to work out."""
    row, column = cell
    layer = quiz.layer(row)
    if layer is None:
        return "the sum of the rows above"
    output = layer.node.output
    lines = layer.node.op.working(layer.node.facts.inputs, output)
    if column == "output":
        shown = []
        for name, axis in (("height", 1), ("width", 2)):
            if name in lines and len(output) == 3:
                shown.append(f"{lines[name].substituted()} = {output[axis]}")
        return ", ".join(dict.fromkeys(shown))
    batch = ""
    if quiz.request.batch > 1 and column != "params":
        batch = f" * {quiz.request.batch} images"
    if column == "memory":
        itemsize = layer.output_bytes // (quiz.request.batch * max(1, math.prod(output)))
        return (
            f"{'*'.join(map(str, output))}{batch} * {itemsize} bytes ="
            f" {units.exact(layer.output_bytes)}"
        )
    value = quiz.contents[cell]
    if column not in lines or not isinstance(value, int):
        return ""
    substituted = lines[column].substituted()
    return "" if substituted == str(value) else f"{substituted}{batch} = {units.exact(value)}"
