"""What a sweep will take, measured on rows of it."""

from __future__ import annotations

import math
import time

import numpy as np

from archprof.machine import resident_bytes
from archprof.record import Record
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.parts import written_bytes
from archprof.sweeping.storing.tabulating import tabulated

TRIALS = (32, 512, 8_192)
"""Rows of trials, one after the other. The first also imports what is needed. Where totals are
composed the next ones share most of their parts, so that the last two say what a further row takes.
"""
ENOUGH = 3.0  # seconds of trials, after which only a sweep of much longer is tried further
WORTH = 0.1  # of the time of a sweep is well spent on knowing it
SHARE = 8  # one of so many rows is tried at most
COMPOSED_ROWS, FULL_ROWS, STEP_ROWS = 125_000, 5_000, 500
"""Rows of a shard: some seconds of a core where totals are composed of parts that variants share,
most of which are worked out once for a shard; fewer where variants are analysed as wholes, and
fewer still where their steps are simulated.
"""
RUNS = 8
"""Rows of a trial are so many runs of neighbours: those of a grid are alike, as in a shard."""
COPIES = 8
"""So many times a shard's table is in memory at most: as columns of the walk through the network,
as totals, as a table, and as what is written.
"""


class Estimate(Record):
    """What rows take, by a trial of `rows` that lie evenly over the sample and took `seconds`, of
    which each further row would have taken `further`.

    `in_memory` are bytes of a row in a table, `on_disk` in a part, `resident` is what the process
    has by itself. `refused`: why totals are not composed of what variants share; `simulated`:
    whether their steps of training are simulated.
    """

    rows: int
    seconds: float
    further: float
    in_memory: float
    on_disk: float
    resident: int
    composed: bool
    refused: str
    simulated: bool = False

    @property
    def per_shard(self) -> int:
        """How many rows a shard should have."""
        if self.simulated:
            return STEP_ROWS
        return COMPOSED_ROWS if self.composed else FULL_ROWS

    def time(self, rows: int) -> float:
        """Return the seconds that a core takes for so many rows, the trial's at least, about."""
        return self.seconds + self.further * (rows - self.rows)

    def memory(self, rows: int) -> int:
        """Return the bytes that a process takes for a shard of so many rows."""
        return self.resident + math.ceil(COPIES * self.in_memory * rows)

    def disk(self, rows: int) -> int:
        """Return the bytes of the parts of so many rows."""
        return math.ceil(self.on_disk * rows)


def estimate(space: Space) -> Estimate:
    """Return what rows of a space take. Raises ProblemError as `tabulated` does."""
    rows = space.count
    most = min(rows, max(TRIALS[0], rows // SHARE))
    spent, before = 0.0, (0, 0.0)  # rows and seconds of the trial before
    simulated = space.conditions.train
    trials = TRIALS[:2] if simulated else TRIALS
    for count in sorted({min(size, most) for size in trials}):
        begin = time.perf_counter()
        table, how = tabulated(space, _spread(rows, count))
        seconds = time.perf_counter() - begin
        further = max(0.0, seconds - before[1]) / (count - before[0])
        spent, before = spent + seconds, (count, seconds)
        known = spent > ENOUGH and spent > WORTH * further * rows
        if known or not (how.composed or simulated):
            break
    return Estimate(
        count,
        seconds,
        further,
        table.nbytes / count,
        written_bytes(table) / count,
        resident_bytes(),
        how.composed,
        how.refused,
        simulated,
    )


def _spread(rows: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return so many row numbers, in runs that lie evenly over all."""
    runs = min(RUNS, count)
    length = -(-count // runs)
    starts = [run * (rows - length) // max(1, runs - 1) for run in range(runs)]
    found = np.concatenate([np.arange(start, start + length) for start in starts])[:count]
    return found.astype(np.int64)
