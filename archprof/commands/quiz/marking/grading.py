"""A filled-in sheet marked.

Each answer is right, right by another convention than its column's, or wrong with the place where
its mistake entered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archprof.commands.quiz.making.quiz import TITLES, Cell, Quiz
from archprof.commands.quiz.marking.cells import readings_of
from archprof.commands.quiz.marking.marks import (
    DEFAULT_NAMES,
    Graded,
    Marked,
    Used,
    content_text,
)
from archprof.commands.quiz.marking.mistakes import mistake
from archprof.commands.quiz.marking.scheme import (
    CARRIED,
    MISSING,
    OTHER,
    RIGHT,
    ROUNDED,
    WRONG,
    counted_otherwise,
    follows,
    own_conventions,
    points_of,
)
from archprof.commands.quiz.marking.student_answer import (
    DEFAULTS,
    WAYS_OF_WRITING,
    Reading,
    agreeing,
    fits,
    followable,
)
from archprof.commands.quiz.marking.student_table import StudentTable


def grade(quiz: Quiz, answers: Mapping[Cell, str], lenient: bool = False) -> Graded:
    """Return the blanks marked in order; one without an answer is missing.

    Strict marking takes each answer as its column counts. Lenient marking gives half of the points
    to one other convention, where the student keeps to it.
    """
    given = {cell: answers.get(cell, "").strip() for cell in quiz.blanks}
    readings = {
        cell: list(readings_of(quiz, cell, text)) if text else [] for cell, text in given.items()
    }
    read = [found for found in readings.values() if found]
    own = own_conventions(read) if lenient else {}
    right = {cell: [r for r in found if follows(r, own)] for cell, found in readings.items()}
    used = agreeing(read)
    student = StudentTable(quiz, given, right, used, own)
    marks = tuple(
        _marked(quiz, cell, text, (right[cell], readings[cell]), used, student, lenient)
        for cell, text in given.items()
    )
    return Graded(quiz, marks, tuple(_used(quiz, readings, used)), lenient)


def _marked(
    quiz: Quiz,
    cell: Cell,
    text: str,
    readings: tuple[list[Reading], list[Reading]],
    used: Mapping[str, str],
    student: StudentTable,
    lenient: bool,
) -> Marked:
    """Return the mark of a cell; `readings` are the allowed ones of its answer, and all."""
    layer, column = quiz.rows[cell[0]].label, TITLES[cell[1]].partition(" (")[0]
    allowed, every = readings

    def marked(word: str, **more: str) -> Marked:
        right = content_text(quiz.contents[cell], cell[1])
        points = points_of(word, lenient)
        return Marked(layer, column, text, right, word, points, asked=cell[1], **more)

    if not text:
        return marked(MISSING)
    if allowed:
        best = min(allowed, key=lambda r: (len(r.foreign), not fits(r, used), r.cost()))
        how = ", ".join(
            _convention_text(dimension, name, used)
            for dimension, name in best.conventions
            if name != DEFAULTS[dimension]
            or (dimension in WAYS_OF_WRITING and used[dimension] != name)
        )
        word = RIGHT if best.exact else ROUNDED
        return marked(OTHER if best.foreign else word, how=how, slip=counted_otherwise(best))
    origin = student.carried.get(cell, "")
    if origin:
        return marked(CARRIED, why=f"from {origin}", origin=origin)
    why, slip = mistake(quiz, cell, text, student, every)
    return marked(WRONG, why=why, origin=f"{layer} {column}", slip=slip)


def _convention_text(dimension: str, name: str, used: Mapping[str, str]) -> str:
    """Return a convention, and the one that the other answers follow where that is another."""
    here, elsewhere = (n or DEFAULT_NAMES[dimension] for n in (name, used[dimension]))
    return here if name == used[dimension] else f"{here}, elsewhere {elsewhere}"


def _labels_text(dimension: str, labels: tuple[str, ...]) -> str:
    """Return the conventions that an answer may follow: the sheet's own where it is one."""
    if DEFAULTS[dimension] in labels:
        return DEFAULT_NAMES[dimension]
    return " or ".join(sorted(labels))


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
            f" ({_labels_text(dimension, labels)})"
            for (row, column), labels in telling.items()
            if name not in labels
        )
        yield Used(dimension, name, len(telling) - len(others), others)
