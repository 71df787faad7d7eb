"""A folder of sheets marked: each student's marks, and the mistakes that many made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from archprof.allowance import share
from archprof.commands.quiz.course.class_key import KeyedQuizzes
from archprof.commands.quiz.course.students import Student
from archprof.commands.quiz.making.quiz import Exercise
from archprof.commands.quiz.marking.marks import Graded
from archprof.commands.quiz.marking.scheme import OTHER, WRONG
from archprof.commands.quiz.questions.exercise import grade_exercise
from archprof.commands.quiz.sheets.sheet_lines import SheetLines, refuse
from archprof.commands.quiz.sheets.sheet_reader import Altered, HandedIn, read_answers
from archprof.problem import Mark, Problem, ProblemError

MOST_SHEETS = 2_000


class SheetMarks(NamedTuple):
    """The marks of one student's sheet, or the problem for which it has none.

    `file` is "" where nothing was handed in; without a class's key `student` is the file's name.
    """

    student: str
    file: str
    graded: Graded | None = None
    altered: tuple[Altered, ...] = ()
    problem: Problem | None = None


class CommonMistake(NamedTuple):
    """A mistake: the slip, or "" where none is known, who made it, and in which cells."""

    slip: str
    students: tuple[str, ...]
    places: tuple[str, ...]


class ClassMarks(NamedTuple):
    """The sheets of a class marked, in the order of the key's students and then of the files."""

    network: str
    sheets: tuple[SheetMarks, ...]

    @property
    def marked(self) -> tuple[Graded, ...]:
        """The marks of the sheets that have some."""
        return tuple(sheet.graded for sheet in self.sheets if sheet.graded is not None)

    @property
    def mean(self) -> Fraction | None:
        """The mean of the points, of a sheet's blanks; None where no sheet is marked."""
        marked = self.marked
        if not marked:
            return None
        return sum((graded.points for graded in marked), Fraction(0)) / len(marked)

    @property
    def mistakes(self) -> tuple[CommonMistake, ...]:
        """The mistakes, those that most students made first.

        Those of one slip are one, wherever it was made; others are of one cell.
        """
        found: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
        for sheet in self.sheets:
            for slip, place in _entered(sheet.graded):
                students, places = found.setdefault((slip, "" if slip else place), ({}, {}))
                students[sheet.student] = None
                places[place] = None
        mistakes = [
            CommonMistake(slip, tuple(students), tuple(places))
            for (slip, _), (students, places) in found.items()
        ]
        return tuple(sorted(mistakes, key=lambda mistake: -len(mistake.students)))


def _entered(graded: Graded | None) -> Iterator[tuple[str, str]]:
    """Yield the slip and the place of each mistake of a sheet that does not follow from another."""
    for mark in graded.marks if graded is not None else ():
        if mark.word in (WRONG, OTHER):
            yield mark.slip, f"{mark.layer} {mark.column}"


def one_marked(file: str, sheet: HandedIn, graded: Graded) -> ClassMarks:
    """Return the marks of a single sheet as those of a class of one."""
    marks = SheetMarks(Path(file).stem, file, graded, sheet.altered)
    return ClassMarks(sheet.quiz.analysis.graph.network.name, (marks,))


def mark_class(
    folder: Path, quizzes: KeyedQuizzes, expected: Mapping[str, str], lenient: bool
) -> ClassMarks:
    """Return the marks of all sheets in a folder, which the key's quizzes decide.

    A sheet that cannot be marked is in it with its problem. Raises ProblemError where the folder
    has no sheets, or too many.
    """
    known = {student.sheet for student in quizzes.key.students}
    # a sheet that is called as it was handed out comes before another of the same student
    files = sorted(_files(folder), key=lambda file: file.stem.lower() not in known)
    share(len(files))
    found: list[SheetMarks] = []
    first: dict[str, str] = {}
    for file in files:
        marks = _marks(folder, file, quizzes, expected, lenient)
        if marks.graded is not None and first.setdefault(marks.student, marks.file) != marks.file:
            message = f"a second sheet of {marks.student}: {first[marks.student]} is marked"
            marks = marks._replace(graded=None, problem=Problem(Mark(marks.file), "sheet", message))
        found.append(marks)
    there = {marks.student for marks in found}
    found += [SheetMarks(s.name, "") for s in quizzes.key.students if s.name not in there]
    order = {student.name: i for i, student in enumerate(quizzes.key.students)}
    ordered = sorted(found, key=lambda marks: (order.get(marks.student, len(order)), marks.file))
    return ClassMarks(quizzes.analysis.graph.network.name, tuple(ordered))


def _files(folder: Path) -> list[Path]:
    """Return the sheets in a folder, and in the folders in it, as learning platforms pack them."""
    names = [
        path
        for pattern in ("*.csv", "*.CSV", "*/*.csv", "*/*.CSV")
        for path in folder.glob(pattern)
    ]
    files = sorted({path for path in names if not path.name.startswith(".")})
    if not files:
        raise refuse(
            Mark(str(folder)), "there are no .csv files in this folder", "a folder of sheets"
        )
    if len(files) > MOST_SHEETS:
        message = f"{len(files):,} files, at most {MOST_SHEETS:,} are marked at once"
        raise refuse(Mark(str(folder)), message, "a folder for each course")
    return files


def _marks(
    folder: Path, file: Path, quizzes: KeyedQuizzes, expected: Mapping[str, str], lenient: bool
) -> SheetMarks:
    """Return the marks of one file, or its problem."""
    inside = file.relative_to(folder)
    whose: list[Student] = []

    def quiz(sheet: SheetLines) -> Exercise:
        student = quizzes.student_of(sheet)
        if student is not None:
            whose.append(student)
        return quizzes.quiz(sheet, expected)

    def name() -> str:
        return whose[0].name if whose else str(inside.with_suffix(""))

    try:
        sheet = read_answers(file, quiz)
        graded = grade_exercise(sheet.quiz, sheet.answers, lenient)
    except ProblemError as error:
        return SheetMarks(name(), str(inside), problem=error.problems[0])
    return SheetMarks(name(), str(inside), graded, sheet.altered)
