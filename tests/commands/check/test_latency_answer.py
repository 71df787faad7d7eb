"""The answer of a latency budget: from synthetic samples, and against the binomial it comes
from.
"""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.check.latency_answer import decide
from archprof.commands.measure.judging.medians import outer_rank


@pytest.mark.parametrize(
    ("n", "rank"),
    [
        (1, 0),
        (5, 0),
        (6, 1),
        (8, 1),
        (9, 2),
        (10, 2),
        (15, 4),
        (20, 6),
        (25, 8),
        (50, 18),
        (100, 40),
    ],
)
def test_ranks_are_those_of_the_sign_test(n: int, rank: int) -> None:
    """The tables of the 95 % interval of a median, such as Conover 1999, Practical Nonparametric
    Statistics, Table A3 (n <= 20).
    """
    assert outer_rank(n) == rank


@given(st.integers(1, 400))
def test_the_interval_is_the_narrowest_that_holds(n: int) -> None:
    """The chance that fewer than r of n samples lie below the median, by Pascal's triangle."""
    row = [1]
    for _ in range(n):
        row = [1, *(a + b for a, b in itertools.pairwise(row)), 1]

    def missed(rank: int) -> Fraction:
        return Fraction(2 * sum(row[:rank]), 2**n)

    rank = outer_rank(n)
    assert rank == 0 or missed(rank) <= Fraction(5, 100)
    assert missed(rank + 1) > Fraction(5, 100)


@pytest.mark.parametrize(
    ("samples", "limit", "answer"),
    [
        ([10.0] * 20, 10, "pass"),
        ([10.0] * 20, 9.99, "fail"),
        ([9.0] * 10 + [11.0] * 10, 10, "cannot tell"),
        ([9.0] * 15 + [99.0] * 5, 10, "pass"),  # the 15th smallest of 20 is the upper end
        ([9.0] * 14 + [99.0] * 6, 10, "cannot tell"),
        ([9.0] * 5 + [11.0] * 15, 10, "fail"),
        ([9.0] * 10 + [10.0] * 10, 10, "pass"),  # what takes all of a budget keeps it
        ([10.0] * 10 + [11.0] * 10, 10, "cannot tell"),
        ([10.05] * 20, 10, "fail"),  # nothing is added to a budget
        ([1.0] * 5, 10, "cannot tell"),  # five can lie on one side by chance, once in sixteen times
        ([1.0] * 6, 10, "pass"),
    ],
)
def test_answers(samples: list[float], limit: float, answer: str) -> None:
    shuffled = random.Random(0).sample(samples, len(samples))
    verdict = decide(shuffled, limit)
    assert verdict.answer == answer
    assert (verdict.interval is None) == (len(samples) < 6)


def test_the_median() -> None:
    assert decide([3, 1, 2], 1).median == 2
    assert decide([4, 1, 2, 3], 1).median == 2.5
    with pytest.raises(ValueError, match="no samples"):
        decide([], 1)


def test_a_wrong_answer_is_rare() -> None:
    """Of 2,000 measurements of a network whose median is the limit itself, at most 5 in 100 are
    answered, right or wrong; here 4 standard deviations more.
    """
    draw = random.Random(1)
    answered = sum(
        decide([draw.lognormvariate(0, 0.3) for _ in range(30)], 1.0).answer != "cannot tell"
        for _ in range(2000)
    )
    assert answered <= 2000 * 0.05 + 4 * (2000 * 0.05 * 0.95) ** 0.5


@given(
    st.lists(st.floats(0.1, 100), min_size=6, max_size=60), st.floats(0.1, 100), st.floats(1, 10)
)
def test_a_larger_budget_never_turns_a_pass_into_a_fail(
    samples: list[float], limit: float, factor: float
) -> None:
    order = ("fail", "cannot tell", "pass")
    assert order.index(decide(samples, limit * factor).answer) >= order.index(
        decide(samples, limit).answer
    )


def test_many_samples_take_no_time() -> None:
    assert decide([float(i) for i in range(20_000)], 0.5).answer == "fail"
