"""What layers of a kind cost by their arithmetic and their traffic, for those never timed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.optimize import nnls

from archprof.record import Record
from archprof.sweeping.latency.layers import LayerWork

ALL = ""
"""The kind that stands for all: of layers whose own kind was never timed."""


class KindCost(Record):
    """Seconds by what a layer does: for each MAC, for each byte moved, and for being called."""

    per_mac: float
    per_byte: float
    per_layer: float

    def seconds(self, layer: LayerWork) -> float | None:
        """Return the time of a layer, None where its arithmetic is unknown."""
        if layer.macs is None:
            return None
        moved = self.per_byte * layer.bytes_moved
        return self.per_mac * layer.macs + moved + self.per_layer


def fitted_costs(timed: Iterable[tuple[LayerWork, float]]) -> dict[str, KindCost]:
    """Return the cost of each kind of timed layers, and of ALL together, by least squares.

    What is made small is the sum of squares of the relative errors, with no cost below zero:
    Lawson, Hanson 1974, Solving Least Squares Problems, chapter 23.
    """
    by_kind: dict[str, list[tuple[LayerWork, float]]] = {}
    for layer, seconds in timed:
        if layer.macs is not None:
            for kind in (ALL, layer.kind):
                by_kind.setdefault(kind, []).append((layer, seconds))
    return {kind: _cost(alike) for kind, alike in by_kind.items()}


def _cost(timed: Sequence[tuple[LayerWork, float]]) -> KindCost:
    rows = [(layer.macs or 0, layer.bytes_moved, 1) for layer, _ in timed]
    return KindCost(*relative_fit(rows, [seconds for _, seconds in timed]))


def relative_fit(rows: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """Return a factor of at least 0 for each column, so that the sums by row are nearly `wanted`.

    Near is meant relatively: the squares of (sum - wanted) / wanted are least in total.
    """
    matrix = np.asarray(rows, float) / np.asarray(wanted, float)[:, None]
    largest = matrix.max(axis=0, initial=0.0)
    scale = np.where(largest > 0, largest, 1.0)  # MACs are a billion times as many as layers
    factors, _ = nnls(matrix / scale, np.ones(len(matrix)))
    found: list[float] = (factors / scale).tolist()
    return found


def estimated(layer: LayerWork, costs: Mapping[str, KindCost]) -> float | None:
    """Return the time of a layer by the cost of its kind, None where nothing tells."""
    cost = costs.get(layer.kind) or costs.get(ALL)
    return None if cost is None else cost.seconds(layer)
