"""The students of a class, read from a list of names: each has a sheet and a seed of their own."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from archprof.commands.quiz.sheets.sheet_reader import SAVE_SHEET
from archprof.commands.quiz.sheets.sheet_request import MAX_SEED
from archprof.language.text import lines, read
from archprof.problem import Mark, ProblemError
from archprof.units import printable

MOST_STUDENTS = 2_000
LONGEST_NAME = 200
TITLES = ("name", "student")
"""Titles of the column of names, in any case; without one it is the first."""


class Student(NamedTuple):
    """A student: the name, the name of the sheet's file without its ending, and the seed."""

    name: str
    sheet: str
    seed: int


def read_students(path: Path, class_seed: int) -> tuple[Student, ...]:
    """Return the students of a CSV of names, in its order. Raises ProblemError."""
    text, file = read(path, otherwise=SAVE_SHEET)
    try:
        rows = [(i, row) for i, row in enumerate(csv.reader(lines(text)), 1) if any(row)]
    except csv.Error as error:
        raise ProblemError.of(
            Mark(file), "students", f"not CSV: {error}", "a name a line"
        ) from None
    place = 0
    if rows:
        titles = [cell.strip().lower() for cell in rows[0][1]]
        place = next((titles.index(title) for title in TITLES if title in titles), -1)
        rows = rows[1:] if place >= 0 else rows
        place = max(place, 0)
    names: dict[str, int] = {}
    for line, row in rows:
        name = row[place].strip() if place < len(row) else ""
        problem = _refused(name, names, len(names))
        if problem:
            raise ProblemError.of(Mark(file, line, 1), "students", *problem)
        names[name] = line
    if not names:
        raise ProblemError.of(Mark(file), "students", "there are no names in it", "a name a line")
    return students_of(list(names), class_seed)


def _refused(name: str, names: dict[str, int], count: int) -> tuple[str, str] | None:
    """Return what is wrong with a name, and the way out; None for nothing."""
    if not name:
        return "a line without a name", "a name a line, or a column named `name`"
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name)} characters, at most {LONGEST_NAME}", "a name a line"
    if name in names:
        hint = "add what tells them apart: a number, a group"
        return f"`{printable(name)}` is in line {names[name]} too", hint
    if count == MOST_STUDENTS:
        return f"more than {MOST_STUDENTS:,} names", "a list for each course"
    return None


def students_of(names: Sequence[str], class_seed: int) -> tuple[Student, ...]:
    """Return the students with these names, which differ; files and seeds differ too."""
    seeds: dict[int, None] = {}
    for name in names:
        attempt = 0
        while (seed := _seed(class_seed, name, attempt)) in seeds:
            attempt += 1
        seeds[seed] = None
    return tuple(map(Student, names, file_names(names), seeds))


def file_names(names: Sequence[str]) -> list[str]:
    """Return names of files without an ending, which differ and which every file system takes."""
    found: dict[str, None] = {}
    for name in names:
        base = _file_name(name)
        file, number = base, 1
        while file in found:
            number += 1
            file = f"{base}_{number}"
        found[file] = None
    return list(found)


def _file_name(name: str) -> str:
    """Return a name in letters and digits that every file system takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:60] or "student"


def _seed(class_seed: int, name: str, attempt: int) -> int:
    """Return a seed that the class's seed and the name give, the same on every machine."""
    digest = hashlib.sha256(f"{class_seed}\n{name}\n{attempt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % MAX_SEED
