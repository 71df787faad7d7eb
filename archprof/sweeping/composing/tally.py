"""What the parts of many variants add up to."""

from __future__ import annotations

import numpy as np

from archprof.analysis.counting import DTYPES
from archprof.analysis.sums import Sums, copies
from archprof.column import MOST
from archprof.limits import Limits
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
from archprof.sweeping.conditions import Conditions
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

    def add(self, rows: Array, parts: Array, times: Array | int = 1) -> None:
        """Add to these rows a part each, so many times one after the other.

        More than once only where the same arrives each time, and units stay as far from each other.
        """
        self.bound += int(parts[:, :SUMS].max(initial=0)) * int(np.max(times, initial=0))
        repeated = np.broadcast_to(np.asarray(times), len(rows))
        more = repeated[:, None]
        self.sums[rows] += parts[:, :SUMS] * more
        self.peak[rows] = np.maximum(self.peak[rows], parts[:, PEAK])
        self.depth[rows] = np.maximum(
            self.depth[rows] + parts[:, DEPTH] * repeated, parts[:, START]
        )
        self.whole[rows] |= parts[:, WHOLE] > 0
        self.unknown[rows] |= parts[:, UNKNOWN] > 0
        steps = parts[:, STEPS:].reshape(len(parts), AXES, 3)
        step = self.step[rows]
        # the last time sees most, after the times before it
        self.first[rows] += steps[:, :, 0] * step * (more - 1)
        self.last[rows] += steps[:, :, 1] * step * (more - 1)
        self._widen(rows, parts[:, REACH : REACH + AXES], step)
        self.first[rows] += steps[:, :, 0] * step
        self.last[rows] += steps[:, :, 1] * step
        self.step[rows] = step * steps[:, :, 2]

    def _widen(self, rows: Array, reach: Array, step: Array) -> None:
        """Keep the largest fields, by height and then by width."""
        sides = self.last[rows] - self.first[rows] + 1 + (reach - 1) * step
        known = self.field[rows]
        taller = sides[:, 0] > known[:, 0]
        wider = (sides[:, 0] == known[:, 0]) & (sides[:, 1] > known[:, 1])
        larger = (reach[:, 0] >= 0) & (taller | wider)
        self.field[rows] = np.where(larger[:, None], sides, known)

    @property
    def exact(self) -> bool:
        """Whether every sum is surely below what an int64 holds."""
        return self.bound < MOST

    def too_many(self, limits: Limits) -> Array:
        """Return by row whether it has more layers, or inputs of them, than a network may have."""
        layers, edges = (self.sums[:, Sums._fields.index(name)] for name in ("layers", "edges"))
        found: Array = (layers > limits.layers) | (edges > limits.edges)
        return found

    def totals(self, conditions: Conditions, given: Array) -> dict[str, Array]:
        """Return the totals of all variants by name; `given`: the bytes of the network's input,
        which the caller holds.
        """
        trained = copies(conditions.optimizer, conditions.ema)
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
