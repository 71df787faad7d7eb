"""Whether measured times keep a latency budget: decided by an interval of their median, which no distribution is assumed for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

CONFIDENCE = Fraction(95, 100)


class Verdict(NamedTuple):
    """`answer` is pass, fail or cannot tell; the median of the samples and the interval that holds the true one, None where they are too few."""

    answer: str
    median: float
    interval: tuple[float, float] | None


def decide(samples: Sequence[float], limit: float | Fraction) -> Verdict:
    """All of the interval within the limit: pass; all above: fail. Raises ValueError where there are no samples."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    n = len(ordered)
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    rank = outer_rank(n)
    if rank == 0:
        return Verdict("cannot tell", median, None)
    low, high = ordered[rank - 1], ordered[n - rank]
    return Verdict("pass" if high <= limit else "fail" if low > limit else "cannot tell", median, (low, high))


def outer_rank(n: int) -> int:
    """The largest r for which the r-th smallest to the r-th largest of n samples hold the median with CONFIDENCE; 0 where no r does.

    The number of samples below the median is binomial(n, 1/2), so the interval misses it with 2 P(X < r)
    (David, Nagaraja 2003, Order Statistics, Section 7.1).
    """
    term, missed, most = 1, 0, (1 - CONFIDENCE) * 2**n / 2
    for rank in range(n // 2 + 1):
        missed += term
        if missed > most:
            return rank
        term = term * (n - rank) // (rank + 1)
    return 0
