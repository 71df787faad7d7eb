"""`archprof bench`: what networks really take on this machine, end to end."""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archprof.cli.declared import Argument, Option
from archprof.cli.options import NET_HELP, Format, FormatOption, Output, Set, complete_network
from archprof.commands.measure.measurement_options import (
    AnyClock,
    Autocast,
    Batches,
    Deterministic,
    Dtypes,
    FlushCache,
    Frozen,
    Inputs,
    KeepIn,
    KeepRun,
    LargestBatch,
    MeasurementOptions,
    MemoryFormats,
    Modes,
    NoCudnnBenchmark,
    Optimizer,
    Sustained,
    Threads,
    TimeLimit,
    Train,
    Transfers,
)

if TYPE_CHECKING:
    from archprof.commands.measure.planning.measurement_plan import Plan
    from archprof.show.table import Table


class By(StrEnum):
    """What a row of the layers' table stands for."""

    block = "block"
    op = "op"
    layer = "layer"
    kernel = "kernel"


NETS_HELP = f"One or more networks, measured in turns. {NET_HELP}"
Layers = Annotated[
    By | None,
    Option(
        metavar="NAME",
        help="Time the layers too, and show them by block, op or layer, or their kernels.",
        show_default="the whole only",
    ),
]
Trace = Annotated[
    Path | None,
    Option(
        "--trace",
        metavar="FILE",
        help="Write one eager pass as a Chrome trace, with layers and kernels.",
    ),
]
Memory = Annotated[
    bool,
    Option("--memory", help="Show predicted and measured memory, and the layer at the peak."),
]


def bench(
    context: typer.Context,
    nets: Annotated[
        list[str],
        Argument(help=NETS_HELP, autocompletion=complete_network, show_default=False),
    ],
    device: Annotated[
        str,
        Option(metavar="NAME", help="Where to run: cpu, cuda or cuda:N. Nothing else is tried."),
    ] = "cpu",
    batch: Batches = "1",
    largest_batch: LargestBatch = False,
    input: Inputs = None,
    dtype: Dtypes = "float32",
    memory_format: MemoryFormats = "contiguous",
    mode: Modes = "eager",
    train: Train = False,
    optimizer: Optimizer = "sgd",
    freeze: Frozen = None,
    autocast: Autocast = False,
    transfers: Transfers = False,
    by: Layers = None,
    trace: Trace = None,
    memory: Memory = False,
    threads: Threads = None,
    set: Set = None,
    flush_cache: FlushCache = False,
    time_limit: TimeLimit = 15.0,
    sustained: Sustained = None,
    any_clock: AnyClock = False,
    no_cudnn_benchmark: NoCudnnBenchmark = False,
    deterministic: Deterministic = False,
    keep: KeepRun = False,
    keep_in: KeepIn = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Latency, throughput and peak memory as measured, each with its conditions. Needs torch.

    With `-o run.json` the measurements are written as JSON as they come, and the table is shown all
    the same. Several networks are ranked. Exit 1 where one could not be measured, or where what was
    measured contradicts itself.

    Example: archprof bench alexnet --batch 1,8 --time-limit 1
    """
    from archprof.cli.ranges import refused
    from archprof.commands.measure.layers.trace import check_trace, write_trace
    from archprof.commands.measure.planning.measurement_plan import plan
    from archprof.commands.measure.planning.run_plan import carry_out
    from archprof.commands.measure.writing.bench_tables import bench_tables
    from archprof.commands.measure.writing.run_report import RunReport

    if by and train:
        raise refused(
            "--by", "the layers of a training step are not timed", "leave out --train or --by"
        )
    if by is By.kernel and device == "cpu":
        raise refused(
            "--by",
            "kernels are those of a CUDA device",
            "--device cuda, or --by block, op or layer",
        )
    if by and autocast:
        raise refused("--by", "layers are not timed under autocast", "leave out --autocast or --by")
    if largest_batch and _is_given(context, "batch"):
        raise refused(
            "--largest-batch", "the batch is what is searched", "leave out --batch, or this"
        )
    if by and "float8" in dtype.split(","):
        raise refused(
            "--by",
            "layers in float8 have no roofline: its peak is not measured, and it converts what"
            " comes in",
            "leave out --by, or --dtype bfloat16",
        )
    chosen = plan(
        "bench",
        nets,
        MeasurementOptions(
            device,
            batch,
            input,
            dtype,
            memory_format,
            mode,
            train,
            threads,
            flush_cache,
            time_limit,
            any_clock,
            not no_cudnn_benchmark,
            deterministic,
            autocast,
            optimizer,
            transfers,
            sustained,
            largest_batch,
            tuple(freeze or ()),
        ),
        set,
    )
    if trace:
        check_trace(trace, chosen, output)
    report = RunReport(
        format,
        output,
        lambda run: bench_tables(run, by.value if by else None, memory),
        lambda run: run,
        lambda run: _page(run, bench_tables(run, by.value if by else None, memory), chosen),
    )
    history = _history(keep, keep_in)
    run = carry_out(chosen, report.keep, itertools.chain.from_iterable if by else None)
    code = report.finish(run, chosen)
    if history is not None:
        _keep(history, run)
    if trace and run["complete"] and not write_trace(trace, chosen):
        code = 1
    return code


def _page(run: dict[str, Any], tables: list[Table], chosen: Plan) -> str:
    """Return a run as a page."""
    from archprof.commands.measure.running.measurement import analyzed
    from archprof.commands.page.report import run_page

    return run_page(tables, run, [analyzed(case) for group in chosen.groups for case in group])


def _is_given(context: typer.Context, name: str) -> bool:
    """Return whether an option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _history(keep: bool, keep_in: Path | None) -> Path | None:
    """Return the file that the run will be kept in, None for none.

    Raises ProblemError where nothing can be kept in it: before anything is measured.
    """
    if not keep and keep_in is None:
        return None
    from archprof.commands.measure.history.store import default_place, prepare

    path = keep_in or default_place()
    prepare(path)
    return path


def _keep(path: Path, run: dict[str, Any]) -> None:
    """Keep what was measured, and say so on standard error."""
    from archprof.commands.measure.history.store import keep, utc
    from archprof.units import number_of, printable

    if not run["measurements"]:
        return
    keep(path, run, utc(datetime.now(UTC)))
    sys.stdout.flush()
    measurements = number_of(len(run["measurements"]), "measurement")
    print(printable(f"archprof: {measurements} kept in {path}"), file=sys.stderr)
