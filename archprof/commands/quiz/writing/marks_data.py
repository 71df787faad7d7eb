"""Marked sheets as data for JSON: numbers as numbers, shapes as lists."""

from __future__ import annotations

from archprof.commands.quiz.course.class_marks import ClassMarks, SheetMarks
from archprof.commands.quiz.making.quiz import SUMMED, Content
from archprof.commands.quiz.marking.marks import DEFAULT_NAMES, Graded, Marked
from archprof.commands.quiz.marking.student_answer import parse_ints, parse_number
from archprof.commands.quiz.sheets.sheet_reader import Altered
from archprof.commands.quiz.writing.quiz_data import Data, content_data
from archprof.commands.quiz.writing.tables import command

SCHEMA = 3
CLASS_SCHEMA = 1
WORDS = ("layer", "op")
"""Columns whose answers are words."""


def marks_data(graded: Graded, altered: tuple[Altered, ...] = ()) -> Data:
    """Return the marks as JSON data."""
    return {
        "schema": SCHEMA,
        "command": command(graded.quiz.request),
        **_marks(graded),
        "altered": [_altered(cell) for cell in altered],
    }


def class_data(marks: ClassMarks) -> Data:
    """Return the marks of a class as JSON data."""
    return {
        "schema": CLASS_SCHEMA,
        "network": marks.network,
        "mean": None if marks.mean is None else float(marks.mean),
        "students": [_sheet(sheet) for sheet in marks.sheets],
        "mistakes": [
            {
                "slip": mistake.slip,
                "students": list(mistake.students),
                "places": list(mistake.places),
            }
            for mistake in marks.mistakes
        ],
    }


def _sheet(sheet: SheetMarks) -> Data:
    problem = sheet.problem
    return {
        "student": sheet.student,
        "file": sheet.file,
        "marks": _marks(sheet.graded) if sheet.graded is not None else None,
        "altered": [_altered(cell) for cell in sheet.altered],
        "problem": f"{problem.mark}: {problem.message}" if problem is not None else "",
    }


def _altered(cell: Altered) -> Data:
    return {"layer": cell.layer, "column": cell.column, "text": cell.text, "given": cell.given}


def _marks(graded: Graded) -> Data:
    quiz = graded.quiz
    return {
        "strict": not graded.lenient,
        "points": float(graded.points),
        "right": graded.right,
        "carried_over": graded.carried,
        "blanks": len(graded.marks),
        "marks": [
            _mark(quiz.contents[cell], mark)
            for cell, mark in zip(quiz.blanks, graded.marks, strict=True)
        ],
        "conventions": [
            {
                "of": used.dimension,
                "name": used.name or DEFAULT_NAMES[used.dimension],
                "followed": used.followed,
                "apart": list(used.others),
            }
            for used in graded.used
        ],
    }


def _mark(right: Content, mark: Marked) -> Data:
    answer = None
    if mark.answer:
        answer = {"value": _answer(mark.answer, mark.asked), "text": mark.answer}
    return {
        "layer": mark.layer,
        "column": mark.column,
        "answer": answer,
        "right": content_data(right),
        "mark": mark.word,
        "points": float(mark.points),
        "convention": mark.how,
        "why": mark.why,
        "slip": mark.slip,
        "entered_at": mark.origin,
    }


def _answer(text: str, column: str) -> int | float | list[int] | None:
    """Return the number or the numbers that a student wrote, in their order; None for words."""
    if column in WORDS:
        return None
    if column in SUMMED or column == "out":
        figure = parse_number(text)
        if figure is None:
            return None
        return int(figure.value) if figure.value.denominator == 1 else float(figure.value)
    numbers = parse_ints(text)
    if numbers is None:
        return None
    return numbers[0] if len(numbers) == 1 else list(numbers)
