"""Whether measured times keep a latency budget: decided by an interval of their median, which no
distribution is assumed for.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.measure.medians import interval


class Verdict(NamedTuple):
    """`answer` is pass, fail or cannot tell; the median of the samples and the interval that
    holds the true one, None where they are too few.
    """

    answer: str
    median: float
    interval: tuple[float, float] | None


def decide(samples: Sequence[float], limit: float | Fraction) -> Verdict:
    """All of the interval within the limit: pass; all above: fail.

    Raises ValueError where there are no samples.
    """
    if not samples:
        raise ValueError("no samples")
    found = interval(samples)
    if found is None:
        return Verdict("cannot tell", statistics.median(samples), None)
    answer = "cannot tell"
    if found.high <= limit:
        answer = "pass"
    elif found.low > limit:
        answer = "fail"
    return Verdict(answer, found.median, (found.low, found.high))
