"""The key of a class: the quiz that its sheets are of, and each student's seed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from archprof.commands.quiz.course.students import Student
from archprof.commands.quiz.making.making import analysed
from archprof.commands.quiz.making.quiz import Exercise, QuizRequest
from archprof.commands.quiz.questions.exercise import exercise_of
from archprof.commands.quiz.sheets.sheet import as_csv, first_row
from archprof.commands.quiz.sheets.sheet_lines import SheetLines, refuse
from archprof.commands.quiz.sheets.sheet_reader import opened
from archprof.commands.quiz.sheets.sheet_request import MAX_SEED, check_quiz, read_request
from archprof.units import from_csv_cell

TITLES = ["Student", "Sheet", "Seed"]


class ClassKey(NamedTuple):
    """A teacher's key: what the quiz is made from, as records and as its first line says it.

    Without `students` all have the same sheet; with them the seed of `request` is the class's.
    """

    request: QuizRequest
    stated: tuple[str, ...]
    students: tuple[Student, ...] = ()


def key_csv(request: QuizRequest, students: Sequence[Student]) -> str:
    """Return the key of a class as CSV."""
    rows = [[student.name, student.sheet, str(student.seed)] for student in students]
    return as_csv([first_row(request), TITLES, *rows])


def read_key(path: Path) -> ClassKey:
    """Return the key at `path`: of a class, or a sheet or key of one quiz.

    Raises ProblemError.
    """

    def use(sheet: SheetLines) -> ClassKey:
        rows = sheet.rows[1:]
        students: list[Student] = []
        if rows and [cell.lower() for cell in rows[0][1]] == [title.lower() for title in TITLES]:
            students = [_student(sheet, line, row) for line, row in rows[1:]]
            if not students:
                raise refuse(sheet.first, "the key has no students", "make it again")
        return ClassKey(read_request(sheet), tuple(sheet.stated()), tuple(students))

    return opened(path, use)


def _student(sheet: SheetLines, line: int, row: list[str]) -> Student:
    if len(row) == len(TITLES) and re.fullmatch(r"[0-9]{1,10}", row[2]) and int(row[2]) < MAX_SEED:
        return Student(from_csv_cell(row[0]), row[1], int(row[2]))
    message = "not a student of a class, expected a name, the sheet's name and a seed"
    raise refuse(sheet.mark(line, row, 0), message, "leave the key as archprof wrote it")


class KeyedQuizzes:
    """The quizzes of a key, each made when a sheet first needs it; the network is analysed once."""

    def __init__(self, key: ClassKey):
        """Analyse the key's network. Raises ProblemError."""
        self.key = key
        self.analysis = analysed(key.request)
        self._made: dict[int, Exercise] = {}

    def student_of(self, sheet: SheetLines) -> Student | None:
        """Return whose sheet this is, by the file's name or else by the seed in its first line.

        None where all students have the same sheet. Raises ProblemError where it is nobody's.
        """
        if not self.key.students:
            return None
        stem, stated = sheet.path.stem.lower(), sheet.stated()
        by_name = [student for student in self.key.students if student.sheet == stem]
        by_seed = [s for s in self.key.students if f"seed={s.seed}" in stated]
        for student in (*by_name, *by_seed):
            return student
        seed = next((field for field in stated if field.startswith("seed=")), "no seed")
        raise refuse(
            sheet.first,
            f"the sheet is of no student of the class: {seed[:60]}",
            "a student's sheet has the first line of the one that was handed out",
        )

    def quiz(self, sheet: SheetLines, expected: Mapping[str, str]) -> Exercise:
        """Return the quiz that this sheet must be of. Raises ProblemError where it is not."""
        student = self.student_of(sheet)
        stated = list(self.key.stated)
        seed = self.key.request.seed
        if student is not None:
            seed = student.seed
            stated = [field for field in stated if not field.startswith("seed=")]
            stated = sorted([*stated, f"seed={seed}"])
        check_quiz(sheet, stated, {})
        check_quiz(sheet, None, expected)
        if seed not in self._made:
            self._made[seed] = exercise_of(self.analysis, self.key.request._replace(seed=seed))
        return self._made[seed]
