"""How wrong predictions were for variants that the model was not made from."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from scipy.stats import spearmanr

from archprof.record import Record

COVERED = 0.9
"""The share of further variants that an interval is made to contain, if so many were held back."""


class HeldBack(Record):
    """A variant that the model was not made from: what it predicts, and what was measured."""

    predicted_ms: float
    measured_ms: float

    @property
    def ratio(self) -> float:
        """How many times as long it took as predicted."""
        return self.measured_ms / self.predicted_ms

    @property
    def error(self) -> float:
        """How far the prediction is from the measurement, as a share of the measurement."""
        return abs(self.predicted_ms / self.measured_ms - 1)


class Twice(Record):
    """A variant measured twice: what no model can do better than."""

    first_ms: float
    second_ms: float

    @property
    def error(self) -> float:
        """How far the first measurement is from the second, as a share of the second."""
        return abs(self.first_ms / self.second_ms - 1)


class Spread(Record):
    """Relative errors in a row of figures: the middle one, the worst, of how many."""

    median: float
    worst: float
    count: int

    @staticmethod
    def of(errors: Sequence[float]) -> Spread:
        """Return the spread of one error or more."""
        return Spread(statistics.median(errors), max(errors), len(errors))


class Margin(Record):
    """From `low` to `high` times a prediction lies the measurement, in `covered` of cases."""

    low: float
    high: float
    covered: float


def margin(held_back: Sequence[HeldBack]) -> Margin:
    """Return the margin of further predictions from one variant or more.

    Where a further variant is drawn as these were, its ratio falls with the same chance between any
    two neighbours of theirs, so between the r-th smallest and the r-th largest of n with (n + 1 -
    2r) / (n + 1): Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World, 2.2. Fewer
    than 19 cannot reach COVERED: then the outermost are the margin.
    """
    ratios = sorted(one.ratio for one in held_back)
    places = len(ratios) + 1
    # a share such as 0.9 is no binary fraction: 20 * (1 - 0.9) / 2 is just below 1
    rank = max(1, math.floor(places * (1 - COVERED) / 2 + 1e-9))
    return Margin(ratios[rank - 1], ratios[-rank], max(0.0, (places - 2 * rank) / places))


def rank_correlation(held_back: Sequence[HeldBack]) -> float | None:
    """Return Spearman's correlation of predictions and measurements, None where all are equal."""
    if len({one.predicted_ms for one in held_back}) < 2:
        return None
    if len({one.measured_ms for one in held_back}) < 2:
        return None
    predicted, measured = zip(*((h.predicted_ms, h.measured_ms) for h in held_back), strict=True)
    return float(spearmanr(predicted, measured).statistic)
