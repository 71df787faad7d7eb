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

FIRST_ROWS, MOST_ROWS = 32, 8_192
ENOUGH = 0.5  # seconds of a trial
COMPOSED_ROWS, FULL_ROWS = 50_000, 1_000
"""Rows of a shard: some seconds of a core where totals are composed of parts that variants share,
and half a minute where each variant is analysed by itself.
"""
COPIES = 8
"""So many times a shard's table is in memory at most: as columns of the walk through the network,
as totals, as a table, and as what is written.
"""


class Estimate(Record):
    """What a row takes, by a trial of `rows` that lie evenly over the sample.

    `seconds` is of one core, `in_memory` bytes of a table, `on_disk` of a part, `resident` what the
    process has by itself. What variants share is worked out in the trial, so that many rows take
    less. `refused`: why totals are not composed of what variants share.
    """

    rows: int
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
    """Return what a row of a space takes. Raises ProblemError as `tabulated` does."""
    rows = space.count
    count = min(FIRST_ROWS, rows)
    while True:
        begin = time.perf_counter()
        table, how = tabulated(space, _spread(rows, count))
        seconds = time.perf_counter() - begin
        if seconds >= ENOUGH or count >= min(rows, MOST_ROWS):
            break
        count = min(4 * count, rows, MOST_ROWS)
    return Estimate(
        count,
        seconds / count,
        table.nbytes / count,
        written_bytes(table) / count,
        resident_bytes(),
        how.composed,
        how.refused,
    )


def _spread(rows: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return so many row numbers, evenly over all."""
    return np.array([place * rows // count for place in range(count)], np.int64)
