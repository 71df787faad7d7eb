"""`archprof summary`: every layer's shape and cost, and the totals."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from archprof.cli.declared import Option
from archprof.cli.options import (
    Batch,
    Count,
    Dtype,
    DtypeOption,
    Format,
    FormatOption,
    Freeze,
    Input,
    Net,
    Output,
    Set,
    Strict,
    Submodule,
    complain,
    convention,
    network,
)

WIDE = 200  # columns of a table that no terminal shows


class Optimizer(StrEnum):
    """How many copies of the parameters training keeps."""

    sgd = "sgd"
    momentum = "momentum"
    adam = "adam"
    adamw = "adamw"


def summary(
    net: Net,
    input: Input = None,
    batch: Batch = 1,
    dtype: DtypeOption = Dtype.float32,
    set: Set = None,
    submodule: Submodule = None,
    count: Count = "macs",
    optimizer: Annotated[
        Optimizer | None,
        Option(
            metavar="NAME",
            help="For the training memory: sgd, momentum, adam or adamw.",
            show_default="sgd",
        ),
    ] = None,
    ema: Annotated[
        bool, Option("--ema", help="An exponential average of the weights is kept too.")
    ] = False,
    freeze: Freeze = None,
    depth: Annotated[
        int | None,
        Option(
            min=1,
            max=50,
            metavar="N",
            help="Show paths to this depth, blocks summed up.",
            show_default=False,
        ),
    ] = None,
    full: Annotated[bool, Option("--full", help="Show every layer, nothing folded.")] = False,
    columns: Annotated[
        str | None,
        Option(
            metavar="A,B,…", help="Columns to show; an unknown one lists them.", show_default=False
        ),
    ] = None,
    sort: Annotated[
        str,
        Option(
            metavar="QUANTITY",
            help="order, params, macs, flops, memory, saved or moved; largest first.",
        ),
    ] = "order",
    strict: Strict = False,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Every layer's output, parameters, arithmetic, memory and receptive field, and the network's
    totals.

    Example: archprof summary resnet50 --batch 8 --count full
    """
    from archprof.analysis.analysis import analyze
    from archprof.analysis.lower_bounds import lower_bounds
    from archprof.commands.summary.columns import COLUMNS
    from archprof.commands.summary.summary_table import SORTS, summary_table
    from archprof.problem import STATED, Mark, Problem, ProblemError, nearest
    from archprof.show import terminal
    from archprof.show.table import put

    chosen = tuple(c.strip() for c in columns.split(",")) if columns else None
    for name in chosen or ():
        if name not in COLUMNS:
            message, hint = f"there is no column `{name}`", f"there are {', '.join(COLUMNS)}"
            raise ProblemError([Problem(Mark("--columns"), "option", message, hint)])
    if sort not in SORTS:
        message, hint = f"cannot sort by `{sort}`", nearest(sort, SORTS, "orders")
        raise ProblemError([Problem(Mark("--sort"), "option", message, hint)])
    graph = network(net, input, set, submodule)
    keeper = (optimizer or Optimizer.sgd).value
    analysis = analyze(graph, batch, dtype.value, convention(count), keeper, ema, freeze or ())
    # a step takes as long as all else: only where training is asked about
    step = bool(optimizer or ema or freeze) or "saved" in (sort, *(chosen or ()))
    if format is Format.json:
        import json

        from archprof.commands.summary.summary_data import summary_data

        if any(p.rule not in STATED for p in graph.problems):
            raise ProblemError(graph.problems)
        terminal.emit(json.dumps(summary_data(analysis, step), indent=1), output)
    elif format is Format.html and not graph.problems:
        from archprof.commands.page.page import Extras, network_page

        terminal.emit(network_page([analysis], Extras()), output)
    else:
        width = terminal.width() if format is Format.table else WIDE
        table = summary_table(analysis, width, depth, full, chosen, sort, step)
        put([table], format.value, output)
    code = complain(analysis.problems())
    if strict and code == 0:
        return complain(lower_bounds(analysis))
    return code
