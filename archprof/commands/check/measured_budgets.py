"""Measure the networks of checked files that have latency budgets, and answer the budgets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archprof import units
from archprof.commands.check.base import Budget, Finding
from archprof.commands.check.captured_source import CapturedSource
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import Work
from archprof.commands.check.file_report import FileReport
from archprof.commands.check.latency_answer import decide
from archprof.commands.measure.judging.consistency import of_runs
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.files import Source
from archprof.language.network import networks
from archprof.language.override import override
from archprof.problem import Severity

QUIET = "end what else runs on this machine, and check again"

if TYPE_CHECKING:
    from archprof.commands.check.run_times import TimingDevice


def answers(
    work: Sequence[Work], reports: Sequence[FileReport], options: Options, name: str
) -> list[Finding]:
    """Return an error for each budget that is exceeded, a note for each that cannot be answered.

    A budget that is kept is reported on standard error. A network is measured once. Raises
    ProblemError where the device is not there.
    """
    from archprof.commands.measure.planning.measurement_plan import require_torch

    require_torch("check --device")
    from archprof.commands.check.run_times import TimingDevice

    device = TimingDevice(name, options.at.dtype)
    where = f"{device.described} at batch {options.at.batch} in {options.at.dtype}"
    found: list[Finding] = []
    for (source, _), report in zip(work, reports, strict=True):
        samples: dict[str, list[float] | str] = {}
        for budget, unanswered in report.latencies:
            network = unanswered.network
            if budget.device and budget.device.partition(":")[0] != device.kind:
                answer = f"cannot tell, the budget is for {budget.device} and {name} was requested"
                found.append(_finding(unanswered, budget, answer))
                continue
            if network not in samples:
                graph = _graph(source, network, options)
                samples[network] = _measured(graph, options.at.batch, device)
            found += _answer(budget, unanswered, samples[network], where)
    return found


def _graph(source: Source | CapturedSource, name: str, options: Options) -> Graph:
    if isinstance(source, CapturedSource):
        return source.graph(options.at.input)
    network = next(network for network in networks(source.document()) if network.name == name)
    return expand(override(network, {}, options.at.input) if options.at.input else network)


def _measured(graph: Graph, batch: int, device: TimingDevice) -> list[float] | str:
    """Return the times of the runs in milliseconds, or why there are none."""
    try:
        return device.milliseconds(graph, batch) or "the device slowed itself down all along"
    except (RuntimeError, MemoryError) as error:  # torch's words for whatever cannot run
        return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _answer(
    budget: Budget, unanswered: Finding, samples: list[float] | str, where: str
) -> list[Finding]:
    """Return the finding about a budget, none where it is kept.

    `samples` are times in milliseconds, or why there are none.
    """
    if isinstance(samples, str):
        return [_finding(unanswered, budget, f"cannot tell, {samples}")]
    if contradiction := of_runs(samples):
        answer = f"cannot tell, the times contradict each other: {contradiction}; {QUIET}"
        return [_finding(unanswered, budget, answer)]
    found = decide(samples, budget.value)
    between = "too few for an interval"
    if found.interval:
        low, high = map(units.duration, found.interval)
        between = f"95 % between {low} and {high}"
    answer = (
        f"{found.answer}, it takes {units.duration(found.median)} on {where}, the median of"
        f" {len(samples)} runs ({between})"
    )
    if found.answer == "pass":
        print(_message(unanswered, budget, answer), file=sys.stderr)
        return []
    severity = Severity.error if found.answer == "fail" else Severity.note
    return [_finding(unanswered, budget, answer, severity)]


def _finding(
    unanswered: Finding, budget: Budget, answer: str, severity: Severity = Severity.note
) -> Finding:
    """Return the finding with the answer in the place of that without a device."""
    message = _message(unanswered, budget, answer)
    problem = unanswered.problem.replaced(message=message, hint=budget.given)
    return Finding(problem, severity, unanswered.network)


def _message(unanswered: Finding, budget: Budget, answer: str) -> str:
    return f"{unanswered.network} may take {units.fraction(budget.value)} ms: {answer}"
