"""`archprof grade`: a filled-in exercise sheet marked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Format, FormatOption, Output


def grade(
    sheet: Annotated[
        Path,
        Argument(
            metavar="SHEET",
            help="The filled-in CSV of `archprof quiz --format csv`.",
            show_default=False,
        ),
    ],
    key: Annotated[
        Path | None,
        Option(
            "--key",
            metavar="FILE",
            help="Your sheet or key of this quiz: mark no other.",
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
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Mark a filled-in sheet: right, rounded, by which convention, and where each mistake entered;
    exit 1 when something is wrong.

    A sheet's first line says which quiz it is, and a student can write another there: --key, or
    --network, --blank and --seed, mark only yours, and end with exit code 2 at any other.

    Example: archprof grade specs/lectures/answered.csv
    """
    from archprof.commands.quiz.marking.grading import grade as mark
    from archprof.commands.quiz.sheets.sheet_reader import load_sheet
    from archprof.commands.quiz.writing.tables import marks_table
    from archprof.show import terminal
    from archprof.show.table import put

    expected = {
        name: str(value)
        for name, value in (("network", network), ("blank", blank), ("seed", seed))
        if value is not None
    }
    graded = mark(*load_sheet(sheet, key, expected))
    if format is Format.json:
        import json

        from archprof.commands.quiz.writing.quiz_data import marks_data

        terminal.emit(json.dumps(marks_data(graded), indent=1), output)
    else:
        put([marks_table(graded)], format.value, output)
    return 0 if graded.right == len(graded.marks) else 1
