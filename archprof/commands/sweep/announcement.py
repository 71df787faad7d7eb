"""What is printed before a sweep begins: how large it is, and what it will take."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.sweeping.estimating import Estimate
from archprof.sweeping.planning import PlannedSweep


def announcement(plan: PlannedSweep, workers: int, dask: str | None) -> Iterator[str]:
    """Yield lines: the space and its rows, then time, memory and disk of what is to be made."""
    space = plan.space
    points = space.size()
    size = "no grid: a range is continuous" if points is None else f"{points:,} points"
    rows = f"{space.count:,} rows"
    if space.sample.method != "grid":
        rows += f", {space.sample.method} with seed {space.sample.seed}"
        rows += ", all distinct" if space.distinct else ", which may repeat"
    yield f"{plan.job.identity.name}: {size}; {rows}"
    shards = plan.job.identity.shards()
    kept = len(shards) - len(plan.missing)
    if plan.row is None:
        yield f"all {units.number_of(len(shards), 'part')} lie there"
        return
    yield _what_it_takes(plan, plan.row, workers, dask)
    if kept:
        yield f"{kept:,} of {units.number_of(len(shards), 'part')} lie there and are kept"
    if plan.row.simulated:
        yield "a step of training is simulated of each variant, which takes most of the time"
    if not plan.row.composed:
        reason = f": {plan.row.refused}" if plan.row.refused else ""
        yield f"variants, or some of them, are analysed as wholes, not in parts{reason}"


def what_is_kept(plan: PlannedSweep, is_temporary: bool) -> str:
    """Return what is there of a sweep that was interrupted, and how it goes on."""
    if is_temporary:
        return "nothing is kept; with -o DIR finished parts are, and the same command goes on"
    parts = plan.job.identity.shards()
    there = len(parts) - len(plan.job.missing())
    made = f"{there:,} of {units.number_of(len(parts), 'part')}"
    return f"{made} lie in {plan.job.folder}; the same command makes the others"


def _what_it_takes(plan: PlannedSweep, row: Estimate, workers: int, dask: str | None) -> str:
    parts = units.number_of(len(plan.missing), "part")
    alone = units.duration(1e3 * plan.seconds(1))
    where = f"of one core, on the workers of {dask}"
    time = alone
    if dask is None:
        where = "in this process" if workers == 1 else f"on {workers} processes"
        time = units.duration(1e3 * plan.seconds(workers))
    return (
        f"{parts}: about {time} {where}, {units.size(plan.memory)} of memory for each,"
        f" {units.size(plan.disk)} on the disk (by {row.rows:,} rows)"
    )
