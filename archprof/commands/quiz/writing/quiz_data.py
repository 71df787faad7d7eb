"""Exercise sheets and marked sheets as data for JSON: numbers as numbers, shapes as lists."""

from __future__ import annotations

from typing import Any

from archprof.commands.quiz.making.quiz import SUMMED, Cell, Content, Quiz
from archprof.commands.quiz.marking.grading import DEFAULT_NAMES, Graded, Marked
from archprof.commands.quiz.marking.student_answer import parse_ints, parse_number
from archprof.commands.quiz.writing.tables import command

SCHEMA = 2
Data = dict[str, Any]
WORDS = ("layer", "op")
"""Columns whose answers are words."""


def sheet_data(quiz: Quiz, key: bool = False) -> Data:
    """Return the sheet as JSON data.

    A cell without content is null, and a blank too, unless it is the key.
    """
    rows = [
        {
            column: None
            if (i, column) in quiz.blanks and not key
            else _content(quiz.contents[i, column])
            for column in quiz.columns
        }
        for i in range(len(quiz.rows))
    ]
    return {
        "schema": SCHEMA,
        "command": command(quiz.request),
        "blanks": [{"row": i, "column": column} for i, column in quiz.blanks],
        "rows": rows,
    }


def marks_data(graded: Graded) -> Data:
    """Return the marks as JSON data."""
    quiz = graded.quiz
    return {
        "schema": SCHEMA,
        "command": command(quiz.request),
        "right": graded.right,
        "carried_over": graded.carried,
        "blanks": len(graded.marks),
        "marks": [
            _mark(quiz, cell, mark) for cell, mark in zip(quiz.blanks, graded.marks, strict=True)
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


def _mark(quiz: Quiz, cell: Cell, mark: Marked) -> Data:
    answer = None
    if mark.answer:
        answer = {"value": _answer(mark.answer, cell[1]), "text": mark.answer}
    return {
        "layer": mark.layer,
        "column": mark.column,
        "answer": answer,
        "right": _content(quiz.contents[cell]),
        "mark": mark.word,
        "convention": mark.how,
        "why": mark.why,
        "entered_at": mark.origin,
    }


def _content(value: Content) -> str | int | list[int] | None:
    """Return the content of a cell as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


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
