"""An exercise sheet as CSV: written so that it says what it was made from, and read again,
filled in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from archprof.analysis.counting import DTYPES
from archprof.commands.lecture.keys import MAX_BATCH
from archprof.commands.quiz.making import make
from archprof.commands.quiz.quiz import ASKABLE, TITLES, USUAL, Cell, Content, Quiz, QuizRequest
from archprof.commands.quiz.student_answer import parse_ints, parse_number
from archprof.language.confined import VARIABLE, within
from archprof.language.pieces import parse_shape
from archprof.language.source import lines, read, with_lines
from archprof.problem import Mark, Problem, ProblemError, Problems, nearest
from archprof.units import csv_cell, from_csv_cell

Result = TypeVar("Result")

FIRST, BLANK = "archprof quiz 1", "?"
UNANSWERED = ("", BLANK, "____")
MAKE = "archprof quiz NET --blank 10 --seed 1 --format csv -o sheet.csv"
MAX_SEED = 10**9

_FIRST = re.compile(
    r'(?:"archprof quiz (?P<quoted>[0-9]{1,9})"|archprof quiz'
    r" (?P<form>[0-9]{1,9}))(?P<sign>[,;\t]|\Z)"
)


def rows_of(quiz: Quiz, key: bool = False) -> list[list[str]]:
    """The sheet: what it was made from, the titles, the rows, a `?` where a student answers; of
    the key the answers.
    """
    body = [
        [
            BLANK if (i, column) in quiz.blanks and not key else plain(quiz.contents[i, column])
            for column in quiz.columns
        ]
        for i in range(len(quiz.rows))
    ]
    return [[FIRST, *_fields(quiz.request)], [TITLES[column] for column in quiz.columns], *body]


def plain(value: Content) -> str:
    """What stands in a cell of a CSV: numbers without separators."""
    return (
        "-"
        if value is None
        else "x".join(map(str, value))
        if isinstance(value, tuple)
        else str(value)
    )


def _fields(asked: QuizRequest) -> list[str]:
    given = {
        "network": asked.network,
        "blank": asked.blanks,
        "seed": asked.seed,
        "ask": " ".join(asked.ask) if asked.ask != USUAL else "",
        "input": plain(asked.input) if asked.input else "",
        "batch": asked.batch if asked.batch > 1 else "",
        "dtype": asked.dtype if asked.dtype != "float32" else "",
        "from": asked.first,
        "to": asked.last,
    }
    return [f"{name}={value}" for name, value in given.items() if value != ""] + [
        f"set={value}" for value in asked.sets
    ]


def load_sheet(
    path: Path, key: Path | None = None, expected: Mapping[str, str] | None = None
) -> tuple[Quiz, dict[Cell, str]]:
    """Return the quiz that a filled-in sheet is of, made again, and the answers to its blanks.

    A student may write any quiz into the first line: `key`, a sheet or key of the teacher's, and
    `expected`, values by name, say which it must be. Raises ProblemError with all that is wrong
    with the sheet.
    """
    quiz = _opened(key, lambda sheet: sheet.stated()) if key is not None else None
    return _opened(path, lambda sheet: sheet.read(quiz, expected or {}))


def _opened(path: Path, use: Callable[[_Sheet], Result]) -> Result:
    """Return what `use` makes of the sheet at `path`.

    Raises ProblemError with the lines that it is about.
    """
    if path.is_dir():
        raise _refuse(
            Mark(str(path)),
            "a directory, expected a filled-in sheet",
            "give the path of a .csv file in it",
        )
    text, name = read(path)
    try:
        return use(_Sheet(path, name, text))
    except ProblemError as error:
        raise ProblemError(with_lines(list(error.problems), {name: text})) from None
    except csv.Error as error:
        raise _refuse(Mark(name), f"no CSV: {error}", "save it as CSV (UTF-8)") from None


def _refuse(mark: Mark, message: str, hint: str = "") -> ProblemError:
    return ProblemError([Problem(mark, "sheet", message, hint)])


class _Sheet:
    def __init__(self, path: Path, name: str, text: str):
        self.path, self.name = path, name
        self.lines = lines(text)
        self.found = Problems()
        if not text.strip():
            raise _refuse(Mark(name), "the file is empty, expected a filled-in sheet", MAKE)
        start = next((i for i, line in enumerate(self.lines[:20]) if _FIRST.match(line)), None)
        match = _FIRST.match(self.lines[start]) if start is not None else None
        if start is None or match is None:
            glued = any(line.startswith('"archprof quiz 1,') for line in self.lines[:20])
            raise _refuse(
                Mark(name, 1, 1),
                "this is no sheet: no line says which quiz it is of",
                (
                    "its rows stand in one column: import it with commas as separators"
                    if glued
                    else f"make one: {MAKE}"
                ),
            )
        form = match["quoted"] or match["form"]
        if form != "1":
            raise _refuse(
                Mark(name, start + 1, 1),
                f"a sheet of form {form}, expected 1",
                "a newer archprof made it",
            )
        reader = csv.reader(
            io.StringIO("\n".join(self.lines[start:])), delimiter=match["sign"] or ","
        )
        self.rows = [
            (start + before + 1, [cell.strip() for cell in row])
            for before, row in _numbered(reader)
            if any(cell.strip() for cell in row)
        ]

    def stated(self) -> list[str]:
        """Return what the first line says of the quiz, in order of name."""
        return sorted(from_csv_cell(field) for field in self.rows[0][1][1:] if field)

    def must_be(self, quiz: list[str] | None, expected: Mapping[str, str]) -> None:
        """Compares the first line with the teacher's quiz.

        Raises ProblemError where it is another.
        """
        stated = self.stated()
        wanted = [f"{name}={value}" for name, value in expected.items()] if quiz is None else quiz
        missing = [field for field in wanted if field not in stated]
        others = [
            field
            for field in stated
            if field not in wanted and (quiz is not None or field.partition("=")[0] in expected)
        ]
        if missing or others:
            raise _refuse(
                Mark(self.name, self.rows[0][0], 1),
                f"the sheet is of another quiz: {_listed(others)}, expected {_listed(missing)}",
                "a student's sheet has the first line of the one that was handed out",
            )

    def read(
        self, quiz_of_the_teacher: list[str] | None, expected: Mapping[str, str]
    ) -> tuple[Quiz, dict[Cell, str]]:
        self.must_be(quiz_of_the_teacher, expected)
        quiz = self._quiz(*self.rows[0])
        if len(self.rows) < 2:
            raise _refuse(Mark(self.name), "the sheet has no rows", MAKE)
        line, heads = self.rows[1]
        places = {
            column: next((i for i, head in enumerate(heads) if _same(head, TITLES[column])), None)
            for column in quiz.columns
        }
        missing = [TITLES[column] for column, place in places.items() if place is None]
        if missing:
            needed = ", ".join(TITLES[column] for column in quiz.columns)
            raise _refuse(
                Mark(self.name, line, 1),
                f"the sheet has no column {', '.join(missing)}",
                f"its columns are {needed}",
            )
        body = self.rows[2:]
        if len(body) != len(quiz.rows):
            at = Mark(self.name, body[-1][0] if body else line, 1)
            raise _refuse(
                at,
                f"the sheet has {len(body)} rows, expected {len(quiz.rows)}, from"
                f" {quiz.rows[0].label} to {quiz.rows[-1].label}",
                "rows are neither added nor removed",
            )
        answers: dict[Cell, str] = {}
        for i, (line, row) in enumerate(body):
            for column, place in places.items():
                cell = row[place] if place is not None and place < len(row) else ""
                if (i, column) in quiz.blanks:
                    answers[i, column] = "" if cell in UNANSWERED else cell
                elif not _still(cell, quiz.contents[i, column]):
                    self._changed(
                        Mark(self.name, line, self._column(line, row, place or 0)),
                        quiz,
                        i,
                        column,
                        cell,
                    )
        if self.found:
            raise ProblemError(self.found)
        return quiz, answers

    def _changed(self, mark: Mark, quiz: Quiz, i: int, column: str, cell: str) -> None:
        stands = plain(quiz.contents[i, column])
        if column == "layer":
            self.found.add(
                mark,
                "sheet",
                f"row {i + 1} is `{cell}`, expected `{stands}`",
                "rows stay in the order of the sheet",
            )
        else:
            self.found.add(
                mark,
                "sheet",
                f"{TITLES[column]} of `{quiz.rows[i].label}` is {cell or 'empty'}, the sheet has"
                f" {stands} there",
                f"answers stand only where the sheet has {BLANK}",
            )

    def _column(self, line: int, row: list[str], place: int) -> int:
        """Where a cell begins in its line."""
        text, at = self.lines[line - 1], 0
        for cell in row[:place]:
            at = max(at, text.find(cell, at) + len(cell))
        return max(0, text.find(row[place], at) if place < len(row) else len(text)) + 1

    def _quiz(self, line: int, fields: list[str]) -> Quiz:
        """The quiz made again from what the first line says."""
        said: dict[str, str] = {}
        sets: list[str] = []
        for i, field in enumerate(fields[1:], 1):
            name, sign, value = from_csv_cell(field).partition("=")
            if not field:
                continue
            if not sign or name not in (
                "network",
                "blank",
                "seed",
                "ask",
                "input",
                "batch",
                "dtype",
                "from",
                "to",
                "set",
            ):
                # slow in a long line, and few of these are told
                mark = Mark(self.name, line, self._column(line, fields, i))
                self.found.add(
                    mark,
                    "sheet",
                    f"`{field[:60]}` is nothing a sheet says of itself",
                    "leave the first line as it was",
                )
            elif name == "set":
                sets.append(value)
            else:
                said[name] = value
        here = Mark(self.name, line, 1)
        for name in [name for name in ("network", "blank", "seed") if not said.get(name)]:
            self.found.add(
                here,
                "sheet",
                f"the first line does not say its {name}",
                "leave it as archprof wrote it",
            )
        limits = {"blank": 10**6, "seed": MAX_SEED, "batch": MAX_BATCH}
        numbers = {
            name: self._number(here, name, said[name], most)
            for name, most in limits.items()
            if said.get(name)
        }
        shape = parse_shape(said["input"]) if "input" in said else None
        if "input" in said and shape is None:
            self.found.add(
                here, "sheet", f"input={said['input'][:60]}, expected a shape such as 3x224x224"
            )
        ask = tuple(said.get("ask", "").split())
        for column in [column for column in ask if column not in ASKABLE]:
            self.found.add(
                here,
                "sheet",
                f"there is no column `{column[:60]}` to ask for",
                nearest(column, ASKABLE),
            )
        if said.get("dtype", "float32") not in DTYPES:
            self.found.add(
                here, "sheet", f"dtype={said['dtype'][:60]}, expected one of {', '.join(DTYPES)}"
            )
        if self.found:
            raise ProblemError(self.found)
        more: dict[str, Any] = {"ask": ask} if ask else {}
        asked = QuizRequest(
            self._network(here, said["network"]),
            numbers["blank"],
            numbers["seed"],
            input=shape,
            sets=tuple(sets),
            batch=numbers.get("batch", 1),
            dtype=said.get("dtype", "float32"),
            first=said.get("from", ""),
            last=said.get("to", ""),
            **more,
        )
        try:
            return make(asked)
        except ProblemError as error:
            raise ProblemError(
                [
                    p if p.mark.line else Problem(here, p.rule, p.message, p.hint)
                    for p in error.problems
                ]
            ) from None

    def _number(self, mark: Mark, name: str, text: str, most: int) -> int:
        least = 0 if name == "seed" else 1
        if re.fullmatch(r"[0-9]{1,20}", text) and least <= int(text) <= most:
            return int(text)
        self.found.add(
            mark,
            "sheet",
            f"{name}={text[:60]}, expected a whole number from {least} to {most:,}",
            "leave the first line as it was",
        )
        return 1

    def _network(self, mark: Mark, target: str) -> str:
        """A shipped network's name, or a spec's path from here or from the sheet on: in its
        project or ours, for others write sheets too.
        """
        path, colon, variant = target.partition(":")
        if "/" not in path and not path.endswith((".yaml", ".yml")):
            return target
        for candidate in (Path(path), self.path.parent / path):
            if (
                within(candidate, Path.cwd() / "sheet", self.path.resolve().parent)
                and candidate.is_file()
            ):
                return f"{candidate}{colon}{variant}"
        raise _refuse(
            mark,
            f"the sheet is of the spec {path[:100]}, and there is no such file in this project or"
            " beside the sheet",
            f"put it there, or set {VARIABLE} to the folder it is in",
        )


def _listed(fields: list[str]) -> str:
    return ", ".join(field[:60] for field in fields[:8]) or "nothing else"


def _numbered(reader: Any) -> list[tuple[int, list[str]]]:
    """Rows with the number of lines before each."""
    found, before = [], 0
    for row in reader:
        found.append((before, row))
        before = reader.line_num
    return found


def _same(head: str, title: str) -> bool:
    """Whether a column's head is this title, whatever its case and unit."""
    return head.partition("(")[0].strip().lower() == title.partition("(")[0].strip().lower()


def _still(cell: str, content: Content) -> bool:
    """Whether a cell is as it was; a spreadsheet may have set its number otherwise."""
    if from_csv_cell(cell) == plain(content) or (content is None and cell in ("", "-")):
        return True
    if isinstance(content, tuple) and len(content) > 1:
        return parse_ints(cell) == content
    content = content[0] if isinstance(content, tuple) else content
    figure = parse_number(cell) if isinstance(content, int) else None
    return (
        figure is not None
        and isinstance(content, int)
        and (figure.exactly(Fraction(content)) or figure.rounds(Fraction(content)))
    )


def answered(quiz: Quiz, answers: Mapping[Cell, str]) -> str:
    """The sheet as CSV with these answers in its blanks."""
    table = rows_of(quiz)
    for (i, column), text in answers.items():
        table[2 + i][quiz.columns.index(column)] = text
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [csv_cell(cell) for cell in row] for row in table
    )
    return out.getvalue()
