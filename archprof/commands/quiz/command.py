"""`archprof quiz`: an exercise sheet from a network's table, and its key."""

from __future__ import annotations

import os
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
    Output,
    Set,
)

if TYPE_CHECKING:
    from archprof.commands.quiz.making.quiz import Quiz


def quiz(
    net: Net,
    blank: Annotated[
        int,
        Option("--blank", min=1, max=1_000_000, metavar="N", help="How many cells are left blank."),
    ] = 10,
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
            "--ask", metavar="A,B,…", help="Columns to leave blanks in; an unknown one lists them."
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
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """An exercise sheet: a network's table with blanks; as csv it can be filled in and marked by
    `archprof grade`.

    Example: archprof quiz alexnet --blank 8 --seed 3
    """
    from archprof.commands.quiz.making.making import make
    from archprof.commands.quiz.making.quiz import USUAL, QuizRequest
    from archprof.problem import Mark, Problem, ProblemError
    from archprof.targets import one_input

    if key is not None and output is not None and os.path.realpath(key) == os.path.realpath(output):
        raise ProblemError(
            [
                Problem(
                    Mark("--key"),
                    "option",
                    f"{key} is the file of the sheet (-o) too, which would replace the key",
                    "give each a file",
                )
            ]
        )
    columns = USUAL
    if ask is not None:
        columns = tuple(dict.fromkeys(c.strip() for c in ask.split(",") if c.strip()))
    made = make(
        QuizRequest(
            net,
            blank,
            seed,
            columns,
            one_input(input),
            tuple(set or ()),
            batch,
            dtype.value,
            first,
            last,
        )
    )
    if key is not None and str(key) == "-":
        _put(made, True, format, output)
        return 0
    if key is not None:
        _put(made, True, format, key)
    _put(made, False, format, output)
    return 0


def _put(made: Quiz, key: bool, format: Format, output: Path | None) -> None:
    from archprof.commands.quiz.writing.tables import sheet_csv, sheet_table
    from archprof.show import terminal
    from archprof.show.table import put

    if format is Format.json:
        import json

        from archprof.commands.quiz.writing.quiz_data import sheet_data

        terminal.emit(json.dumps(sheet_data(made, key), indent=1), output)
    elif format is Format.csv:
        terminal.emit(sheet_csv(made, key), output)
    else:
        put([sheet_table(made, key)], format.value, output)
