"""What is to be measured: the cases of `bench` and `compare --device`, in the order they run."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archprof.cli.options import graphs
from archprof.cli.ranges import names, numbers, refused
from archprof.commands.measure.measurement_options import (
    DTYPES,
    MEMORY_FORMATS,
    MODES,
    OPTIMIZERS,
    MeasurementOptions,
)
from archprof.commands.measure.planning import combinations

if TYPE_CHECKING:
    from archprof.commands.measure.running.end_to_end import Request
    from archprof.commands.measure.running.workload import Case
    from archprof.graph.graph import Graph
    from archprof.graph.origin import Origin


class Plan(NamedTuple):
    """The cases to measure, how, and the manifest of the run.

    The cases of a group take turns. With `largest` each is alone, its batch to be found: once it
    is, `groups` have it.
    """

    groups: list[list[Case]]
    request: Request
    manifest: dict[str, Any]
    largest: bool = False


def plan(
    command: str,
    nets: Sequence[str],
    options: MeasurementOptions,
    values: list[str] | None = None,
) -> Plan:
    """Return the plan for these networks; each group has all networks under the same conditions.

    `values` are those of `--set`. Raises ProblemError, before anything runs, for a wrong option, an
    unknown network, a device that is not there, or a dtype that the device lacks.
    """
    # one row for each input, one graph for each network in it
    rows = list(zip(*(graphs(net, options.input, values) for net in nets), strict=True))
    return plan_of(command, rows, [graph.network for graph in rows[0]], options)


def plan_of(
    command: str,
    rows: Sequence[Sequence[Graph]],
    networks: Sequence[Origin],
    options: MeasurementOptions,
) -> Plan:
    """Return the plan for these graphs; those of a row take turns under the same conditions.

    `networks` are those that the manifest has. Raises ProblemError as `plan` does.
    """
    batches = numbers(options.batch, "--batch")
    dtypes = dtypes_of(options.dtype)
    formats = names(options.memory_format, "--memory-format", MEMORY_FORMATS)
    modes = names(options.mode, "--mode", MODES)
    optimizer = one_of(options.optimizer, "--optimizer", OPTIMIZERS)
    require_torch(command)
    from archprof.commands.measure.on_device import torch_device
    from archprof.commands.measure.on_device.sensors import sensors
    from archprof.commands.measure.planning.manifest import manifest
    from archprof.commands.measure.running.end_to_end import Request
    from archprof.commands.measure.running.sampling import StopRule
    from archprof.commands.measure.running.workload import Case

    device = torch_device.resolve(options.device)
    choice = combinations.Choice(
        device.type,
        train=options.train,
        autocast=options.autocast,
        optimizer=optimizer,
        transfers=options.transfers,
        flush_cache=options.flush_cache,
        largest_batch=options.largest_batch,
        frozen=bool(options.freeze),
    )
    for dtype, memory_format, mode in itertools.product(dtypes, formats, modes):
        combinations.check(choice._replace(dtype=dtype, memory_format=memory_format, mode=mode))
    rows = [frozen_each(row, options.freeze) for row in rows]
    for dtype, mode in itertools.product(dtypes, modes):
        torch_device.check(device, dtype, mode)
    flags = torch_device.TorchFlags(options.threads, options.cudnn_benchmark, options.deterministic)
    request = Request(
        device,
        sensors(device),
        flags,
        StopRule(limit=options.time_limit, sustained=options.sustained or 0.0),
        options.flush_cache,
        options.any_clock,
        transfers=options.transfers,
    )
    chosen = (options.train, options.autocast, optimizer)
    groups = [
        [Case(graph, batch, dtype, memory_format, mode, *chosen) for graph in row]
        for dtype, memory_format, mode, row, batch in itertools.product(
            dtypes, formats, modes, rows, batches
        )
    ]
    if options.largest_batch:  # two networks at their largest have no room beside each other
        groups = [[case] for group in groups for case in group]
    with torch_device.applied(device, flags, dtypes[0]) as applied:
        # TF32 follows from the dtype of each row
        shared = {name: value for name, value in applied.items() if not name.endswith("_tf32")}
    shared |= {
        "flush_cache": options.flush_cache,
        "any_clock": options.any_clock,
        "transfers": options.transfers,
        "time_limit_s": options.time_limit,
        "sustained_s": request.rule.sustained,
    }
    if options.freeze:
        shared["freeze"] = [*options.freeze]
    typed = ["archprof", *sys.argv[1:]]
    conditions = manifest(device, request.sensors, networks, typed, shared)
    return Plan(groups, request, conditions, options.largest_batch)


def frozen_each(row: Sequence[Graph], patterns: Sequence[str]) -> Sequence[Graph]:
    """Return graphs, each with the parameters frozen that a pattern names in it.

    Raises ProblemError for a pattern that names none in any, and where one has no others.
    """
    if not patterns:
        return row
    from archprof.graph.freezing import freeze, matching

    found = [freeze(graph, own) for graph, own in zip(row, matching(row, patterns), strict=True)]
    for graph in found:
        if not any(node.trained for node in graph.nodes):
            message = f"{graph.network.name} has no other parameters that a step could train"
            raise refused("--freeze", message, "patterns of fewer parameters, or leave out --train")
    return found


def single(choice: combinations.Choice) -> None:
    """Raise ProblemError where a condition of one row is not known, or excludes another."""
    if len(dtypes_of(choice.dtype)) > 1:
        raise refused("--dtype", f"found {choice.dtype}, expected one", "a run for each")
    one_of(choice.memory_format, "--memory-format", MEMORY_FORMATS)
    one_of(choice.mode, "--mode", MODES)
    one_of(choice.optimizer, "--optimizer", OPTIMIZERS)
    combinations.check(choice)


def dtypes_of(text: str) -> list[str]:
    """Return the dtypes of a list. Raises ProblemError for one that is not known."""
    for part in text.split(","):
        if part.strip() in combinations.OTHER_FLOAT8:
            raise combinations.other_float8(part.strip())
    return names(text, "--dtype", DTYPES)


def one_of(text: str, option: str, known: Sequence[str]) -> str:
    """Return the one name of an option. Raises ProblemError for several, and for an unknown one."""
    found = names(text, option, known)
    if len(found) > 1:
        raise refused(option, f"found {len(found)}, expected one", f"one of {text}")
    return found[0]


def require_torch(command: str) -> None:
    """Lift the limit of time, which measuring sets itself. Raises ProblemError without torch."""
    from archprof.allowance import lift
    from archprof.problem import Mark, Problem, ProblemError

    lift()
    try:
        import archprof.commands.measure.running.end_to_end  # noqa: F401
    except ImportError as error:
        name = (error.name or "torch").partition(".")[0]
        message = f"{name} is not installed, and measuring runs the network"
        raise ProblemError(
            [Problem(Mark(command), "torch", message, 'pip install "archprof[torch]"')]
        ) from None
