"""Decide whether measured times keep a latency budget, by an interval of their median.

No distribution of the times is assumed. The verdict is that of two times, the other of which is
exact: the budget.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.measure.judging.medians import interval
from archprof.commands.measure.judging.verdict import judge

ANSWERS = {"faster": "pass", "same": "pass", "slower": "fail", "cannot tell": "cannot tell"}
"""What a verdict against the budget means for it; nothing is added to a budget."""


class LatencyAnswer(NamedTuple):
    """The answer of a latency budget: "pass", "fail" or "cannot tell".

    `median` is that of the samples, `interval` contains the true median; None for too few samples.
    """

    answer: str
    median: float
    interval: tuple[float, float] | None


def decide(samples: Sequence[float], limit: float | Fraction) -> LatencyAnswer:
    """Return "pass" where all of the interval is within the limit, "fail" where all is above it.

    Raises ValueError where there are no samples.
    """
    if not samples:
        raise ValueError("no samples")
    found = interval(samples)
    if found is None:
        return LatencyAnswer("cannot tell", statistics.median(samples), None)
    verdict = judge(found.low, found.high, limit, equal=0)
    answer = ANSWERS[verdict]
    if found.high == limit:  # a budget is kept by what takes all of it
        answer = "pass"
    return LatencyAnswer(answer, found.median, (found.low, found.high))
