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
"""Rows of trials, one after the other. Of totals that are composed each costs little more than the
one before, as most of what variants share is worked out by then.
"""
ENOUGH = 1.0  # seconds of all trials
COMPOSED_ROWS, FULL_ROWS = 125_000, 5_000
"""Rows of a shard: some seconds of a core where totals are composed of parts that variants share,
most of which are worked out once for a shard; fewer where variants are analysed as wholes.
"""
COPIES = 8
"""So many times a shard's table is in memory at most: as columns of the walk through the network,
as totals, as a table, and as what is written.
"""


class Estimate(Record):
    """What rows take, by a trial of `rows` that lie evenly over the sample.

    A core takes `first` seconds before the first row and `seconds` for each, `in_memory` are bytes
    of a row in a table, `on_disk` in a part, `resident` is what the process has by itself.
    `refused`: why totals are not composed of what variants share.
    """

    rows: int
    first: float
    seconds: float
    in_memory: float
    on_disk: float
    resident: int
    composed: bool
    refused: str

    @property
    def per_shard(self) -> int:
        """How many rows a shard should have."""
        return COMPOSED_ROWS if self.composed else FULL_ROWS

    def memory(self, rows: int) -> int:
        """Return the bytes that a process takes for a shard of so many rows."""
        return self.resident + math.ceil(COPIES * self.in_memory * rows)

    def disk(self, rows: int) -> int:
        """Return the bytes of the parts of so many rows."""
        return math.ceil(self.on_disk * rows)


def estimate(space: Space) -> Estimate:
    """Return what rows of a space take. Raises ProblemError as `tabulated` does."""
    rows = space.count
    begin = time.perf_counter()
    ends = [(0, 0.0)]  # of trials: rows, and the seconds of all so far
    for most in TRIALS:
        count = min(most, rows)
        table, how = tabulated(space, _spread(rows, count))
        ends.append((count, time.perf_counter() - begin))
        long_enough = len(ends) > 2 and ends[-1][1] >= ENOUGH
        if long_enough or count == rows or not how.composed:
            break
    (_, before), (count, after) = ends[-2:]
    return Estimate(
        count,
        before,
        (after - before) / count,
        table.nbytes / count,
        written_bytes(table) / count,
        resident_bytes(),
        how.composed,
        how.refused,
    )


def _spread(rows: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return so many row numbers, evenly over all."""
    return np.array([place * rows // count for place in range(count)], np.int64)
