"""`archprof grade`: a filled-in exercise sheet marked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archprof.cli.options import Format, FormatOption, Output


def grade(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="The filled-in CSV of `archprof quiz --format csv`.", show_default=False)],
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Mark a filled-in sheet: right, rounded, by which convention, and where each mistake entered; exit 1 when something is wrong.

    Example: archprof grade specs/lectures/answered.csv
    """
    from archprof.claims.grading import grade as mark
    from archprof.claims.sheet import load_sheet
    from archprof.report import terminal
    from archprof.report.quiz import marks_data, marks_table
    from archprof.report.table import put

    graded = mark(*load_sheet(sheet))
    if format is Format.json:
        import json

        terminal.emit(json.dumps(marks_data(graded), indent=1), output)
    else:
        put([marks_table(graded)], format.value, output)
    return 0 if graded.right == len(graded.marks) else 1
