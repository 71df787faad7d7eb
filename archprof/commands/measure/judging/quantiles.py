"""Quantiles of repeated measurements: a value that a share of them keep, and an interval for it.

No distribution is assumed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from archprof.commands.measure.judging.medians import CONFIDENCE, EXACT

SHARES = (0.5, 0.9, 0.95, 0.99)
TAIL = (1 - float(CONFIDENCE)) / 2
"""The probability with which a quantile lies beyond either end of its interval, at most."""


class Quantile(NamedTuple):
    """The latency that a `share` of the runs keep, and the interval that contains it in 95 of 100
    cases; None where the runs were too few.
    """

    share: float
    ms: float
    low_ms: float | None
    high_ms: float | None


def quantiles(milliseconds: Sequence[float]) -> tuple[Quantile, ...]:
    """Return the quantiles of SHARES, by linear interpolation; none of fewer than two samples."""
    if len(milliseconds) < 2:
        return ()
    ordered = sorted(milliseconds)
    hundredths = statistics.quantiles(ordered, n=100, method="inclusive")
    found = []
    for share in SHARES:
        low, high = ranks(len(ordered), share)
        found.append(
            Quantile(
                share,
                hundredths[round(100 * share) - 1],
                ordered[low - 1] if low else None,
                ordered[high - 1] if high else None,
            )
        )
    return tuple(found)


@lru_cache(maxsize=4096)
def ranks(n: int, share: float) -> tuple[int, int]:
    """Return the ranks, from 1, of the two of n samples between which a quantile lies; 0 for none.

    The number of samples below the quantile is binomial(n, share). It lies below the r-th smallest
    with probability P(X < r), above the s-th with P(X >= s) (David, Nagaraja 2003, Order
    Statistics, Section 7.1).
    """
    if n > EXACT:
        deviation = statistics.NormalDist().inv_cdf(1 - TAIL) * math.sqrt(n * share * (1 - share))
        low, high = math.floor(n * share - deviation), math.ceil(n * share + deviation) + 1
        return max(0, low), high if high <= n else 0
    below, low, high = 0.0, 0, 0
    for count in range(n + 1):
        if below <= TAIL:
            low = count
        if not high and 1 - below <= TAIL:
            high = count
        below += _probability(n, count, share)
    return low, high


def _probability(n: int, count: int, share: float) -> float:
    """Return the probability that `count` of n samples lie below a quantile."""
    ways = math.lgamma(n + 1) - math.lgamma(count + 1) - math.lgamma(n - count + 1)
    return math.exp(ways + count * math.log(share) + (n - count) * math.log(1 - share))
