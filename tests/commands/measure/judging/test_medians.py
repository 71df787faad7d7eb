"""Medians: two networks whose order is known by construction, ties, and laws that hold for every
permutation.
"""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.judging.medians import (
    Interval,
    interval,
    least_turns,
    outer_rank,
    pairs,
    ratio,
    shared,
)

times = st.lists(st.floats(1e-3, 1e3), min_size=6, max_size=40)


def test_an_interval_lies_between_the_ranks() -> None:
    """Of ten samples the second and the ninth: 2 (1 + 10) / 1024 = 2.1 % is missed; with the
    third and the eighth 2 (1 + 10 + 45) / 1024 = 10.9 %.
    """
    assert interval([10, 1, 9, 2, 8, 3, 7, 4, 6, 5]) == Interval(2, 5.5, 9)
    assert interval([1.0] * 5) is None
    assert Interval(9, 10, 12).spread == 0.15


def test_ranks_of_twenty_samples() -> None:
    """The sixth and the fifteenth: 2 (1 + 20 + 190 + 1140 + 4845 + 15504) / 2^20 = 4.1 % is
    missed; with the next ones, by 38760 more each side, 11.5 %.
    """
    assert outer_rank(20) == 6


@given(times, st.randoms())
def test_the_order_of_samples_is_nothing_to_the_interval(
    samples: list[float], draw: random.Random
) -> None:
    assert interval(draw.sample(samples, len(samples))) == interval(samples)


@given(times, st.data())
def test_the_order_of_turns_is_nothing_to_the_ratio(
    first: list[float], data: st.DataObject
) -> None:
    """As long as each turn keeps its partner; and the ratio the other way about is the inverse,
    so that nothing is faster both ways.
    """
    second = data.draw(st.lists(st.floats(1e-3, 1e3), min_size=len(first), max_size=len(first)))
    order = data.draw(st.permutations(range(len(first))))
    found, inverse = ratio(first, second), ratio(second, first)
    assert found is not None
    assert inverse is not None
    assert ratio([first[i] for i in order], [second[i] for i in order]) == found
    assert (inverse.low, inverse.high) == pytest.approx((1 / found.high, 1 / found.low))


def test_what_slows_both_alike_cancels() -> None:
    """The machine becomes five times slower meanwhile; the second network takes 2 % longer in
    every turn.
    """
    drift = [1 + 4 * turn / 30 for turn in range(30)]
    found = ratio(drift, [1.02 * seconds for seconds in drift])
    assert found is not None
    assert found.low == pytest.approx(1 / 1.02)
    assert found.high < 1
    alone, other = interval(drift), interval([1.02 * seconds for seconds in drift])
    assert alone is not None
    assert other is not None
    assert alone.high > other.low  # each by itself: nothing could be said


def test_networks_that_are_the_same_are_rarely_told_apart() -> None:
    """Of 2,000 comparisons of a network with itself at most 5 in 100 are decided; here 4
    standard deviations more.
    """
    draw = random.Random(3)

    def turns() -> list[float]:
        return [draw.lognormvariate(0, 0.3) for _ in range(30)]

    decided = 0
    for _ in range(2000):
        found = ratio(turns(), turns())
        assert found is not None
        decided += not found.low <= 1 <= found.high
    assert decided <= 2000 * 0.05 + 4 * (2000 * 0.05 * 0.95) ** 0.5


def test_turns_that_were_thrown_away_have_no_ratio() -> None:
    """Turns 2 and 4 are lacking, and the last has no partner: 1, 2, 2, 2, 2, 2, 2, 2 are left,
    whose interval reaches from the smallest to the largest.
    """
    found = ratio([1.0, None, *[2.0] * 8], [1.0, 7.0, 1.0, None, *[1.0] * 6, 99.0])
    assert found == Interval(1.0, 2.0, 2.0)
    assert ratio([1.0] * 5, [1.0] * 5) is None


def test_many_comparisons_share_the_confidence() -> None:
    """Five networks make ten comparisons: 0.5 % each.

    9 turns can decide one, for 2 / 2^9 = 0.4 %; 8 cannot, for 0.8 %.
    """
    assert (pairs(2), pairs(5), shared(1), shared(10)) == (
        1,
        10,
        Fraction(95, 100),
        Fraction(995, 1000),
    )
    assert (outer_rank(8, shared(10)), outer_rank(9, shared(10))) == (0, 1)
    assert [least_turns(n) for n in (1, 2, 5)] == [1, 6 + 4, 9 + 4]


@given(st.integers(1001, 100_000))
def test_large_numbers_are_normal(n: int) -> None:
    """n/2 - 1.96 sqrt(n)/2, rounded down, and no jump at the change of method."""
    assert outer_rank(n) == pytest.approx(n / 2 - 0.98 * n**0.5, abs=1)
    assert outer_rank(1001) - outer_rank(1000) in (0, 1)
