"""Exercise sheets as data for JSON: numbers as numbers, shapes as lists."""

from __future__ import annotations

from typing import Any

from archprof.commands.quiz.making.quiz import Content, Exercise, Quiz
from archprof.commands.quiz.questions.question import QuestionSheet
from archprof.commands.quiz.writing.tables import command

SCHEMA = 2
QUESTIONS_SCHEMA = 1
Data = dict[str, Any]


def exercise_data(exercise: Exercise, key: bool = False) -> Data:
    """Return an exercise of either kind as JSON data."""
    if isinstance(exercise, QuestionSheet):
        return questions_data(exercise, key)
    if isinstance(exercise, Quiz):
        return sheet_data(exercise, key)
    raise TypeError(type(exercise).__name__)


def questions_data(sheet: QuestionSheet, key: bool = False) -> Data:
    """Return questions as JSON data; answers and their working are in the key alone."""
    return {
        "schema": QUESTIONS_SCHEMA,
        "command": command(sheet.request),
        "questions": [
            {
                "number": number,
                "kind": question.kind,
                "level": question.level,
                "text": question.text,
                "options": list(question.options),
                "answers": [content_data(one) for one in (question.right, *question.also)]
                if key
                else None,
                "working": question.working if key else None,
            }
            for number, question in enumerate(sheet.questions, 1)
        ],
    }


def sheet_data(quiz: Quiz, key: bool = False) -> Data:
    """Return the sheet as JSON data.

    A cell without content is null, and a blank too, unless it is the key.
    """
    rows = [
        {
            column: None
            if (i, column) in quiz.blanks and not key
            else content_data(quiz.contents[i, column])
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


def content_data(value: Content) -> str | int | list[int] | None:
    """Return the content of a cell as JSON has it."""
    return list(value) if isinstance(value, tuple) else value
