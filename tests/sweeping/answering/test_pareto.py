"""Pareto fronts against the definition."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.problem import ProblemError
from archprof.sweeping.answering import pareto
from archprof.sweeping.answering.pareto import front


def by_definition(table: np.ndarray) -> list[int]:
    """Rows that no other row beats: nowhere larger, somewhere smaller."""
    return [
        row
        for row, values in enumerate(table)
        if not any((other <= values).all() and (other < values).any() for other in table)
    ]


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    objectives = draw(st.integers(1, 5))
    few = st.integers(-3, 3)  # so that values and whole rows are often equal
    row = st.lists(few, min_size=objectives, max_size=objectives)
    return np.array(draw(st.lists(row, max_size=40)), np.int64).reshape(-1, objectives)


@given(tables())
def test_the_front_is_what_no_other_row_beats(table: np.ndarray) -> None:
    assert front(list(table.T)).tolist() == by_definition(table)


@given(tables(), st.integers(1, 7))
def test_fronts_of_parts_merge(table: np.ndarray, size: int) -> None:
    """The front of all is the front of the parts' fronts."""
    parts = [np.arange(len(table))[i : i + size] for i in range(0, len(table), size)]
    kept = [part[front(list(table[part].T))] for part in parts]
    rows = np.concatenate(kept) if kept else np.arange(0)
    assert rows[front(list(table[rows].T))].tolist() == by_definition(table)


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_many_random_rows(objectives: int) -> None:
    random = np.random.default_rng(7)
    table = random.integers(0, 60, (700, objectives))
    assert front(list(table.T)).tolist() == by_definition(table)


def test_whole_numbers_beyond_floats_are_apart() -> None:
    """2**60 and 2**60 + 1 are one float: only the first is on the front."""
    assert front([np.array([2**60 + 1, 2**60]), np.array([1.5, 1.5])]).tolist() == [1]


def test_equal_rows_are_all_kept() -> None:
    assert front([np.array([1, 1, 2, 1]), np.array([5, 5, 5, 6])]).tolist() == [0, 1]


def test_blocks_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a later block are compared with the front so far, and with their own block."""
    monkeypatch.setattr(pareto, "BLOCK", 3)
    table = np.random.default_rng(1).integers(0, 4, (60, 4))
    assert front(list(table.T)).tolist() == by_definition(table)


def test_too_many_comparisons_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000 rows of which none beats another all are compared with all: 4 * 1,000 * 1,000 / 2
    numbers and half a block more.
    """
    monkeypatch.setattr(pareto, "MOST_COMPARISONS", 2_000_000)
    up = np.arange(1_000)
    with pytest.raises(ProblemError, match="the front of 4 objectives over 1,000 variants"):
        front([up, -up, up, -up])
    monkeypatch.setattr(pareto, "MOST_COMPARISONS", 3_000_000)
    assert len(front([up, -up, up, -up])) == 1_000


@pytest.mark.slow
def test_two_objectives_of_a_million_rows_take_a_second() -> None:
    random = np.random.default_rng(0)
    costs = [random.integers(0, 10**9, 1_000_000) for _ in range(2)]
    least = min(_seconds(costs) for _ in range(3))
    assert least < 1


def _seconds(costs: list[np.ndarray]) -> float:
    begin = time.process_time()
    front(costs)
    return time.process_time() - begin
