"""What the parts of many variants add up to."""

from __future__ import annotations

from typing import Any

import numpy as np

from archprof.analysis.sums import Sums, copies
from archprof.column import MOST
from archprof.limits import Limits
from archprof.ops.elements import DTYPES
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.composing.parts import (
    AXES,
    DEPTH,
    PEAK,
    REACH,
    START,
    STEPS,
    SUMS,
    UNKNOWN,
    WHOLE,
)
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.variants import NONE, SEES


class Tally:
    """The numbers of `count` variants as far as their parts have been added."""

    def __init__(self, count: int):
        self.sums = np.zeros((count, SUMS), np.int64)
        self.peak = np.zeros(count, np.int64)
        self.depth = np.zeros(count, np.int64)
        # by axis: of the last part's output the first and last pixel that its first unit sees, and
        # the distance from unit to unit
        self.first = np.zeros((count, AXES), np.int64)
        self.last = np.zeros((count, AXES), np.int64)
        self.step = np.ones((count, AXES), np.int64)
        self.field = np.full((count, AXES), NONE, np.int64)
        self.whole = np.zeros(count, bool)
        self.unknown = np.zeros(count, bool)
        self.bound = 0  # no sum is larger

    def add(self, rows: Array, parts: Array) -> None:
        """Add to these rows a part each."""
        self.bound += int(parts[:, :SUMS].max(initial=0))
        at = self._at(rows)
        self.sums[at] += parts[:, :SUMS]
        self.depth[at] = np.maximum(self.depth[at] + parts[:, DEPTH], parts[:, START])
        self._see(at, parts)
        steps = parts[:, STEPS:].reshape(len(parts), AXES, 3)
        step = self.step[at]
        self.first[at] += steps[:, :, 0] * step
        self.last[at] += steps[:, :, 1] * step
        self.step[at] = step * steps[:, :, 2]

    def again(self, rows: Array, parts: Array, times: Array) -> None:
        """Add to these rows the part that was added last, so many times more.

        The same arrives each time, and units stay as far from each other.
        """
        self.bound += int(parts[:, :SUMS].max(initial=0)) * int(times.max(initial=0))
        at, more = self._at(rows), times[:, None]
        self.sums[at] += parts[:, :SUMS] * more
        self.depth[at] += parts[:, DEPTH] * times
        steps = parts[:, STEPS:].reshape(len(parts), AXES, 3) * self.step[at][:, :, None]
        self.first[at] += steps[:, :, 0] * (more - 1)
        self.last[at] += steps[:, :, 1] * (more - 1)
        self._see(at, parts)  # the last time sees most
        self.first[at] += steps[:, :, 0]
        self.last[at] += steps[:, :, 1]

    def _at(self, rows: Array) -> Any:
        """Return an index of rows: that of all of them is faster."""
        return slice(None) if len(rows) == len(self.peak) else rows

    def _see(self, at: Any, parts: Array) -> None:
        """Take what a part needs and sees where that is more than what was there before."""
        self.peak[at] = np.maximum(self.peak[at], parts[:, PEAK])
        self.whole[at] |= parts[:, WHOLE] > 0
        self.unknown[at] |= parts[:, UNKNOWN] > 0
        reach = parts[:, REACH : REACH + AXES]
        if (reach[:, 0] < 0).all():
            return
        sides = self.last[at] - self.first[at] + 1 + (reach - 1) * self.step[at]
        known = self.field[at]
        # the largest by height, and then by width
        taller = sides[:, 0] > known[:, 0]
        wider = (sides[:, 0] == known[:, 0]) & (sides[:, 1] > known[:, 1])
        larger = (reach[:, 0] >= 0) & (taller | wider)
        self.field[at] = np.where(larger[:, None], sides, known)

    @property
    def exact(self) -> bool:
        """Whether every sum is surely below what an int64 holds."""
        return self.bound < MOST

    def too_many(self, limits: Limits) -> Array:
        """Return by row whether it has more layers, or inputs of them, than a network may have."""
        layers, edges = (self.sums[:, Sums._fields.index(name)] for name in ("layers", "edges"))
        found: Array = (layers > limits.layers) | (edges > limits.edges)
        return found

    def totals(self, conditions: SweepConditions, given: Array) -> dict[str, Array]:
        """Return the totals of all variants by name; `given`: the bytes of the network's input,
        which the caller holds.
        """
        trained = copies(*conditions.kept)
        itemsize = DTYPES[conditions.dtype]
        sums = Sums(*self.sums.T)
        sees = np.where(self.whole, SEES.index("all"), np.where(self.unknown, 2, 0))
        found = {name: value for name, value in sums._asdict().items() if name in TAKEN}
        return found | {
            "peak_inference_bytes": self.peak + given + sums.weight_bytes,
            "training_bytes": np.asarray(sums.training_bytes(trained, itemsize)),
            "depth": self.depth,
            "field_height": self.field[:, 0],
            "field_width": self.field[:, 1],
            "sees": sees,
        }


TAKEN = frozenset(Sums._fields) - {"untrained", "layers", "edges"}
