"""`archprof latency`: variants of a space measured, a latency model, and what that predicts."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from archprof.cli.declared import Argument, Option
from archprof.cli.ranges import refused
from archprof.commands.sweep.command import complete_space
from archprof.commands.sweep.device_options import TIME_LIMIT, DeviceOptions

if TYPE_CHECKING:
    from archprof.show.table import Table

LEAST_SECONDS = 0.01
INTERRUPTED = 130  # the exit code after Ctrl-C


class LatencyFormat(StrEnum):
    """How latencies are written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


def latency(
    space: Annotated[
        str,
        Argument(
            help="A space: a shipped one's name or a file.",
            autocompletion=complete_space,
            show_default=False,
        ),
    ],
    measure: Annotated[
        int | None,
        Option(
            "--measure",
            min=1,
            max=10_000,
            metavar="N",
            help="Measure so many variants; -o keeps the run as JSON.",
            show_default=False,
        ),
    ] = None,
    fit: Annotated[
        int | None,
        Option(
            "--fit",
            min=1,
            max=10_000,
            metavar="N",
            help="Make a latency model from so many variants, half of them held back.",
            show_default=False,
        ),
    ] = None,
    predict: Annotated[
        Path | None,
        Option(
            "--predict",
            metavar="MODEL",
            help="Predict latencies by the model in a file, each with its error.",
            show_default=False,
        ),
    ] = None,
    of: Annotated[
        Path | None,
        Option(
            "--of",
            metavar="DIR",
            help="The front of the space's sweep, or search, that lies here.",
            show_default="variants at random",
        ),
    ] = None,
    front: Annotated[
        str,
        Option(
            metavar="OBJECTIVES",
            help="With --of: which front, such as 'min macs, max params'.",
            show_default="as the sweep has it",
        ),
    ] = "",
    where: Annotated[
        list[str] | None,
        Option("--where", metavar="CONDITION", help="With --of: of which variants. Repeatable."),
    ] = None,
    rows: Annotated[
        int, Option(min=1, max=100_000, metavar="N", help="Predict at most so many variants.")
    ] = 20,
    seed: Annotated[int, Option(min=0, metavar="N", help="What variants are drawn with.")] = 0,
    device: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Where to measure: cpu, cuda or cuda:N; with --predict for which the model is.",
            show_default="cpu",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        Option(
            min=1,
            max=1024,
            metavar="N",
            help="Threads of torch on the CPU.",
            show_default="torch's own",
        ),
    ] = None,
    time_limit: Annotated[
        float,
        Option(
            "--time-limit", min=LEAST_SECONDS, max=3600, metavar="SECONDS", help="For each variant."
        ),
    ] = TIME_LIMIT,
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", help="Where the run, or the model, is kept."),
    ] = None,
    format: Annotated[
        LatencyFormat, Option("--format", "-f", metavar="NAME", help="table, json, csv or md.")
    ] = LatencyFormat.table,
) -> int:
    """How long variants of a space take: measured, or predicted by a model whose error is printed.

    Give one of --measure, --fit and --predict. Batch and dtype are those of the space's conditions.

    Example: archprof latency mobilenet_v2 --measure 2 --time-limit 0.1
    """
    from archprof.allowance import lift
    from archprof.sweeping.extra import require_sweeping
    from archprof.sweeping.space.library import read_space

    if sum(one is not None for one in (measure, fit, predict)) != 1:
        message = "found none, or several, of --measure, --fit and --predict"
        raise refused("latency", message, "give one of them")
    if of is None:
        _refuse_choice(where=where, front=front)
    if predict is not None and threads is not None:
        raise refused("--threads", "nothing is measured", "a model has its own threads")
    if fit is not None and output is None:
        raise refused("--fit", "a model is kept in a file, and none is given", "-o model.json")
    require_sweeping()
    from archprof.commands.sweep.latency_answers import (
        ChosenVariants,
        fit_model,
        measured,
        predicted,
    )

    chosen = ChosenVariants(read_space(space), of, front, tuple(where or ()), seed)
    lift()  # measuring takes its own time
    if predict is not None:
        data, table = predicted(chosen, rows, predict, device)
        return _put(data, table, output, format)
    options = DeviceOptions(device or "cpu", threads, time_limit)
    if fit is not None and output is not None:
        data, table = fit_model(chosen, fit, options, output)
        return _put(data, table, None, format)
    data, table, complete = measured(chosen, measure or 0, options, output)
    _put(data, table, None, format)
    return 0 if complete else INTERRUPTED


def _refuse_choice(**options: object) -> None:
    """Raise ProblemError for an option that chooses among the variants of a sweep, as there is
    none.
    """
    for name, value in options.items():
        if value:
            message = "random variants are taken, whatever they cost"
            raise refused(f"--{name}", message, "name the folder of a sweep with --of")


def _put(data: dict[str, Any], table: Table, output: Path | None, format: LatencyFormat) -> int:
    from archprof.show import terminal
    from archprof.show.table import put

    if format is LatencyFormat.json:
        terminal.emit(json.dumps(data, indent=1), output)
    else:
        put([table], format.value, output)
    return 0
