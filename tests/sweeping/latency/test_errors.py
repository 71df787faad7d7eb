"""Errors of held-back variants, worked out by hand."""

import pytest

from archprof.sweeping.latency.errors import (
    HeldBack,
    Spread,
    Twice,
    margin,
    rank_correlation,
)


def held_back(*pairs: tuple[float, float]) -> list[HeldBack]:
    return [HeldBack(*pair) for pair in pairs]


def test_errors_are_shares_of_the_measurement() -> None:
    # 9 for 10: 1/10; 6 for 5: 1/5; 20 for 20: 0; the middle one is 1/10
    found = Spread.of([one.error for one in held_back((9, 10), (6, 5), (20, 20))])
    assert found == Spread(pytest.approx(0.1), pytest.approx(0.2), 3)


def test_a_variant_measured_twice_has_an_error_too() -> None:
    assert Twice(11.0, 10.0).error == pytest.approx(0.1)


def test_the_margin_of_few_is_their_outermost() -> None:
    # ratios 10/8, 10/10, 9/10: a fourth lies between them in (4 - 2) / 4 of cases
    found = margin(held_back((8, 10), (10, 10), (10, 9)))
    assert (found.low, found.high, found.covered) == (0.9, 1.25, 0.5)


def test_one_alone_covers_nothing() -> None:
    found = margin(held_back((10, 12)))
    assert (found.low, found.high, found.covered) == (1.2, 1.2, 0.0)


@pytest.mark.parametrize(
    ("count", "rank", "covered"),
    [
        (18, 1, 17 / 19),  # too few for 9 of 10
        (19, 1, 18 / 20),
        (38, 1, 37 / 39),
        (39, 2, 36 / 40),  # the second from either end: one of 20 may be outside on each side
    ],
)
def test_the_margin_of_many_leaves_the_outermost_out(count: int, rank: int, covered: float) -> None:
    found = margin(held_back(*((1.0, 1.0 + i) for i in range(count))))
    assert (found.low, found.high) == (float(rank), float(count + 1 - rank))
    assert found.covered == pytest.approx(covered)


def test_rank_correlation_is_spearmans() -> None:
    # ranks 1 2 3 4 against 2 1 3 4: 1 - 6 (1 + 1) / (4 * 15) = 0.8
    found = rank_correlation(held_back((1, 20), (2, 10), (3, 30), (400, 31)))
    assert found == pytest.approx(0.8)


def test_there_is_no_rank_among_equals() -> None:
    assert rank_correlation(held_back((1, 2), (1, 3))) is None
    assert rank_correlation(held_back((1, 3), (2, 3))) is None
    assert rank_correlation(held_back((1, 3))) is None
