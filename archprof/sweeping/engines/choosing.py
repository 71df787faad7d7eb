"""Which engine makes a sweep."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.problem import Mark, ProblemError
from archprof.record import NOTHING
from archprof.sweeping.engines.cores import cores
from archprof.sweeping.engines.dask_engine import Dask
from archprof.sweeping.engines.engine import Engine, InProcess
from archprof.sweeping.engines.processes_engine import Processes


def process_count(shards: int, workers: int | None = None) -> int:
    """Return how many processes make so many shards: `workers`, by default one for each core, as
    far as there are shards for them.
    """
    return max(1, min(workers or cores(), shards))


def chosen_engine(
    shards: int,
    workers: int | None = None,
    dask: str | None = None,
    resources: Mapping[str, float] = NOTHING,
) -> Engine:
    """Return what makes so many shards.

    That is the workers of the scheduler at the address `dask`, which have to have `resources`; or
    as many processes as `process_count` says, of which one alone is this one. Raises ProblemError
    where both are given.
    """
    if dask is not None:
        if workers is not None:
            message = "--dask brings workers of its own, and --workers is of this machine"
            raise ProblemError.of(Mark("--workers"), "option", message, "give one of them")
        return Dask(dask, resources)
    count = process_count(shards, workers)
    return Processes(count) if count > 1 else InProcess()
