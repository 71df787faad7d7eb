"""Which sheets of a class are to be written: one that was handed out is not replaced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from archprof.commands.quiz.course.class_key import read_key
from archprof.commands.quiz.course.students import Student
from archprof.commands.quiz.making.quiz import QuizRequest
from archprof.problem import Mark, ProblemError


def new_sheets(
    request: QuizRequest, sheets: Mapping[Student, Path], key: Path | None
) -> dict[Student, Path]:
    """Return the students whose sheets are to be written, and where.

    A sheet that is there may be filled in, and stays: with the class's `key` beside it only those
    of new students are written. `key` is None where solutions are written. Raises ProblemError
    where there is the key of another quiz, or a sheet without its key.
    """
    has_key = key is not None and key.exists()
    if key is not None and has_key:
        _refuse_another(request, sheets, key)
    new = {student: path for student, path in sheets.items() if not path.exists()}
    if has_key or len(new) == len(sheets):
        return new
    path = next(path for path in sheets.values() if path.exists())
    message = "there is such a file, which a new one would replace"
    raise ProblemError.of(Mark(str(path)), "file", message, "name another folder")


def _refuse_another(request: QuizRequest, sheets: Mapping[Student, Path], key: Path) -> None:
    """Raise ProblemError for a key of another quiz, or of students whose sheets are called
    otherwise.
    """
    known = read_key(key)
    if known.request != request or not known.students:
        message = "there is the key of another quiz, which sheets that were handed out need"
        hint = "name another key and another folder"
        raise ProblemError.of(Mark(str(key)), "file", message, hint)
    owners = {student.sheet: student.name for student in known.students}
    for student in sheets:
        owner = owners.get(student.sheet, student.name)
        if owner != student.name:
            message = f"the sheet {student.sheet} is {owner}'s, and would be {student.name}'s"
            hint = "put new names at the end of the list"
            raise ProblemError.of(Mark(str(key)), "file", message, hint)
