"""Quantiles: values by interpolation, and intervals that contain them as often as they say."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.judging.medians import outer_rank
from archprof.commands.measure.judging.quantiles import SHARES, quantiles, ranks


def test_values_are_interpolated() -> None:
    """Of 1 to 101 the p-th percentile is 1 + p."""
    found = quantiles([float(n) for n in range(101, 0, -1)])
    assert [(one.share, one.ms) for one in found] == [
        (0.5, pytest.approx(51)),
        (0.9, pytest.approx(91)),
        (0.95, pytest.approx(96)),
        (0.99, pytest.approx(100)),
    ]


def test_too_few_runs_have_no_interval() -> None:
    """Of n samples all lie below the 99th percentile with 0.99^n: 2.5 % from 368 on."""
    assert 0.99**367 > 0.025 > 0.99**368
    assert ranks(367, 0.99)[1] == 0
    assert ranks(368, 0.99)[1] == 368
    assert quantiles([1.0]) == ()
    last = quantiles([float(n) for n in range(100)])[-1]
    assert (last.share, last.high_ms) == (0.99, None)
    assert last.low_ms is not None


@given(st.integers(6, 1000))
def test_the_median_is_that_of_the_other_module(n: int) -> None:
    """By symmetry from the r-th smallest to the r-th largest."""
    low, high = ranks(n, 0.5)
    assert low == outer_rank(n)
    assert high == n + 1 - outer_rank(n)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("n", [400, 1001])
def test_intervals_contain_the_quantile_in_95_of_100_cases(n: int, share: float) -> None:
    """Of uniform samples the quantile is the share itself; whole ranks keep a little more."""
    source = random.Random(7)
    low, high = ranks(n, share)
    inside = 0
    for _ in range(1000):
        ordered = sorted(source.random() for _ in range(n))
        above = share <= ordered[high - 1] if high else True
        inside += ordered[low - 1] <= share and above
    assert 935 <= inside <= 995
