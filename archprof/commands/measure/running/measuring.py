"""Where networks are measured: in this process on the CPU, on CUDA in one that can be lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

import torch

from archprof.capturing.origin import CapturedNetwork
from archprof.commands.measure.layers import of_case as case_layers
from archprof.commands.measure.layers.of_case import Timed
from archprof.commands.measure.on_device.sensors import Sensors, sensors
from archprof.commands.measure.planning.progress import Standing
from archprof.commands.measure.running import end_to_end, largest_batch
from archprof.commands.measure.running.batch_search import FITS, FULL, BatchSearch, BatchTry, search
from archprof.commands.measure.running.end_to_end import Request, Show
from archprof.commands.measure.running.largest_batch import try_here, trying
from archprof.commands.measure.running.measurement import Measurement
from archprof.commands.measure.running.refusals import Refusal
from archprof.commands.measure.running.workload import Case
from archprof.graph.graph import Node
from archprof.graph.origin import Entry, Origin
from archprof.problem import Mark
from archprof.worker import Task, Worker, WorkerLost

SILENCE = 600.0
"""Seconds that a process may say nothing, besides twenty time limits for each network, and twice
the seconds that it runs back to back.

Compiling with every algorithm tried takes minutes; between turns there are at most seconds.
"""
LIMITS = 20


class Measuring(Protocol):
    """What measures networks, and does not mind that one of them cannot run."""

    def measure(self, cases: Sequence[Case], show: Show) -> list[Measurement]:
        """Return the rows of cases that share all conditions but the network.

        Raises ProblemError where a graph has problems.
        """

    def layer_times(self, case: Case) -> Timed:
        """Return the times of a case's layers. Raises RuntimeError where it cannot run."""

    def largest(self, case: Case, show: Show) -> BatchSearch:
        """Search the largest batch of a case that fits on the request's CUDA device."""


@contextmanager
def measuring(request: Request) -> Iterator[Measuring]:
    """Yield what measures on the request's device; its process ends with the context."""
    if request.device.type == "cpu":  # where starting another process only takes time
        yield Here(request)
        return
    with Worker("measuring") as worker:
        yield Apart(request, worker)


class Here(NamedTuple):
    """Measures in this process."""

    request: Request

    def measure(self, cases: Sequence[Case], show: Show) -> list[Measurement]:
        return end_to_end.measure(cases, self.request, show)

    def layer_times(self, case: Case) -> Timed:
        return case_layers.layer_times(case, self.request)

    def largest(self, case: Case, show: Show) -> BatchSearch:
        start = largest_batch.start_here(case, self.request)
        return search(start, trying(case, lambda one: try_here(one, self.request), show))


class Apart(NamedTuple):
    """Measures in a worker, one after the other, and in a fresh one after whatever spoils it."""

    request: Request
    worker: Worker

    def measure(self, cases: Sequence[Case], show: Show) -> list[Measurement]:
        return end_to_end.measure(cases, self.request, show, self.attempt)

    def attempt(
        self, cases: Sequence[Case], request: Request, show: Show
    ) -> list[Measurement] | Refusal:
        """Measure the cases in turns in the worker, or return why they cannot be."""
        try:
            found: list[Measurement] | Refusal = self.worker.call(
                attempt_there,
                ([sent(case) for case in cases], _without_handles(request)),
                lambda standings: show(cases, standings),
                self._patience(cases),
            )
        except WorkerLost as lost:
            return Refusal(lost.status, str(lost), spoilt=True)
        if isinstance(found, Refusal) and (found.spoilt or found.status != "out_of_memory"):
            self.worker.end()  # an error of CUDA may stay with its process
        return found

    def layer_times(self, case: Case) -> Timed:
        try:
            found: Timed = self.worker.call(
                layer_times_there,
                (sent(case), _without_handles(self.request)),
                patience=self._patience([case]),
            )
        except WorkerLost as lost:
            raise RuntimeError(str(lost)) from None
        except RuntimeError:
            self.worker.end()
            raise
        return found

    def largest(self, case: Case, show: Show) -> BatchSearch:
        """Each batch is tried in the worker, from 1 on where it cannot tell what is free."""
        try:
            start = self._called(start_there, case)
        except (RuntimeError, WorkerLost):
            self.worker.end()
            start = 1
        return search(start, trying(case, self._try, show))

    def _try(self, case: Case) -> BatchTry:
        try:
            found: BatchTry = self._called(try_there, case)
        except WorkerLost as lost:
            return BatchTry(case.batch, lost.status, str(lost), spoilt=True)
        if found.spoilt or found.status not in (FITS, FULL):
            self.worker.end()
        return found

    def _called(self, task: Task, case: Case) -> Any:
        arguments = (sent(case), _without_handles(self.request))
        return self.worker.call(task, arguments, patience=self._patience([case]))

    def _patience(self, cases: Sequence[Case]) -> float:
        rule = self.request.rule
        return SILENCE + (LIMITS * rule.limit + 2 * rule.sustained) * len(cases)


def attempt_there(
    cases: Sequence[Case], request: Request, tell: Any
) -> list[Measurement] | Refusal:
    """Do in a worker what `attempt_here` does, and tell how far it has come."""

    def show(cases: Sequence[Case], standings: Sequence[Standing]) -> None:
        tell([Progress(one.noise, range(len(one.waits))) for one in standings])

    return end_to_end.attempt_here(cases, _equipped(request), show)


def layer_times_there(case: Case, request: Request, tell: Any) -> Timed:
    """Do in a worker what `layer_times` does.

    Raises RuntimeError where it cannot run; torch's own errors cannot all be sent.
    """
    try:
        return case_layers.layer_times(case, _equipped(request))
    except RuntimeError as error:
        raise RuntimeError(str(error)) from error


def start_there(case: Case, request: Request, tell: Any) -> int:
    """Do in a worker what `start_here` does. Raises RuntimeError, as `layer_times_there` does."""
    try:
        return largest_batch.start_here(case, _equipped(request))
    except RuntimeError as error:
        raise RuntimeError(str(error)) from error


def try_there(case: Case, request: Request, tell: Any) -> BatchTry:
    """Do in a worker what `try_here` does."""
    return try_here(case, _equipped(request))


class Progress(NamedTuple):
    """How far the measurement of a network has come: as many `waits` as there were runs."""

    noise: float | None
    waits: range


def _without_handles(request: Request) -> Request:
    """Return the request without what belongs to this process."""
    return request._replace(sensors=Sensors(), cuda=None)


def _equipped(request: Request) -> Request:
    """Return the request with what belongs to the worker."""
    speaker, idle = _sensors(request.device)
    return request._replace(sensors=speaker, cuda=torch.cuda, idle_bytes=idle)


@cache  # before anything of this process lies on the device
def _sensors(device: torch.device) -> tuple[Sensors, int | None]:
    speaker = sensors(device)
    return speaker, speaker.used_bytes()


# --- what is sent ---


class _Place(NamedTuple):
    """Where a layer is written: of its entry what measuring asks for."""

    mark: Mark
    unused: bool = False
    operation: int = -1  # of a captured network's tape


class _Named(NamedTuple):
    """A network's name: of its origin what measuring asks for."""

    name: str


def sent(case: Case) -> Case:
    """Return the case as it can be sent: what its spec was compiled to stays in this process.

    Of a captured network its target is sent, and its module built again there.
    """
    graph = case.graph
    nodes = tuple(node._replace(entry=cast(Entry, _place(node))) for node in graph.nodes)
    network = graph.network
    if not isinstance(network, CapturedNetwork):
        network = cast(Origin, _Named(network.name))
    elif network.target is not None:
        network = network.replaced(module=None)
    return case._replace(graph=graph.replaced(network=network, nodes=nodes))


def _place(node: Node) -> _Place:
    return _Place(node.mark, node.entry.unused, node.entry.operation)
