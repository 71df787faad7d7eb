"""`archprof compare`: networks side by side, without running them or, on a device, as measured;
and runs of `bench` side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument
from archprof.cli.options import (
    Dtype,
    Format,
    FormatOption,
    Freeze,
    Output,
    complete_network,
    graphs,
)
from archprof.cli.ranges import names, numbers, refused
from archprof.cli.training_options import (
    Accumulate,
    Amp,
    Checkpoint,
    PlannedMemory,
    step_words,
)
from archprof.commands.compare.compare_options import (
    NETS_HELP,
    Device,
    Dtypes,
    FailOn,
    Load,
    Optimizer,
    Train,
    refuse_measuring,
    refuse_simulating,
    refuse_training,
)
from archprof.commands.measure.measurement_options import (
    AnyClock,
    Autocast,
    Batches,
    Deterministic,
    FlushCache,
    Inputs,
    MeasurementOptions,
    MemoryFormats,
    Modes,
    NoCudnnBenchmark,
    Sustained,
    Threads,
    TimeLimit,
    Transfers,
)

if TYPE_CHECKING:
    from archprof.analysis.analysis import Analysis
    from archprof.commands.measure.running.workload import Case
    from archprof.graph.graph import Graph
    from archprof.training.training_conditions import TrainingWords


def compare(
    nets: Annotated[
        list[str],
        Argument(help=NETS_HELP, autocompletion=complete_network, show_default=False),
    ],
    input: Inputs = None,
    batch: Batches = "1",
    dtype: Dtypes = "float32",
    freeze: Freeze = None,
    device: Device = None,
    memory_format: MemoryFormats = "contiguous",
    mode: Modes = "eager",
    train: Train = False,
    optimizer: Optimizer = "sgd",
    amp: Amp = None,
    checkpoint: Checkpoint = None,
    accumulate: Accumulate = 1,
    memory: PlannedMemory = None,
    autocast: Autocast = False,
    transfers: Transfers = False,
    threads: Threads = None,
    flush_cache: FlushCache = False,
    time_limit: TimeLimit = 15.0,
    sustained: Sustained = None,
    any_clock: AnyClock = False,
    no_cudnn_benchmark: NoCudnnBenchmark = False,
    deterministic: Deterministic = False,
    load: Load = False,
    fail_on: FailOn = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Networks side by side: totals with ratios, stage by stage, what they are made of, and what
    changed; with --device what they take, and where.

    Example: archprof compare googlenet googlenet_bn
    """
    if len(nets) < 2:
        if load:
            found, hint = "run", f"archprof compare --load {nets[0]} other.json"
        else:
            found, hint = "network", _with_what(nets[0])
        raise refused("compare", f"found {len(nets)} {found}, expected at least 2", hint)
    if load:
        from archprof.commands.compare.loaded import show_loaded

        return show_loaded([Path(path) for path in nets], fail_on, format, output)
    if fail_on is not None:
        raise refused(
            "--fail-on",
            "nothing was measured before that could be compared with",
            "archprof compare --load old.json new.json --fail-on slower",
        )
    conditions = MeasurementOptions(
        device or "",
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
        freeze=tuple(freeze or ()),
    )
    simulated = {
        "--amp": amp,
        "--checkpoint": checkpoint,
        "--accumulate": accumulate > 1,
        "--memory": memory,
    }
    if device is None:
        refuse_measuring(conditions)
        words = None
        if train:
            words = step_words(optimizer, amp, checkpoint, accumulate, memory)
        else:
            refuse_training({**simulated, "--optimizer": optimizer != "sgd"})
        return _static(nets, conditions, freeze or (), words, format, output)
    refuse_simulating(simulated)
    return _measured(nets, conditions, format, output)


def _with_what(net: str) -> str:
    """Return a hint for one network alone: another of its family, or its summary.

    Raises ProblemError where there is no network of this name.
    """
    from archprof.capturing.targets import target
    from archprof.language.find import find
    from archprof.language.network import networks

    alone = f"archprof summary {net} shows one by itself"
    if target(net) is not None:
        return alone
    found = find(net)
    other = next((one.name for one in networks(found.document) if one.name != found.name), None)
    if other is None:
        return alone
    path = net.partition(":")[0]
    named = f"{path}:{other}" if path.endswith((".yaml", ".yml")) else other
    return f"archprof compare {net} {named}; {alone}"


def _static(
    nets: Sequence[str],
    conditions: MeasurementOptions,
    freeze: Sequence[str],
    words: TrainingWords | None,
    format: Format,
    output: Path | None,
) -> int:
    from archprof.allowance import share
    from archprof.analysis.analysis import analyze
    from archprof.analysis.kept_copies import kept_copies
    from archprof.commands.compare.comparison_data import comparison_data
    from archprof.commands.compare.comparison_tables import comparison_tables
    from archprof.show import terminal
    from archprof.show.table import put

    batches = numbers(conditions.batch, "--batch")
    dtypes = names(conditions.dtype, "--dtype", list(Dtype))
    for option, found in (("--batch", batches), ("--dtype", dtypes)):
        if len(found) > 1:
            raise refused(
                option,
                f"found {len(found)} values, expected one where nothing is measured",
                "one of them, or measure with --device",
            )
    share(len(nets))
    at_each_input = list(zip(*(graphs(net, conditions.input) for net in nets), strict=True))
    patterns = _by_network(at_each_input[0], freeze)
    kept = ("sgd", False) if words is None else kept_copies(words)
    compared = [
        [
            analyze(graph, batches[0], dtypes[0], "macs", *kept, own, words)
            for graph, own in zip(row, patterns, strict=True)
        ]
        for row in at_each_input
    ]
    if format is Format.json:
        import json

        data = [comparison_data(analyses) for analyses in compared]
        result = data[0] if len(data) == 1 else {"comparisons": data}
        terminal.emit(json.dumps(result, indent=1), output)
    elif format is Format.html and len(compared) == 1:
        from archprof.commands.page.page import Extras, network_page

        terminal.emit(network_page(compared[0], Extras()), output)
    else:
        tables = [table for analyses in compared for table in comparison_tables(analyses)]
        put(tables, format.value, output)
    return 0


def _by_network(graphs: Sequence[Graph], freeze: Sequence[str]) -> list[list[str]]:
    """Return which of the patterns each network is frozen by.

    Raises ProblemError for one that names no parameter of any.
    """
    if not freeze:
        return [[] for _ in graphs]
    from archprof.graph.freezing import matching

    return matching(graphs, freeze)


def _measured(
    nets: Sequence[str], conditions: MeasurementOptions, format: Format, output: Path | None
) -> int:
    from archprof.commands.compare.compared_verdicts import measured_verdicts
    from archprof.commands.compare.comparison_data import comparison_data, named
    from archprof.commands.compare.measured_tables import compared_tables
    from archprof.commands.measure.planning.measurement_plan import plan
    from archprof.commands.measure.planning.run_plan import carry_out
    from archprof.commands.measure.writing.run_report import RunReport

    chosen = plan("compare", nets, conditions)
    # needs torch: after the plan, which says where it is missing
    from archprof.commands.measure.running.measurement import analyzed

    analyses: list[Analysis] = [analyzed(case) for case in chosen.groups[0]]
    called = named(analyses)
    report = RunReport(
        format,
        output,
        lambda run: compared_tables(analyses, called, run),
        lambda run: comparison_data(analyses) | {"run": run, "verdicts": measured_verdicts(run)},
    )
    # alone, a layer would not be under autocast
    pick = None if conditions.autocast else _largest
    return report.finish(carry_out(chosen, report.keep, pick), chosen)


def _largest(groups: list[list[Case]]) -> list[Case]:
    """Return the networks at the largest batch of those that could be measured."""
    return max(groups, key=lambda group: group[0].batch, default=[])
