"""A filled-in sheet read: the quiz it is of, made again, and the answers to its blanks."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, TypeVar

from archprof.commands.quiz.making.quiz import TITLES, Cell, Content, Exercise
from archprof.commands.quiz.marking.student_answer import parse_ints, parse_number
from archprof.commands.quiz.questions.exercise import make_exercise
from archprof.commands.quiz.sheets.sheet import BLANK, plain
from archprof.commands.quiz.sheets.sheet_lines import MAKE, SheetLines, refuse
from archprof.commands.quiz.sheets.sheet_request import check_quiz, read_request
from archprof.language.text import read, with_lines
from archprof.problem import Mark, Problem, ProblemError, Problems
from archprof.units import from_csv_cell

Opened = TypeVar("Opened")
NumberedRow = tuple[int, list[str]]
"""A row of a file: its line, and its cells."""

UNANSWERED = ("", BLANK, "____")
SAVE_SHEET = (
    "save it as UTF-8: in Excel as `CSV UTF-8 (Comma delimited)`, in LibreOffice by `Character set`"
)
"""The way out for a sheet of another encoding, which is what spreadsheets write by themselves."""


class Altered(NamedTuple):
    """A cell that is not as it was handed out: its layer, column, text, and what was there."""

    layer: str
    column: str
    text: str
    given: str


class HandedIn(NamedTuple):
    """A sheet that was handed in: its quiz, the answers to its blanks, and the altered cells."""

    quiz: Exercise
    answers: Mapping[Cell, str]
    altered: tuple[Altered, ...] = ()


def load_sheet(path: Path, expected: Mapping[str, str] | None = None) -> HandedIn:
    """Return a filled-in sheet, marked by the quiz that its first line states.

    A student may write any quiz there: `expected`, values by name, say which it must be. Raises
    ProblemError with all that is wrong with the sheet.
    """

    def quiz(sheet: SheetLines) -> Exercise:
        check_quiz(sheet, None, expected or {})
        return _quiz(sheet)

    return read_answers(path, quiz)


def read_answers(path: Path, quiz_of: Callable[[SheetLines], Exercise]) -> HandedIn:
    """Return the sheet at `path`, marked by the quiz that `quiz_of` gives for it.

    Raises ProblemError.
    """

    def use(sheet: SheetLines) -> HandedIn:
        quiz = quiz_of(sheet)
        return HandedIn(quiz, *_answers(sheet, quiz))

    return opened(path, use)


def opened(path: Path, use: Callable[[SheetLines], Opened]) -> Opened:
    """Return what `use` makes of the sheet at `path`.

    Raises ProblemError with the lines that it is about.
    """
    if path.is_dir():
        raise refuse(
            Mark(str(path)),
            "a directory, expected a filled-in sheet",
            "give the path of a .csv file in it",
        )
    text, name = read(path, otherwise=SAVE_SHEET)
    try:
        return use(SheetLines(path, name, text))
    except ProblemError as error:
        raise ProblemError(with_lines(list(error.problems), {name: text})) from None
    except csv.Error as error:
        raise refuse(Mark(name), f"not CSV: {error}", "save it as CSV (UTF-8)") from None


def _quiz(sheet: SheetLines) -> Exercise:
    """Return the quiz made again from what the first line says."""
    request = read_request(sheet)
    try:
        return make_exercise(request)
    except ProblemError as error:
        placed = [
            p if p.mark.line else Problem(sheet.first, p.rule, p.message, p.hint)
            for p in error.problems
        ]
        raise ProblemError(placed) from None


def _answers(sheet: SheetLines, quiz: Exercise) -> tuple[dict[Cell, str], tuple[Altered, ...]]:
    """Return the answers to the blanks, and what was changed in other cells.

    Raises ProblemError where rows are not those of the quiz.
    """
    places = _places(sheet, quiz)
    body = _body(sheet, quiz)
    found = Problems()
    answers: dict[Cell, str] = {}
    altered = []
    for i, (line, row) in enumerate(body):
        if any(row[len(sheet.rows[1][1]) :]):
            message = f"the row has {len(row)} cells, expected {len(sheet.rows[1][1])}"
            hint = 'a comma in an answer needs quotes, "0,15G", or a point: 0.15G'
            found.add(sheet.mark(line, row, len(row) - 1), "sheet", message, hint)
        for column, place in places.items():
            cell = row[place] if place < len(row) else ""
            if (i, column) in quiz.blanks:
                answers[i, column] = "" if cell in UNANSWERED else cell
            elif not _unchanged(cell, quiz.contents[i, column]):
                right, title = plain(quiz.contents[i, column]), TITLES[column].partition(" (")[0]
                refused = _refused(quiz.rows[i].label, i, title, cell, right)
                if refused:
                    found.add(sheet.mark(line, row, place), "sheet", *refused)
                altered.append(Altered(quiz.rows[i].label, title, cell, right))
    if found:
        raise ProblemError(found)
    return answers, tuple(altered)


def _refused(layer: str, row: int, title: str, cell: str, right: str) -> tuple[str, str] | None:
    """Return why a sheet with this altered cell is not marked, and the way out; None: it is."""
    if title == TITLES["layer"]:
        return (
            f"row {row + 1} is `{cell}`, expected `{right}`",
            "rows stay in the order of the sheet",
        )
    if cell == BLANK:
        message = f"{title} of `{layer}` is {BLANK}, the sheet has {right} there"
        return message, "its first line is that of another sheet"
    return None


def _places(sheet: SheetLines, quiz: Exercise) -> dict[str, int]:
    """Return the place of each of the quiz's columns."""
    if len(sheet.rows) < 2:
        raise refuse(Mark(sheet.name), "the sheet has no rows", MAKE)
    line, heads = sheet.rows[1]
    places = {}
    for column in quiz.columns:
        found = [i for i, head in enumerate(heads) if _same_title(head, TITLES[column])]
        if found:
            places[column] = found[0]
    missing = [TITLES[column] for column in quiz.columns if column not in places]
    if missing:
        needed = ", ".join(TITLES[column] for column in quiz.columns)
        raise refuse(
            Mark(sheet.name, line, 1),
            f"the sheet has no column {', '.join(missing)}",
            f"its columns are {needed}",
        )
    return places


def _body(sheet: SheetLines, quiz: Exercise) -> list[NumberedRow]:
    """Return the rows below the titles, as many as the quiz has."""
    body = sheet.rows[2:]
    if len(body) != len(quiz.rows):
        line = body[-1][0] if body else sheet.rows[1][0]
        raise refuse(
            Mark(sheet.name, line, 1),
            f"the sheet has {len(body)} rows, expected {len(quiz.rows)}, from"
            f" {quiz.rows[0].label} to {quiz.rows[-1].label}",
            "rows are neither added nor removed",
        )
    return body


def _same_title(head: str, title: str) -> bool:
    """Return whether a column's head is this title, whatever its case and unit."""
    return head.partition("(")[0].strip().lower() == title.partition("(")[0].strip().lower()


def _unchanged(cell: str, content: Content) -> bool:
    """Return whether a cell is as it was; a spreadsheet may have written its number otherwise."""
    if from_csv_cell(cell) == plain(content) or (content is None and cell in ("", "-")):
        return True
    if isinstance(content, tuple) and len(content) > 1:
        return parse_ints(cell) == content
    content = content[0] if isinstance(content, tuple) else content
    figure = parse_number(cell) if isinstance(content, int) else None
    if figure is None or not isinstance(content, int):
        return False
    return figure.exactly(Fraction(content)) or figure.rounds(Fraction(content))
