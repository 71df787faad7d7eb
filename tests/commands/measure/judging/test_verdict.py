"""Verdicts on times: their bounds, what refuses one, and how often an interval is wrong."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.judging.medians import Interval, interval
from archprof.commands.measure.judging.verdict import judge, of_ratio, of_rows, ratio_of_medians
from tests.commands.measure.runs import Row, lost, row, run


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        (0.90, 0.98, "faster"),
        (1.02, 1.10, "slower"),
        (0.99, 1.02, "cannot tell"),
        (0.995, 1.005, "same"),
        (1.002, 1.005, "same"),  # certain, and too little to matter
        (1.002, 1.011, "slower"),  # certain, and perhaps more than 1 %
        (0.985, 0.999, "faster"),
        (0.5, 2.0, "cannot tell"),
        (1.0, 1.05, "cannot tell"),  # the two may be equal
        (0.95, 1.0, "cannot tell"),
        (0.9902, 1.0099, "same"),  # 1/1.01 = 0.99010
        (0.9900, 1.0099, "cannot tell"),
        (0.9902, 1.0101, "cannot tell"),
    ],
)
def test_bounds(low: float, high: float, answer: str) -> None:
    """The whole interval within 1 % is the same; else it must not contain 1."""
    assert judge(low, high) == answer


@given(st.floats(0.8, 1.2), st.floats(1.0, 1.1))
def test_exchanged_the_verdict_is_the_opposite(low: float, width: float) -> None:
    opposite = {"faster": "slower", "slower": "faster"}
    found = judge(low, low * width)
    # the bound itself is a matter of rounding
    edges = [1 / 1.01, 1.01, 1.0]
    if min(abs(end - edge) for end in (low, low * width) for edge in edges) > 1e-9:
        assert judge(1 / (low * width), 1 / low) == opposite.get(found, found)


def test_a_verdict_has_its_interval() -> None:
    """1.02 to 1.1 as text has three digits."""
    found = of_ratio(Interval(1.02, 1.06, 1.1))
    assert found.text == "slower (1.02 to 1.1)"
    assert found.data() == {
        "verdict": "slower",
        "ratio": 1.06,
        "low": 1.02,
        "high": 1.1,
        "reason": "",
    }
    assert of_ratio(None).text == "cannot tell"
    assert of_ratio(None).reason == "too few runs for an interval of the median"
    assert of_ratio(Interval(0.9, 1.0, 1.1)).reason == "the interval has more than one answer"


def test_the_ratio_of_two_medians() -> None:
    """Deviations e^3 and e^4 to each side make e^5: 3 and 4 are the sides of a triangle of 5."""
    first = Interval(math.exp(-3), 1.0, math.exp(4))
    second = Interval(2 * math.exp(-3), 2.0, 2 * math.exp(4))
    found = ratio_of_medians(first, second)
    # below: 3 of the first's low, 4 of the second's high; above: 4 and 3
    assert found == pytest.approx((math.exp(-5) / 2, 0.5, math.exp(5) / 2))


def samples(draw: random.Random, median: float, spread: float, count: int) -> list[float]:
    """Times as they are: a long tail above, and one run in ten disturbed, twice as long."""
    return [
        median * math.exp(spread * draw.gauss(0, 1)) * (2 if draw.random() < 0.1 else 1)
        for _ in range(count)
    ]


def true_median(spread: float) -> float:
    """The median of `samples` over its parameter, from many of them."""
    draw = random.Random(99)
    ordered = sorted(samples(draw, 1.0, spread, 200_001))
    return ordered[100_000]


@pytest.mark.parametrize(
    ("counts", "spreads"),
    [
        ((30, 30), (0.05, 0.05)),
        ((200, 20), (0.02, 0.2)),
        ((50, 50), (0.3, 0.01)),
        ((12, 500), (0.05, 0.05)),
    ],
)
def test_an_interval_of_two_runs_is_rarely_wrong(
    counts: tuple[int, int], spreads: tuple[float, float]
) -> None:
    """Of 1,000 pairs of runs at most 5 in 100 intervals miss the true ratio; here 3 standard
    deviations more: 50 + 3*sqrt(1000*0.05*0.95) = 70.7. Equal runs take opposite risks together,
    and few of them are wrong by much: the intervals are not merely wide, 1 in 100 misses.
    """
    draw = random.Random(7)
    true = 1.3 * true_median(spreads[0]) / true_median(spreads[1])
    missed = apart = 0
    for _ in range(1000):
        one = interval(samples(draw, 1.3, spreads[0], counts[0]))
        other = interval(samples(draw, 1.0, spreads[1], counts[1]))
        assert one is not None
        assert other is not None
        found = ratio_of_medians(one, other)
        missed += not found.low <= true <= found.high
        # what asks that the two intervals have nothing in common
        apart += not one.low / other.high <= true <= one.high / other.low
    assert 10 <= missed <= 70
    assert apart < missed


def verdict(mine: Row, theirs: Row, **manifest: Any) -> tuple[str, str]:
    one, other = run(mine), run(theirs)
    one["manifest"]["device"] |= manifest
    found = of_rows(mine, theirs, one["manifest"], other["manifest"])
    return found.answer, found.reason


def test_rows_of_two_runs() -> None:
    """Each within 1 %, the ratio within 1.41 %: 3 % more is slower, and as much less is faster."""
    assert verdict(row(latency_ms=2.06), row()) == ("slower", "")
    assert verdict(row(), row(latency_ms=2.06)) == ("faster", "")
    near = {"latency_low_ms": 1.995, "latency_high_ms": 2.005}  # 0.25 % each, 0.35 % together
    assert verdict(row(**near), row(**near)) == ("same", "")


def test_what_refuses_a_verdict() -> None:
    slow = row(latency_ms=4.0)
    assert verdict(slow, row(), name="Other") == (
        "cannot tell",
        "the device differs: name Paper CPU against Other",
    )
    assert verdict(slow, row(), cores=4)[1] == "the device differs: cores 2 against 4"
    # how much of it a kernel keeps differs from one to the next
    assert verdict(slow, row(), memory_bytes=1)[0] == "slower"
    assert verdict(slow, lost("failed")) == ("cannot tell", "net was not measured in both")
    assert verdict(lost("out_of_memory"), slow) == ("cannot tell", "net was not measured in both")
    wrong = row(contradictions=[{"about": "latency", "message": "drifted"}])
    assert verdict(slow, wrong) == ("cannot tell", "a latency of net contradicts itself")
    assert verdict(wrong, slow) == ("cannot tell", "a latency of net contradicts itself")
    short = row(latency_low_ms=None, latency_high_ms=None)
    assert verdict(slow, short) == ("cannot tell", "too few runs for an interval of the median")
    # a file can say anything: limits that are not around their median have no ratio
    for low, high in ((0.0, 3.0), (-1.0, 3.0), (2.5, 3.0), (1.0, 1.5)):
        assert verdict(slow, row(latency_low_ms=low, latency_high_ms=high))[0] == "cannot tell"
