"""The first line of a sheet: what its quiz was made from, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from archprof.capturing.targets import TAPE
from archprof.capturing.targets import target as target_of
from archprof.commands.lecture.claims.keys import MAX_BATCH
from archprof.commands.quiz.making.quiz import ASKABLE, USUAL, QuizRequest
from archprof.commands.quiz.questions.question import KINDS, MOST_QUESTIONS
from archprof.commands.quiz.sheets.sheet_lines import SheetLines, refuse
from archprof.language.confined import VARIABLE, within
from archprof.language.kinds import parse_shape
from archprof.ops.elements import DTYPES
from archprof.problem import ProblemError, Problems, nearest
from archprof.units import from_csv_cell

MAX_SEED = 10**9
LIMITS = {"blank": 10**6, "questions": MOST_QUESTIONS, "seed": MAX_SEED, "batch": MAX_BATCH}
WORDS = ("network", *LIMITS, "level", "ask", "input", "dtype", "from", "to", "set")


def check_quiz(
    sheet: SheetLines, of_teacher: list[str] | None, expected: Mapping[str, str]
) -> None:
    """Compare the first line with the teacher's quiz, or with expected values by name.

    Raises ProblemError where it is of another quiz.
    """
    stated = sheet.stated()
    if of_teacher is None:
        wanted = [f"{name}={value}" for name, value in expected.items()]
        compared = [field for field in stated if field.partition("=")[0] in expected]
    else:
        wanted, compared = of_teacher, stated
    missing = [field for field in wanted if field not in stated]
    others = [field for field in compared if field not in wanted]
    if missing or others:
        raise refuse(
            sheet.first,
            f"the sheet is of another quiz: {_listed(others)}, expected {_listed(missing)}",
            "a student's sheet has the first line of the one that was handed out",
        )


def _listed(fields: list[str]) -> str:
    return ", ".join(field[:60] for field in fields[:8]) or "nothing else"


def read_request(sheet: SheetLines) -> QuizRequest:
    """Return what the sheet's quiz was made from.

    Raises ProblemError with all that is wrong with the first line.
    """
    found = Problems()
    values, sets = _values(sheet, found)
    asked = "questions" if "questions" in values else "blank"
    for name in ("network", asked, "seed"):
        if not values.get(name):
            found.add(
                sheet.first,
                "sheet",
                f"the first line does not say its {name}",
                "leave it as archprof wrote it",
            )
    numbers = {
        name: _number(sheet, found, name, values[name]) for name in LIMITS if values.get(name)
    }
    _check_words(sheet, found, values)
    if found:
        raise ProblemError(found)
    return QuizRequest(
        _network(sheet, values["network"]),
        numbers.get("blank", 0),
        numbers["seed"],
        tuple(values.get("ask", "").split()) or (() if "questions" in numbers else USUAL),
        parse_shape(values["input"]) if "input" in values else None,
        tuple(sets),
        numbers.get("batch", 1),
        values.get("dtype", "float32"),
        values.get("from", ""),
        values.get("to", ""),
        numbers.get("questions", 0),
        values.get("level", ""),
    )


def _values(sheet: SheetLines, found: Problems) -> tuple[dict[str, str], list[str]]:
    """Return the first line's values by name, and its `set`s, of which there may be several."""
    values: dict[str, str] = {}
    sets: list[str] = []
    line, fields = sheet.rows[0]
    for i, field in enumerate(fields[1:], 1):
        name, sign, value = from_csv_cell(field).partition("=")
        if not field:
            continue
        if not sign or name not in WORDS:
            found.add(
                sheet.mark(line, fields, i),
                "sheet",
                f"`{field[:60]}` is nothing a sheet says of itself",
                "leave the first line as it was",
            )
        elif name == "set":
            sets.append(value)
        else:
            values[name] = value
    return values, sets


def _number(sheet: SheetLines, found: Problems, name: str, text: str) -> int:
    least, most = 0 if name == "seed" else 1, LIMITS[name]
    if re.fullmatch(r"[0-9]{1,20}", text) and least <= int(text) <= most:
        return int(text)
    found.add(
        sheet.first,
        "sheet",
        f"{name}={text[:60]}, expected a whole number from {least} to {most:,}",
        "leave the first line as it was",
    )
    return 1


def _check_words(sheet: SheetLines, found: Problems, values: Mapping[str, str]) -> None:
    """Record an input, a column or a dtype that cannot be."""
    if "input" in values and parse_shape(values["input"]) is None:
        message = f"input={values['input'][:60]}, expected a shape such as 3x224x224"
        found.add(sheet.first, "sheet", message)
    askable = tuple(KINDS) if "questions" in values else ASKABLE
    for column in values.get("ask", "").split():
        if column not in askable:
            kind = "kind of question" if "questions" in values else "column"
            message = f"there is no {kind} `{column[:60]}` to ask for"
            found.add(sheet.first, "sheet", message, nearest(column, askable))
    dtype = values.get("dtype", "float32")
    if dtype not in DTYPES:
        message = f"dtype={dtype[:60]}, expected one of {', '.join(DTYPES)}"
        found.add(sheet.first, "sheet", message)


READ = frozenset({"tape", "onnx"})
"""The kinds of captured networks that are read, and run nothing."""


def _network(sheet: SheetLines, target: str) -> str:
    """Return a shipped network's name, or the path of a spec relative to here or to the sheet.

    The path may also be of a tape or an ONNX file. It must be in this project or the sheet's,
    because others write sheets too; for the same reason a sheet never names code that runs.
    """
    path, colon, variant = target.partition(":")
    captured = target_of(target)
    if captured is not None:
        if captured.kind not in READ:
            message = f"the sheet is of {target[:100]}, and a sheet makes no code run"
            hint = f"archprof capture {target[:100]} -o net{TAPE}, and a sheet of that"
            raise refuse(sheet.first, message, hint)
        path, colon, variant = captured.place, "", ""
    elif "/" not in path and not path.endswith((".yaml", ".yml")):
        return target
    for candidate in (Path(path), sheet.path.parent / path):
        inside = within(candidate, Path.cwd() / "sheet", sheet.path.resolve().parent)
        if inside and candidate.is_file():
            return f"{candidate}{colon}{variant}"
    raise refuse(
        sheet.first,
        f"the sheet is of the spec {path[:100]}, and there is no such file in this project or"
        " beside the sheet",
        f"put it there, or set {VARIABLE} to the folder it is in",
    )
