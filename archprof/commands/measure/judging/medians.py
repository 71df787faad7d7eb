"""The median of repeated measurements: an interval for it, and whether two medians differ.

No distribution is assumed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

CONFIDENCE = Fraction(95, 100)
EXACT = 1000  # samples; for more the binomial distribution is as good as normal
SPARE = 4
"""Turns beyond the fewest that decide, so that one disturbed turn cannot hide a difference."""


class Interval(NamedTuple):
    """A median, and the two samples around it that contain the true median.

    They do so with the requested confidence.
    """

    low: float
    median: float
    high: float

    @property
    def spread(self) -> float:
        """Return how far the median may be off, as a share of it: half of the interval's width."""
        return (self.high - self.low) / 2 / self.median


def interval(samples: Sequence[float], confidence: Fraction = CONFIDENCE) -> Interval | None:
    """Return the interval of the median from order statistics, None for too few samples."""
    ordered = sorted(samples)
    rank = outer_rank(len(ordered), confidence)
    if rank == 0:
        return None
    return Interval(ordered[rank - 1], statistics.median(ordered), ordered[-rank])


def halves(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the medians of the earlier and of the later half of at least two runs."""
    middle = len(seconds) // 2
    return statistics.median(seconds[:middle]), statistics.median(seconds[middle:])


@lru_cache(maxsize=4096)
def outer_rank(n: int, confidence: Fraction = CONFIDENCE) -> int:
    """Return the rank of the outermost samples that contain the median, 0 where none do.

    It is the largest r for which the r-th smallest to the r-th largest of n samples contain it. The
    number of samples below the median is binomial(n, 1/2), so the interval misses it with
    probability 2 P(X < r) (David, Nagaraja 2003, Order Statistics, Section 7.1).
    """
    if n > EXACT:
        deviations = statistics.NormalDist().inv_cdf(1 - float(1 - confidence) / 2)
        return math.floor(n / 2 - deviations * math.sqrt(n) / 2)
    term, missed, most = 1, 0, (1 - confidence) * 2**n / 2
    for rank in range(n // 2 + 1):
        missed += term
        if missed > most:
            return rank
        term = term * (n - rank) // (rank + 1)
    return 0


def shared(comparisons: int) -> Fraction:
    """Return the confidence of each comparison with which all together have CONFIDENCE.

    This is Bonferroni's correction.
    """
    return 1 - (1 - CONFIDENCE) / max(1, comparisons)


def pairs(things: int) -> int:
    """Return how many comparisons there are between so many things."""
    return things * (things - 1) // 2


def least_turns(things: int) -> int:
    """Return how many turns several things need, so that each two of them can be compared."""
    if things < 2:
        return 1
    confidence = shared(pairs(things))
    fewest = next(n for n in range(1, EXACT) if outer_rank(n, confidence))
    return fewest + SPARE


def ratio(
    first: Sequence[float | None], second: Sequence[float | None], confidence: Fraction = CONFIDENCE
) -> Interval | None:
    """Return the interval of first over second, turn by turn.

    It is None where the turns that both have are too few.

    What slows the machine during a turn and the next slows both, and cancels in their ratio: it is
    the sign test on pairs.
    """
    return interval(
        [a / b for a, b in zip(first, second, strict=False) if a is not None and b], confidence
    )
