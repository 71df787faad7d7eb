"""`archprof grade`: a filled-in exercise sheet marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Format, FormatOption, Output

if TYPE_CHECKING:
    from archprof.commands.quiz.course.class_key import KeyedQuizzes
    from archprof.commands.quiz.course.class_marks import ClassMarks
    from archprof.show.table import Table


def grade(
    sheet: Annotated[
        Path,
        Argument(
            metavar="SHEET",
            help="The filled-in CSV of `archprof quiz --format csv`, or a folder of such.",
            show_default=False,
        ),
    ],
    key: Annotated[
        Path | None,
        Option(
            "--key",
            metavar="FILE",
            help="Your sheet or key of this quiz, or the key of a class: mark no other.",
            show_default=False,
        ),
    ] = None,
    network: Annotated[
        str | None,
        Option(
            "--network", metavar="NET", help="The network the sheet must be of.", show_default=False
        ),
    ] = None,
    blank: Annotated[
        int | None,
        Option("--blank", metavar="N", help="How many blanks it must have.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None,
        Option("--seed", metavar="S", help="The seed it must be made with.", show_default=False),
    ] = None,
    lenient: Annotated[
        bool,
        Option(
            "--lenient",
            help=(
                "Half of the points for one other convention than a column's, and all for what"
                " follows rightly from an earlier mistake."
            ),
        ),
    ] = False,
    letters: Annotated[
        Path | None,
        Option(
            "--letters",
            metavar="FOLDER",
            help="Write a letter to each student there: md, or as --format says.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Mark a filled-in sheet, or a folder of sheets: right, rounded, by which convention, and where
    each mistake entered; exit 1 when something is wrong.

    An answer must count as its column does; --lenient gives half of the points for one other
    convention. A sheet's first line says which quiz it is, and a student can write another there:
    --key, or --network, --blank and --seed, mark only yours, and end with exit code 2 at any other.
    A folder needs --key, and gives the marks of the class and its commonest mistakes.

    Example: archprof grade specs/lectures/answered.csv
    """
    from archprof.commands.quiz.course.class_key import KeyedQuizzes, read_key

    expected = {
        name: str(value)
        for name, value in (("network", network), ("blank", blank), ("seed", seed))
        if value is not None
    }
    quizzes = KeyedQuizzes(read_key(key)) if key is not None else None
    if sheet.is_dir():
        return _class(sheet, quizzes, expected, lenient, letters, format, output)
    return _one(sheet, quizzes, expected, lenient, letters, format, output)


def _one(
    path: Path,
    quizzes: KeyedQuizzes | None,
    expected: dict[str, str],
    lenient: bool,
    letters: Path | None,
    format: Format,
    output: Path | None,
) -> int:
    """Print the marks of one sheet."""
    from archprof.commands.quiz.questions.exercise import grade_exercise
    from archprof.commands.quiz.sheets.sheet_reader import load_sheet, read_answers
    from archprof.commands.quiz.writing.marks_tables import marks_table

    if quizzes is None:
        handed_in = load_sheet(path, expected)
    else:
        handed_in = read_answers(path, lambda sheet: quizzes.quiz(sheet, expected))
    graded = grade_exercise(handed_in.quiz, handed_in.answers, lenient)
    if letters is not None:
        from archprof.commands.quiz.course.class_marks import one_marked

        _letters(one_marked(path.name, handed_in, graded), letters, format)
    if format is Format.json:
        from archprof.commands.quiz.writing.marks_data import marks_data

        _json(marks_data(graded, handed_in.altered), output)
    else:
        _tables([marks_table(graded, handed_in.altered)], format, output)
    return 0 if graded.full and not handed_in.altered else 1


def _class(
    folder: Path,
    quizzes: KeyedQuizzes | None,
    expected: dict[str, str],
    lenient: bool,
    letters: Path | None,
    format: Format,
    output: Path | None,
) -> int:
    """Print the marks of a folder of sheets."""
    from archprof.commands.quiz.course.class_marks import mark_class
    from archprof.commands.quiz.writing.marks_tables import class_table, mistakes_table
    from archprof.problem import Mark, ProblemError

    if quizzes is None:
        message = "a folder of sheets, and no key that says which quiz they are of"
        raise ProblemError.of(Mark("--key"), "option", message, "--key FILE: your key of the quiz")
    marks = mark_class(folder, quizzes, expected, lenient)
    if format is Format.json:
        from archprof.commands.quiz.writing.marks_data import class_data

        _json(class_data(marks), output)
    elif format is Format.csv:
        _tables([class_table(marks)], format, output)
    else:
        common = [mistakes_table(marks)] if marks.mistakes else []
        _tables([class_table(marks), *common], format, output)
    if letters is not None:
        _letters(marks, letters, format)
    full = all(sheet.graded and sheet.graded.full for sheet in marks.sheets)
    return 0 if full else 1


def _letters(marks: ClassMarks, folder: Path, format: Format) -> None:
    """Write a letter to each student, in a format for people."""
    from archprof.commands.quiz.writing.folders import make_folder
    from archprof.commands.quiz.writing.letters import letters

    style = format if format in (Format.html, Format.latex) else Format.md
    ending = {Format.latex: "tex"}.get(style, style.value)
    make_folder(folder, "--letters")
    for name, letter in letters(marks).items():
        _tables([letter], style, folder / f"{name}.{ending}")


def _json(data: dict[str, Any], output: Path | None) -> None:
    import json

    from archprof.show import terminal

    terminal.emit(json.dumps(data, indent=1), output)


def _tables(tables: list[Table], format: Format, output: Path | None) -> None:
    from archprof.show.table import put

    put(tables, format.value, output)
