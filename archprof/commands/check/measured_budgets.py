"""Latency budgets of checked files, measured and answered."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archprof import units
from archprof.commands.check.base import Budget, Finding
from archprof.commands.check.checking import Options, Report
from archprof.commands.check.latency import decide
from archprof.commands.check.running import Work
from archprof.commands.measure.consistency import of_runs
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.files import Source
from archprof.language.network import networks
from archprof.language.override import override
from archprof.problem import Severity

QUIET = "end what else runs on this machine, and check again"

if TYPE_CHECKING:
    from archprof.commands.check.timed import Device


def answers(
    work: Sequence[Work], reports: Sequence[Report], options: Options, name: str
) -> list[Finding]:
    """An error for each budget that is exceeded and a note for each that cannot be told; one that
    is kept is said on standard error.

    A network is measured once. Raises ProblemError where the device is not there.
    """
    from archprof.commands.measure.plan import require_torch

    require_torch("check --device")
    from archprof.commands.check.timed import Device

    device = Device(name, options.at.dtype)
    found: list[Finding] = []
    for (source, _), report in zip(work, reports, strict=True):
        samples: dict[str, list[float] | str] = {}
        for budget, unanswered in report.latencies:
            network = unanswered.network
            if budget.device and budget.device.partition(":")[0] != device.kind:
                found.append(
                    _said(
                        unanswered,
                        budget,
                        f"cannot tell, the budget is for {budget.device} and {name} was asked",
                    )
                )
                continue
            if network not in samples:
                samples[network] = _measured(
                    _graph(source, network, options), options.at.batch, device
                )
            found += _answer(
                budget,
                unanswered,
                samples[network],
                f"{device.described} at batch {options.at.batch} in {options.at.dtype}",
            )
    return found


def _graph(source: Source, name: str, options: Options) -> Graph:
    network = next(network for network in networks(source.document()) if network.name == name)
    return expand(override(network, {}, options.at.input) if options.at.input else network)


def _measured(graph: Graph, batch: int, device: Device) -> list[float] | str:
    """The times of its runs in milliseconds, or why there are none."""
    try:
        return device.milliseconds(graph, batch) or "the device's clock was throttled all along"
    except (RuntimeError, MemoryError) as error:  # torch's words for whatever cannot run
        return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _answer(
    budget: Budget, unanswered: Finding, samples: list[float] | str, where: str
) -> list[Finding]:
    if isinstance(samples, str):
        return [_said(unanswered, budget, f"cannot tell, {samples}")]
    if contradiction := of_runs(samples):
        return [
            _said(
                unanswered,
                budget,
                f"cannot tell, the times contradict each other: {contradiction}; {QUIET}",
            )
        ]
    verdict = decide(samples, budget.value)
    between = (
        f"95 % between {' and '.join(map(units.duration, verdict.interval))}"
        if verdict.interval
        else "too few for an interval"
    )
    takes = (
        f"{verdict.answer}, it takes {units.duration(verdict.median)} on {where}, the median of"
        f" {len(samples)} runs ({between})"
    )
    if verdict.answer != "pass":
        return [
            _said(
                unanswered,
                budget,
                takes,
                Severity.error if verdict.answer == "fail" else Severity.note,
            )
        ]
    print(
        f"{unanswered.network} may take {units.fraction(budget.value)} ms: {takes}", file=sys.stderr
    )
    return []


def _said(
    unanswered: Finding, budget: Budget, answer: str, severity: Severity = Severity.note
) -> Finding:
    message = f"{unanswered.network} may take {units.fraction(budget.value)} ms: {answer}"
    return Finding(
        replace(unanswered.problem, message=message, hint=budget.given),
        severity,
        unanswered.network,
    )
