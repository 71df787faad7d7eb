"""An exercise sheet as CSV; its first line says what it was made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from archprof.commands.quiz.making.quiz import TITLES, USUAL, Cell, Content, Exercise, QuizRequest
from archprof.units import csv_cell

FIRST, BLANK = "archprof quiz 1", "?"


def rows_of(quiz: Exercise, key: bool = False) -> list[list[str]]:
    """Return the sheet: what it was made from, the titles, the rows.

    A `?` is where a student answers; the key has the answers there.
    """

    def cell(i: int, column: str) -> str:
        if (i, column) in quiz.blanks and not key:
            return BLANK
        return plain(quiz.contents[i, column])

    body = [[cell(i, column) for column in quiz.columns] for i in range(len(quiz.rows))]
    heads = [_head(column, quiz.request.dtype) for column in quiz.columns]
    return [first_row(quiz.request), heads, *body]


def _head(column: str, dtype: str) -> str:
    """Return a column's title with how it counts, which is what answers are marked by."""
    return f"Memory (bytes in {dtype})" if column == "memory" else TITLES[column]


def plain(value: Content) -> str:
    """Return the content of a cell of a CSV: numbers without separators."""
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return str(value)


def first_row(request: QuizRequest) -> list[str]:
    """Return the first row of a sheet: what it was made from, name=value."""
    given = {
        "network": request.network,
        "blank": request.blanks or "",
        "questions": request.questions or "",
        "level": request.level,
        "seed": request.seed,
        "ask": " ".join(request.ask) if request.ask != USUAL else "",
        "input": plain(request.input) if request.input else "",
        "batch": request.batch if request.batch > 1 else "",
        "dtype": request.dtype if request.dtype != "float32" else "",
        "from": request.first,
        "to": request.last,
    }
    fields = [f"{name}={value}" for name, value in given.items() if value != ""]
    return [FIRST, *fields, *(f"set={value}" for value in request.sets)]


def answered(quiz: Exercise, answers: Mapping[Cell, str]) -> str:
    """Return the sheet as CSV with these answers in its blanks."""
    table = rows_of(quiz)
    for (i, column), text in answers.items():
        table[2 + i][quiz.columns.index(column)] = text
    return as_csv(table)


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Return rows of texts as CSV, of which no spreadsheet takes one for a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(csv_cell, row) for row in rows)
    return out.getvalue()
