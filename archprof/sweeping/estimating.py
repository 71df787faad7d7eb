"""What a sweep will take, measured on its first rows."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path

import numpy as np

from archprof.machine import available_bytes, resident_bytes
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.running import COMPOSED_ROWS, FULL_ROWS
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.parts import written_bytes
from archprof.sweeping.storing.tabulating import tabulated
from archprof.units import size

FIRST_ROWS, MOST_ROWS = 32, 8_192
ENOUGH = 0.5  # seconds of a trial
COPIES = 8
"""So many times a shard's table is in memory at most: as columns of the walk through the network,
as totals, as a table, and as what is written.
"""


class Estimate(Record):
    """What a sweep will take, by the rows of a trial.

    `seconds` is of one core, from a trial in which what variants share had to be worked out: at
    most. `memory` is of one process, `disk` of all parts, in bytes. `refused`: why totals are not
    composed of parts that variants share.
    """

    rows: int
    trial: int
    seconds: float
    memory: int
    disk: int
    per_shard: int
    composed: bool
    refused: str


def estimate(space: Space) -> Estimate:
    """Return what a sweep will take, measured on rows spread over its sample.

    Raises ProblemError as `tabulated` does.
    """
    rows = space.count
    count = min(FIRST_ROWS, rows)
    while True:
        begin = time.perf_counter()
        table, how = tabulated(space, _spread(rows, count))
        seconds = time.perf_counter() - begin
        if seconds >= ENOUGH or count >= min(rows, MOST_ROWS):
            break
        count = min(4 * count, rows, MOST_ROWS)
    per_shard = COMPOSED_ROWS if how.composed else FULL_ROWS
    of_shard = min(per_shard, rows) * table.nbytes // count
    return Estimate(
        rows,
        count,
        seconds * rows / count,
        resident_bytes() + COPIES * of_shard,
        math.ceil(rows * written_bytes(table) / count),
        per_shard,
        how.composed,
        how.refused,
    )


def refuse_without_room(estimate: Estimate, folder: Path, workers: int) -> None:
    """Raise ProblemError where a sweep needs more disk or memory than there is."""
    free = shutil.disk_usage(folder).free
    if estimate.disk > free:
        message = f"the sweep takes about {size(estimate.disk)}, and {size(free)} are free"
        hint = "give a folder on another disk with -o, or a smaller --sample"
        raise ProblemError.of(Mark(str(folder)), "limit", message, hint)
    memory, room = workers * estimate.memory, available_bytes()
    if room is not None and memory > room:
        message = f"the sweep takes about {size(memory)} of memory, and {size(room)}"
        hint = "give fewer --workers"
        raise ProblemError.of(Mark("--workers"), "limit", f"{message} are free", hint)


def _spread(rows: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return so many row numbers, evenly over all."""
    return np.arange(count, dtype=np.int64) * rows // count
