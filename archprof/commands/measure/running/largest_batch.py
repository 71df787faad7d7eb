"""Try batches by real runs, on a device that refuses what it has no memory for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from archprof.cli.ranges import MOST
from archprof.commands.measure.on_device.torch_device import applied, clock, without_garbage
from archprof.commands.measure.running.batch_search import FITS, BatchSearch, BatchTry
from archprof.commands.measure.running.end_to_end import Request, Show, ready, release
from archprof.commands.measure.running.measurement import Measurement, predicted_bytes, row
from archprof.commands.measure.running.refusals import Room
from archprof.commands.measure.running.workload import Case

RUNS = 2  # of a try: what the first one leaves is there in the second


class Searching(Protocol):
    """What measures networks, and searches the largest batch."""

    def measure(self, cases: list[Case], show: Show) -> list[Measurement]: ...

    def largest(self, case: Case, show: Show) -> BatchSearch: ...


def measure_largest(case: Case, where: Searching, show: Show) -> tuple[Case, Measurement]:
    """Return the case at the largest batch that fits, and its row.

    Where none fits they are those of the last that was tried. Raises ProblemError where the graph
    has problems.
    """
    found = where.largest(case, show)
    if found.largest is None:
        last = found.tries[-1]
        case = case._replace(batch=last.batch)
        return case, row(case, status=last.status, message=last.message, searched=found)
    case = case._replace(batch=found.largest)
    (measured,) = where.measure([case], show)
    return case, replace(measured, searched=found)


def start_here(case: Case, request: Request) -> int:
    """Return the largest batch that is predicted to fit into what is free on the device, from 1.

    Raises RuntimeError, torch's own, where the device cannot be asked.
    """
    release(request)
    free, _ = request.cuda.mem_get_info(request.device)

    def predicted(batch: int) -> int:
        return predicted_bytes(case._replace(batch=batch))

    return max(1, bisect_right(range(1, MOST + 1), free, key=predicted))


def try_here(case: Case, request: Request) -> BatchTry:
    """Prepare the case as for its measurement, run it, and return whether that went well.

    Raises ProblemError where the graph has problems.
    """
    room = Room()
    try:
        release(request)
        room = Room.of([case], request.device, request.cuda)
        return BatchTry(case.batch, FITS, peak_bytes=_peak_bytes(case, request))
    # torch's words for whatever cannot run
    except (RuntimeError, ValueError, MemoryError) as error:
        found = room.judged(error)
        return BatchTry(case.batch, found.status, found.message, spoilt=found.spoilt)


def _peak_bytes(case: Case, request: Request) -> int | None:
    """Run the case and return the allocator's most, None where it is not known."""
    device = request.device
    with applied(device, request.settings, case.dtype, request.cuda), without_garbage():
        workload, memory = ready(case, request)
        for _ in range(RUNS):
            for run in workload.runs:
                run()
        clock(device, request.cuda).synchronize()
    peak: int | None = memory.get("peak_bytes")
    return peak


def trying(
    case: Case, attempt: Callable[[Case], BatchTry], show: Show
) -> Callable[[int], BatchTry]:
    """Return what tries a batch of the case, and shows which."""

    def tried(batch: int) -> BatchTry:
        one = case._replace(batch=batch)
        show([one], ())
        return attempt(one)

    return tried
