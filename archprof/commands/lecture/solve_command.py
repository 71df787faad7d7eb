"""`archprof solve`: under which convention, or after which slip, a printed figure comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    from fractions import Fraction

    from archprof.commands.lecture.document import Quantity, Subject
    from archprof.commands.lecture.evaluate import Subjects
    from archprof.show.table import Table

FIGURE = "A figure as printed: 13.6G, 138M, 7485 MFLOP."


def solve(
    net: Net,
    macs: Annotated[str | None, typer.Option("--macs", metavar="FIGURE", help=FIGURE)] = None,
    flops: Annotated[
        str | None, typer.Option("--flops", metavar="FIGURE", help="The same, called FLOPs.")
    ] = None,
    params: Annotated[
        str | None, typer.Option("--params", metavar="FIGURE", help="Parameters, such as 5M.")
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option("--memory", metavar="FIGURE", help="Bytes of all outputs, such as 96MB."),
    ] = None,
    elements: Annotated[
        str | None,
        typer.Option("--elements", metavar="FIGURE", help="Elements of all outputs, such as 24M."),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(
            "--shape",
            metavar="LAYER=SHAPE",
            help="The output of one layer, such as conv1=96x55x55 or conv1=55x55.",
        ),
    ] = None,
    first: Annotated[
        str, typer.Option("--from", metavar="LAYER", help="Count from this layer on.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="LAYER", help="Count to this layer.")] = "",
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """What a printed figure may really be: conventions, variants, slips that give it to its digits,
    simplest first; exit 1 where none does.

    Example: archprof solve vgg16 --macs 13.6G
    """
    from archprof.commands.lecture.document import Selection
    from archprof.show import terminal
    from archprof.show.table import put

    subjects, subject = _subject(net, input, batch, dtype.value, set)
    figures = {
        "macs": macs,
        "flops": flops,
        "params": params,
        "output_bytes": memory,
        "elements": elements,
    }
    tables = [
        _figure(subjects, subject, name, text, Selection(first=first, last=last))
        for name, text in figures.items()
        if text is not None
    ]
    if shape is not None:
        tables.append(_shape(subjects, subject, shape))
    if not tables:
        raise _refuse(
            "there is nothing to solve", "give a figure: archprof solve vgg16 --macs 13.6G"
        )
    if format is Format.json:
        import json

        heads = ("reproduces", "value", "kind", "chance")
        data = [
            {
                "question": t.title,
                "exact": t.notes[0][1],
                "answers": [dict(zip(heads, row, strict=False)) for row in t.rows],
            }
            for t in tables
        ]
        terminal.emit(json.dumps(data, indent=1), output)
    else:
        put(tables, format.value, output)
    return 0 if all(table.rows for table in tables) else 1


def _refuse(message: str, hint: str = "") -> Exception:
    from archprof.problem import Mark, Problem, ProblemError

    return ProblemError([Problem(Mark("solve"), "option", message, hint)])


def _subject(
    net: str, input: str | None, batch: int, dtype: str, values: list[str] | None
) -> tuple[Subjects, Subject]:
    from archprof.commands.lecture.document import Lecture, Subject
    from archprof.commands.lecture.evaluate import Subjects
    from archprof.language.override import parse_input, parse_override
    from archprof.problem import Mark

    asked = Lecture(Path.cwd() / "solve", "solve", "", "solve", "", "", False, {})
    overrides = tuple(
        (k, tuple(v) if isinstance(v, list) else v) for k, v in map(parse_override, values or ())
    )
    return Subjects(asked, anywhere=True), Subject(
        net, Mark("solve"), parse_input(input) if input else None, overrides, batch, dtype
    )


def _quantity(name: str, subject: Subject, selection: object) -> Quantity:
    from archprof.commands.lecture.document import Quantity
    from archprof.problem import Mark

    return Quantity(name, subject, selection, Mark("solve"))  # type: ignore[arg-type]


def _figure(subjects: Subjects, subject: Subject, name: str, text: str, selection: object) -> Table:
    """The answers for one figure. Raises ProblemError."""
    from fractions import Fraction

    from archprof.commands.lecture.evaluate import evaluate
    from archprof.commands.lecture.figures import parse_figure
    from archprof.commands.lecture.judge import term_text
    from archprof.commands.lecture.solver import search

    figure = parse_figure(text)
    if figure is None:
        raise _refuse(
            f"`{text[:60]}` is no figure",
            (
                "a decimal point, not a comma: 3.8G"
                if "," in text
                else "write it as printed: 13.6G, 138M, 96 MB, 1.8e9"
            ),
        )
    term = _quantity(name, subject, selection)
    value = evaluate(subjects, term)
    exact = Fraction(value) if value is not None and not isinstance(value, tuple) else Fraction(0)
    title, exactly = f"{term_text(term)}: what is {text}?", f"{int(exact):,}"
    if figure.rounds(exact) or figure.exactly(exact):
        return _table(title, [("exactly as asked", exactly, "holds", "")], exactly)
    found = search(subjects, term, figure)
    rows = [
        (
            ", also ".join((str(a), *a.also)),
            _value(a.value),
            "reading" if a.reading else "likely slip",
            str(a.chance),
        )
        for a in found.answers
        if not isinstance(a.value, tuple)
    ]
    if found.chance is not None:
        nothing = (
            f"no explanation that beats chance: as simple moves give {found.chance} figures near"
            f" {text} as well"
        )
    else:
        nothing = "nothing in the declared space gives these digits"
    return _table(title, rows, exactly, nothing)


def _value(value: Fraction) -> str:
    """A number in full, with one decimal where it is not whole."""
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.1f}"


def _shape(subjects: Subjects, subject: Subject, text: str) -> Table:
    """The answers for one layer's output. Raises ProblemError."""
    from fractions import Fraction

    from archprof.commands.lecture.document import Selection
    from archprof.commands.lecture.evaluate import evaluate
    from archprof.commands.lecture.judge import answer_text, term_text
    from archprof.commands.lecture.solver import solve_size
    from archprof.language.kinds import parse_shape

    layer, _, wanted = text.partition("=")
    stated = parse_shape(wanted.strip())
    if stated is None or not layer:
        raise _refuse(f"`{text[:60]}`, expected LAYER=SHAPE", "for instance --shape conv1=96x55x55")
    square = len(stated) == 2 and stated[0] == stated[1]
    term = _quantity("height" if square else "shape", subject, Selection(paths=(layer.strip(),)))
    value = evaluate(subjects, term)
    if value is None:
        raise _refuse(f"{term_text(term)} is nothing")
    answers = solve_size(subjects, term, Fraction(stated[0]) if square else stated)
    rows = (
        [("exactly as asked", wanted, "holds", "")]
        if value == (stated[0] if square else stated)
        else [(str(a), wanted, "reading" if a.reading else "likely slip", "") for a in answers]
    )
    return _table(f"{term_text(term)}: what is {wanted}?", rows, answer_text(value, "", False))


def _table(
    title: str,
    rows: list[tuple[str, str, str, str]],
    exact: str,
    nothing: str = "nothing in the declared space gives these digits",
) -> Table:
    """The answers, each with its chance where it has one; `nothing` says why there is none."""
    from archprof.show.table import Column, Table

    columns = [
        Column("What gives it", right=False, wraps=True),
        Column("Exactly"),
        Column("Kind", right=False),
    ]
    notes = [("as asked", exact)]
    if not rows:
        notes.append(("answer", nothing))
    if not any(chance for *_, chance in rows):
        return Table(columns, [row[:-1] for row in rows], title, notes)
    notes.append(
        (
            "chance",
            (
                "how many of the figures near it, of as many digits, moves as simple as these give"
                " as well"
            ),
        )
    )
    return Table([*columns, Column("Chance")], rows, title, notes)
