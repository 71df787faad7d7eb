"""Whether one time is less than another: faster, slower, same or cannot tell, from intervals.

`bench`, `compare`, `check` and `history` ask here, so that the same times get the same answer.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.judging.medians import Interval
from archprof.commands.measure.judging.run_differences import other_device
from archprof.commands.measure.writing.run_labels import Row

EQUAL = 0.01
"""The bound of equality: times whose ratio is known to lie within 1 % are the same.

It is the precision at which a measurement is over (`sampling`).
"""

Answer = Literal["faster", "slower", "same", "cannot tell"]
UNKNOWN: Answer = "cannot tell"
SHORT = "too few runs for an interval of the median"


class TimeVerdict(NamedTuple):
    """How a time compares with another one: `ratio` is this time over the other.

    The true ratio lies from `low` to `high` in 95 of 100 cases. The three are None where nothing
    can be compared, for which `reason` says why.
    """

    answer: Answer
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def between(self) -> str:
        """Return the interval as text, such as `1.06 to 1.1`, "" for none."""
        if self.low is None or self.high is None:
            return ""
        return f"{self.low:.3g} to {self.high:.3g}"

    @property
    def text(self) -> str:
        """Return the answer with its interval."""
        return f"{self.answer} ({self.between})" if self.between else self.answer

    def data(self) -> dict[str, Any]:
        """Return the verdict by the names of the JSON."""
        return {
            "verdict": self.answer,
            "ratio": self.ratio,
            "low": self.low,
            "high": self.high,
            "reason": self.reason,
        }


def judge(
    low: float, high: float, other: float | Fraction = 1, equal: float | Fraction = EQUAL
) -> Answer:
    """Return how a value that lies from `low` to `high` compares with `other`.

    It is "same" where all of the interval lies within `equal` of the other, as a share of it, which
    comes before "faster" and "slower": a difference that is certain may still be none that matters.
    The bound is the same for a value and its inverse, so that two networks exchanged have the
    opposite verdict.
    """
    if other <= low * (1 + equal) and high <= other * (1 + equal):
        return "same"
    if high < other:
        return "faster"
    if low > other:
        return "slower"
    return UNKNOWN


def of_ratio(ratio: Interval | None, reason: str = SHORT) -> TimeVerdict:
    """Return the verdict of a ratio that is known within an interval; `reason` for none."""
    if ratio is None:
        return TimeVerdict(UNKNOWN, reason=reason)
    answer = judge(ratio.low, ratio.high)
    why = "the interval has more than one answer" if answer == UNKNOWN else ""
    return TimeVerdict(answer, ratio.median, ratio.low, ratio.high, why)


def ratio_of_medians(first: Interval, second: Interval) -> Interval:
    """Return the interval of the first median over the second, of samples that took no turns.

    It is the method of variance estimates recovery, on the logarithms: the distance of each limit
    from its median stands for that side's deviation, and the two add up as the sides of a right
    triangle (Zou, Donner 2008, Construction of confidence limits about effect measures, Statistics
    in Medicine 27, 1693-1702; for medians with the intervals from order statistics: Price, Bonett
    2002, Journal of Statistical Computation and Simulation 72, 119-124). It needs no samples, which
    run files do not keep. Two intervals that merely have nothing in common ask for more than 95 %.
    """
    ratio = first.median / second.median
    below = math.hypot(math.log(first.median / first.low), math.log(second.high / second.median))
    above = math.hypot(math.log(first.high / first.median), math.log(second.median / second.low))
    return Interval(ratio * math.exp(-below), ratio, ratio * math.exp(above))


def of_rows(
    row: Row, other: Row, manifest: dict[str, Any], other_manifest: dict[str, Any]
) -> TimeVerdict:
    """Return how a measurement compares with one of another run, under the same conditions.

    What the machine did between the two runs is in no interval. On another device there is no
    verdict.
    """
    differs = other_device(other_manifest, manifest)
    if differs:
        return TimeVerdict(UNKNOWN, reason=f"the device differs: {differs}")
    for one in (other, row):
        if one["status"] != "measured":
            return TimeVerdict(UNKNOWN, reason=f"{one['network']} was not measured in both")
        if not usable(one, "latency"):
            return TimeVerdict(UNKNOWN, reason=f"a latency of {one['network']} contradicts itself")
    mine, theirs = latency_interval(row), latency_interval(other)
    if mine is None or theirs is None:
        return TimeVerdict(UNKNOWN, reason=SHORT)
    return of_ratio(ratio_of_medians(mine, theirs))


def latency_interval(row: Row) -> Interval | None:
    """Return the interval of the latency in milliseconds.

    It is None where the runs were too few, the run is of an earlier version, or the file is not
    a honest one: limits that are not around a positive median.
    """
    low, median, high = (
        row.get(name) for name in ("latency_low_ms", "latency_ms", "latency_high_ms")
    )
    if low is None or median is None or high is None:
        return None
    return Interval(low, median, high) if 0 < low <= median <= high else None
