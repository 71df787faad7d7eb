"""A sweep before it is made, and how it is made: what is there already is kept."""

from __future__ import annotations

import math
import shutil
import time
from contextvars import Context
from pathlib import Path

from archprof.allowance import paused
from archprof.machine import available_bytes, peak_bytes
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.checking import Checked, checked
from archprof.sweeping.engines.engine import Engine, Watcher, run_shards
from archprof.sweeping.estimating import Estimate, estimate
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.storing.identity import Shard
from archprof.sweeping.sweep import Sweep
from archprof.sweeping.variants import OF_STEP
from archprof.units import size


class PlannedSweep(Record):
    """What is to be made; `row`: what rows take, None where nothing is left to make."""

    space: Space
    job: SweepJob
    missing: tuple[Shard, ...]
    row: Estimate | None

    @property
    def rows(self) -> int:
        """How many rows are to be made."""
        return sum(shard.last - shard.first for shard in self.missing)

    @property
    def disk(self) -> int:
        """The bytes of the parts that are to be made, about."""
        return self.row.disk(self.rows) if self.row else 0

    @property
    def memory(self) -> int:
        """The bytes that a process takes, about."""
        return self.row.memory(max(s.last - s.first for s in self.missing)) if self.row else 0

    def seconds(self, workers: int) -> float:
        """Return about how long so many processes take, not counting their start and other work
        beside them.
        """
        if self.row is None:
            return 0
        largest = max(shard.last - shard.first for shard in self.missing)
        return self.row.time(largest) * math.ceil(len(self.missing) / workers)


class Ran(Record):
    """How a sweep went: rows that were made, in so many seconds, the most memory of a process in
    bytes (0: unknown), and the check.
    """

    rows: int
    seconds: float
    peak_bytes: int
    checked: Checked


def planned(space: Space, folder: Path) -> PlannedSweep:
    """Return what of a sweep is to be made in a folder, which is made where it is not there.

    Raises ProblemError for a folder that cannot be made or has parts of another sweep, and as
    `tabulated` does.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot be made: {error.strerror or error}"
        raise ProblemError.of(Mark(str(folder)), "file", message, "another folder") from None
    with paused():
        there = open_folder(folder)
        # parts that are there have the size that they have
        if there is not None:
            if there.identity.conditions.train:  # what it has is kept, whatever is asked of it
                space = space.asked(OF_STEP)
            job = _job(space, folder, there.identity.per_shard)
            missing = tuple(job.missing())
            return PlannedSweep(space, job, missing, _estimated(space) if missing else None)
        row = _estimated(space)
        job = _job(space, folder, row.per_shard)
        return PlannedSweep(space, job, tuple(job.missing()), row)


def refuse_without_room(plan: PlannedSweep, workers: int) -> None:
    """Raise ProblemError where a sweep needs more disk, or memory of this machine, than is free."""
    folder = plan.job.folder
    free, room = shutil.disk_usage(folder).free, available_bytes()
    if plan.disk > free:
        message = f"the sweep takes about {size(plan.disk)}, and {size(free)} are free"
        hint = "give a folder on another disk with -o, or a smaller --sample"
        raise ProblemError.of(Mark(str(folder)), "limit", message, hint)
    memory = plan.memory * max(1, min(workers, len(plan.missing)))
    if room is not None and memory > room:
        message = f"the sweep takes about {size(memory)} of memory, and {size(room)} are free"
        raise ProblemError.of(Mark("--workers"), "limit", message, "give fewer --workers")


def made(plan: PlannedSweep, engine: Engine, watcher: Watcher, check: int) -> tuple[Sweep, Ran]:
    """Make what is missing of a sweep and check so many rows; return it, and how that went.

    Raises ProblemError as `run_shards` does.
    """
    begin = time.perf_counter()
    for _ in run_shards(plan.job, plan.missing, engine, watcher):
        pass
    seconds = time.perf_counter() - begin
    found = open_folder(plan.job.folder)
    if found is None:
        raise ProblemError.of(Mark(str(plan.job.folder)), "file", "its parts are gone")
    with paused():
        compared = Context().run(checked, plan.space, found, check)
    return Sweep(found, plan.space), Ran(plan.rows, seconds, peak_bytes(), compared)


def _estimated(space: Space) -> Estimate:
    """Return what a row takes; as in a process of the engine's no allowance is open."""
    return Context().run(estimate, space)


def _job(space: Space, folder: Path, per_shard: int) -> SweepJob:
    return SweepJob(folder.absolute(), origin_of(space), identity_of(space, per_shard))
