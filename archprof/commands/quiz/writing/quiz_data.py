"""Exercise sheets as data for JSON: numbers as numbers, shapes as lists."""

from __future__ import annotations

from typing import Any

from archprof.commands.quiz.making.quiz import Content, Quiz
from archprof.commands.quiz.writing.tables import command

SCHEMA = 2
Data = dict[str, Any]


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
