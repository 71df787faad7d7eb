"""`archprof solve`: under which convention, or after which slip, a printed figure comes out."""

from __future__ import annotations

from typing import Annotated

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

FIGURE = "A figure as printed: 13.6G, 138M, 7485 MFLOP."


def solve(
    net: Net,
    macs: Annotated[str | None, Option("--macs", metavar="FIGURE", help=FIGURE)] = None,
    flops: Annotated[
        str | None, Option("--flops", metavar="FIGURE", help="The same, called FLOPs.")
    ] = None,
    params: Annotated[
        str | None, Option("--params", metavar="FIGURE", help="Parameters, such as 5M.")
    ] = None,
    memory: Annotated[
        str | None,
        Option("--memory", metavar="FIGURE", help="Bytes of all outputs, such as 115MB."),
    ] = None,
    elements: Annotated[
        str | None,
        Option("--elements", metavar="FIGURE", help="Elements of all outputs, such as 28.7M."),
    ] = None,
    shape: Annotated[
        str | None,
        Option(
            "--shape",
            metavar="LAYER=SHAPE",
            help="The output of one layer: conv1=96x55x55, conv1=55x55x96 or conv1=55x55.",
        ),
    ] = None,
    first: Annotated[str, Option("--from", metavar="LAYER", help="Count from this layer on.")] = "",
    last: Annotated[str, Option("--to", metavar="LAYER", help="Count to this layer.")] = "",
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """What a printed figure may really be: conventions, variants, slips that give it to its digits,
    simplest first, each with its chance of being luck; exit 1 where none does, or luck as well.

    Example: archprof solve vgg16 --macs 13.6G
    """
    from archprof.commands.lecture.solving.solve_tables import solved_data, solved_table
    from archprof.commands.lecture.solving.solving import Solver, refuse
    from archprof.show import terminal
    from archprof.show.table import put
    from archprof.targets import one_input

    solver = Solver(net, one_input(input), batch, dtype.value, set or ())
    figures = {
        "macs": macs,
        "flops": flops,
        "params": params,
        "output_bytes": memory,
        "elements": elements,
    }
    found = [
        solver.figure(name, text, first, last) for name, text in figures.items() if text is not None
    ]
    if shape is not None:
        found.append(solver.size(shape))
    if not found:
        raise refuse(
            "there is nothing to solve", "give a figure: archprof solve vgg16 --macs 13.6G"
        )
    if format is Format.json:
        import json

        data = [solved_data(solved) for solved in found]
        terminal.emit(json.dumps(data, indent=1), output)
    else:
        put([solved_table(solved) for solved in found], format.value, output)
    return 0 if all(solved.answered for solved in found) else 1
