"""The lines of a sheet's file: where the sheet begins, its rows, and the place of each cell."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from archprof.language.text import lines
from archprof.problem import Mark, Problem, ProblemError
from archprof.units import from_csv_cell

MAKE = "archprof quiz NET --blank 10 --seed 1 --format csv -o sheet.csv"
LONGEST_PREFACE = 20
"""Lines within which a sheet begins."""

_FIRST = re.compile(
    r'(?:"archprof quiz (?P<quoted>[0-9]{1,9})"|archprof quiz'
    r" (?P<form>[0-9]{1,9}))(?P<sign>[,;\t]|\Z)"
)


class SheetLines:
    """The rows of a file that are not empty, each with its number; the first says which quiz it is.

    Raises ProblemError where the file is not a sheet.
    """

    def __init__(self, path: Path, name: str, text: str):
        self.path, self.name = path, name
        self.lines = lines(text)
        if not text.strip():
            raise refuse(Mark(name), "the file is empty, expected a filled-in sheet", MAKE)
        start, match = self._first_line()
        form = match["quoted"] or match["form"]
        if form != "1":
            raise refuse(
                Mark(name, start + 1, 1),
                f"a sheet of form {form}, expected 1",
                "a newer archprof made it",
            )
        body = io.StringIO("\n".join(self.lines[start:]))
        reader = csv.reader(body, delimiter=match["sign"] or ",")
        self.rows = [
            (start + before + 1, [cell.strip() for cell in row])
            for before, row in _numbered(reader)
            if any(cell.strip() for cell in row)
        ]

    def _first_line(self) -> tuple[int, re.Match[str]]:
        preface = self.lines[:LONGEST_PREFACE]
        for i, line in enumerate(preface):
            match = _FIRST.match(line)
            if match:
                return i, match
        hint = f"make one: {MAKE}"
        if any(line.startswith('"archprof quiz 1,') for line in preface):
            hint = "its rows stand in one column: import it with commas as separators"
        raise refuse(
            Mark(self.name, 1, 1), "this is not a sheet: no line says which quiz it is of", hint
        )

    @property
    def first(self) -> Mark:
        """The place of the line that says which quiz the sheet is of."""
        return Mark(self.name, self.rows[0][0], 1)

    def stated(self) -> list[str]:
        """Return what the first line says of the quiz, in order of name."""
        return sorted(from_csv_cell(field) for field in self.rows[0][1][1:] if field)

    def mark(self, line: int, row: list[str], place: int) -> Mark:
        """Return the place where a cell begins in its line."""
        text, at = self.lines[line - 1], 0
        for cell in row[:place]:
            at = max(at, text.find(cell, at) + len(cell))
        begin = text.find(row[place], at) if place < len(row) else len(text)
        return Mark(self.name, line, max(0, begin) + 1)


def refuse(mark: Mark, message: str, hint: str = "") -> ProblemError:
    """Return the error of a sheet."""
    return ProblemError([Problem(mark, "sheet", message, hint)])


def _numbered(reader: Any) -> list[tuple[int, list[str]]]:
    """Return rows with the number of lines before each."""
    found, before = [], 0
    for row in reader:
        found.append((before, row))
        before = reader.line_num
    return found
