"""The numbers below n in a random order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.sweeping.sampling.permutation import permuted


@pytest.mark.parametrize("size", [*range(1, 70), 97, 100, 1000, 1024, 4097, 99_999])
def test_each_number_comes_once(size: int) -> None:
    found = permuted(np.arange(size), size, 7)
    assert sorted(found.tolist()) == list(range(size))


@given(size=st.integers(1, 2**63), seed=st.integers(0, 2**64), data=st.data())
def test_a_number_is_found_by_itself(size: int, seed: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=8))
    together = permuted(np.array(rows), size, seed)
    assert [permuted(np.array([row]), size, seed)[0] for row in rows] == together.tolist()
    assert all(0 <= number < size for number in together.tolist())
    assert len(set(together.tolist())) == len(set(rows))


def test_seeds_give_different_orders() -> None:
    orders = {tuple(permuted(np.arange(30), 30, seed).tolist()) for seed in range(200)}
    assert len(orders) == 200


def test_every_number_is_as_likely_at_a_place() -> None:
    """Over 3,000 seeds, each of 12 numbers is first about 250 times.

    The chi-square of 11 degrees of freedom is above 31.3 once in 1,000.
    """
    firsts = [int(permuted(np.array([0]), 12, seed)[0]) for seed in range(3_000)]
    counts = np.bincount(firsts, minlength=12)
    assert ((counts - 250) ** 2 / 250).sum() < 31.3


def test_neighbours_are_not_related() -> None:
    """Of 100,000 places, a number and the next are correlated by less than 4 / sqrt(100,000)."""
    found = permuted(np.arange(100_000), 10**12, 3).astype(float)
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 4 / 100_000**0.5
