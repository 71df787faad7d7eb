"""`archprof quiz`: an exercise sheet from a network's table, and its key."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Option
from archprof.cli.options import (
    Batch,
    Dtype,
    DtypeOption,
    Format,
    FormatOption,
    Input,
    Net,
    Set,
)

if TYPE_CHECKING:
    from archprof.commands.quiz.making.quiz import Exercise, QuizRequest
    from archprof.problem import ProblemError


class Platform(StrEnum):
    """What an exercise is imported into."""

    moodle = "moodle"
    qti = "qti"


def quiz(
    net: Net,
    blank: Annotated[
        int,
        Option("--blank", min=1, max=1_000_000, metavar="N", help="How many cells are left blank."),
    ] = 10,
    questions: Annotated[
        int,
        Option(
            "--questions",
            min=0,
            max=1_000,
            metavar="N",
            help="Questions in place of the table: so many, of the kinds of --ask.",
        ),
    ] = 0,
    level: Annotated[
        str,
        Option(
            "--level",
            metavar="NAME",
            help="How hard: easy, medium (nothing is copied from above) or hard.",
        ),
    ] = "",
    seed: Annotated[
        int,
        Option(
            "--seed",
            min=0,
            max=10**9,
            metavar="S",
            help="Which cells: the same seed, the same sheet.",
        ),
    ] = 0,
    ask: Annotated[
        str | None,
        Option(
            "--ask",
            metavar="A,B,…",
            help="Columns to leave blanks in, or kinds of questions; an unknown one lists them.",
        ),
    ] = None,
    first: Annotated[
        str, Option("--from", metavar="LAYER", help="Begin with this layer or block.")
    ] = "",
    last: Annotated[
        str, Option("--to", metavar="LAYER", help="End with this layer or block.")
    ] = "",
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    key: Annotated[
        Path | None,
        Option(
            "--key",
            metavar="FILE",
            help="Write the key to a file too; - writes it in place of the sheet.",
        ),
    ] = None,
    students: Annotated[
        Path | None,
        Option(
            "--students",
            metavar="FILE",
            help=(
                "A CSV of names: each student gets a sheet of their own in the folder -o, and --key"
                " writes the key of the class."
            ),
            show_default=False,
        ),
    ] = None,
    platform: Annotated[
        Platform | None,
        Option(
            "--for",
            metavar="NAME",
            help="For a learning platform: moodle (XML) or qti (2.1, a package), with its key.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.table,
    output: Annotated[
        Path | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to a file, whole or not at all; with --students the folder of the sheets.",
        ),
    ] = None,
) -> int:
    """An exercise sheet: a network's table with blanks, or questions; as csv it can be filled in
    and marked by `archprof grade`.

    Example: archprof quiz alexnet --blank 8 --seed 3
    """
    from archprof.commands.quiz.making.quiz import USUAL, QuizRequest
    from archprof.commands.quiz.questions.exercise import make_exercise
    from archprof.targets import one_input

    if key is not None and output is not None and os.path.realpath(key) == os.path.realpath(output):
        raise _refused(
            "--key",
            f"{key} is the file of the sheet (-o) too, which would replace the key",
            "give each a file",
        )
    columns = () if questions else USUAL
    if ask is not None:
        columns = tuple(dict.fromkeys(c.strip() for c in ask.split(",") if c.strip()))
    request = QuizRequest(
        net,
        0 if questions else blank,
        seed,
        columns,
        one_input(input),
        tuple(set or ()),
        batch,
        dtype.value,
        first,
        last,
        questions,
        level,
    )
    if students is not None:
        _class(request, students, key, platform or format, output)
        return 0
    if platform is not None and key is not None:
        message = f"--for {platform.value} writes the answers into its file too"
        raise _refused("--key", message, "leave out --key")
    made = make_exercise(request)
    if platform is not None:
        _put_for(made, platform, output)
        return 0
    if key is not None and str(key) == "-":
        _put(made, True, format, output)
        return 0
    if key is not None:
        _put(made, True, format, key)
    _put(made, False, format, output)
    return 0


def _refused(option: str, message: str, hint: str) -> ProblemError:
    from archprof.problem import Mark, ProblemError

    return ProblemError.of(Mark(option), "option", message, hint)


def _class(
    request: QuizRequest,
    students: Path,
    key: Path | None,
    form: Format | Platform,
    folder: Path | None,
) -> None:
    """Write a sheet for each student, and the key of the class.

    With the key in place of the sheets (`-`) the students' solutions.
    """
    from archprof.allowance import share
    from archprof.commands.quiz.course.class_key import key_csv
    from archprof.commands.quiz.course.new_sheets import new_sheets
    from archprof.commands.quiz.course.students import read_students
    from archprof.commands.quiz.making.making import analysed
    from archprof.commands.quiz.questions.exercise import exercise_of
    from archprof.commands.quiz.writing.folders import make_folder
    from archprof.show import terminal
    from archprof.units import number_of, printable

    if key is None or folder is None:
        option = "--key" if folder else "--output"
        raise _refused(
            option,
            "--students needs a folder for the sheets and a file for the key of the class",
            "-o sheets --key key.csv",
        )
    solutions = str(key) == "-"
    if not solutions and os.path.realpath(key.parent) == os.path.realpath(folder):
        message = f"{key} is in the folder of the sheets, which the students get"
        raise _refused("--key", message, "write the key elsewhere")
    found = read_students(students, request.seed)
    share(len(found))
    ending = ENDINGS.get(form, form.value)
    sheets = {student: folder / f"{student.sheet}.{ending}" for student in found}
    new = new_sheets(request, sheets, None if solutions else key)
    analysis = analysed(request)
    make_folder(folder, "--output")
    if not solutions:
        terminal.emit(key_csv(request, found), key)
    for student, path in new.items():
        made = exercise_of(analysis, request._replace(seed=student.seed))
        if isinstance(form, Platform):
            _put_for(made, form, path)
        else:
            _put(made, solutions, form, path, student.name)
    left = len(sheets) - len(new)
    kept = f", {left} left as they were" if left else ""
    print(
        f"{number_of(len(new), 'sheet')} written to {printable(str(folder))}{kept}", file=sys.stderr
    )


ENDINGS = {
    Format.table: "txt",
    Format.latex: "tex",
    Platform.moodle: "xml",
    Platform.qti: "zip",
}
"""Endings of files that are not called as their format."""


def _put_for(made: Exercise, platform: Platform, output: Path | None) -> None:
    """Write an exercise for a learning platform."""
    from archprof.show import terminal

    if platform is Platform.moodle:
        from archprof.commands.quiz.writing.moodle import moodle_xml

        terminal.emit(moodle_xml(made), output)
    else:
        from archprof.commands.quiz.writing.qti import qti_package

        terminal.emit_bytes(qti_package(made), output)


def _put(made: Exercise, key: bool, format: Format, output: Path | None, student: str = "") -> None:
    """Write a sheet, or its key; on paper under a line for the name, or under the student's."""
    from archprof.commands.quiz.writing.tables import exercise_table, heading, sheet_csv
    from archprof.show import terminal
    from archprof.show.table import put

    if format is Format.json:
        import json

        from archprof.commands.quiz.writing.quiz_data import exercise_data

        terminal.emit(json.dumps(exercise_data(made, key), indent=1), output)
    elif format is Format.csv:
        terminal.emit(sheet_csv(made, key), output)
    elif format is Format.table:
        put([exercise_table(made, key)], format.value, output)
    else:
        put([heading(student), exercise_table(made, key)], format.value, output)
