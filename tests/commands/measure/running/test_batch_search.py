"""The search for the largest batch: which are tried in which order, and what ends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.running.batch_search import (
    BatchSearch,
    BatchTry,
    search,
    searched_text,
)
from archprof.commands.measure.running.search_contract import BatchSearch as Published


def found(start: int, most: int, failing: int | None = None) -> BatchSearch:
    """Where batches up to `most` fit, and those from `failing` on cannot run at all."""

    def attempt(batch: int) -> BatchTry:
        if failing is not None and batch >= failing:
            return BatchTry(batch, "failed", "an index of 32 bits")
        if batch > most:
            return BatchTry(batch, "out_of_memory", f"no room for {batch}")
        return BatchTry(batch, "fits", peak_bytes=100 * batch)

    return search(start, attempt)


@pytest.mark.parametrize(
    ("start", "most", "tried"),
    [
        # doubled until one does not fit, then halves of what lies between: 64-32, 48-32, 48-40 ..
        (8, 40, [8, 16, 32, 64, 48, 40, 44, 42, 41]),
        # halved until one fits
        (90, 7, [90, 45, 22, 11, 5, 8, 6, 7]),
        (1, 1, [1, 2]),
        (3, 0, [3, 1]),
        # 1000 is one in fifty of 20: 1000 to 1015 is near enough
        (1000, 1010, [1000, 2000, 1500, 1250, 1125, 1062, 1031, 1015]),
    ],
)
def test_order(start: int, most: int, tried: list[int]) -> None:
    assert [one.batch for one in found(start, most).tries] == tried


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_what_is_found_is_the_largest_within_a_fiftieth(start: int, most: int) -> None:
    """By few tries, none of them twice."""
    done = found(start, most)
    largest, refused = done.largest, done.refused
    assert (largest is None) == (most == 0)
    fits = largest or 0
    assert fits <= most
    if refused is not None:
        assert fits <= most < refused
        assert refused - fits <= max(1, 0.02 * fits)
    else:
        assert fits == 10**6
    assert (fits <= 64) <= (fits == most)
    batches = [one.batch for one in done.tries]
    assert len(set(batches)) == len(batches) <= 42


def test_another_failure_ends_it() -> None:
    """64 fits, 128 fails for another reason: of what lies between nothing is said."""
    ended = found(32, 500, failing=100)
    assert [one.status for one in ended.tries] == ["fits", "fits", "failed"]
    assert (ended.largest, ended.refused) == (64, None)
    assert [one.batch for one in found(1, 500, failing=1).tries] == [1]


def test_a_start_that_fails_is_not_all_there_is_to_say() -> None:
    """From 1 on, until it fails again; 24 had no memory, 12 failed: 16 is tried before 24."""
    anew = found(200, 500, failing=10)
    assert [one.batch for one in anew.tries] == [200, 1, 2, 4, 8, 16]
    assert (anew.largest, anew.refused) == (8, None)

    def attempt(batch: int) -> BatchTry:
        status = "out_of_memory" if batch >= 24 else "failed"
        return BatchTry(batch, status if batch >= 12 else "fits")

    both = search(24, attempt)
    assert [one.batch for one in both.tries] == [24, 12, 1, 2, 4, 8, 16]
    assert (both.largest, both.refused) == (8, 24)
    assert [one.batch for one in found(4, 500, failing=1).tries] == [4, 1]


def test_no_batch_is_larger_than_a_million() -> None:
    assert [one.batch for one in found(600_000, 10**9).tries] == [600_000, 1_000_000]
    assert [one.batch for one in found(10**7, 10**9).tries] == [1_000_000]
    assert found(0, 10**9).tries[0].batch == 1


def test_the_record_is_published() -> None:
    data = found(2, 2).data()
    assert data == {
        "largest": 2,
        "refused": 3,
        "tries": [
            {"batch": 2, "status": "fits", "message": "", "peak_bytes": 200},
            {"batch": 4, "status": "out_of_memory", "message": "no room for 4", "peak_bytes": None},
            {"batch": 3, "status": "out_of_memory", "message": "no room for 3", "peak_bytes": None},
        ],
    }
    for one in (found(2, 2), found(1, 0), found(32, 500, failing=100)):
        Published.model_validate(one.data())


@pytest.mark.parametrize(
    ("done", "text"),
    [
        (found(8, 40), "batch 40 fits, 41 does not: no room for 41"),
        (found(8, 0), "no batch fits, 1 does not: no room for 1"),
        (
            found(32, 500, failing=100),
            "batch 64 fits, and batch 128 ended the search: an index of 32 bits",
        ),
        (
            found(4, 500, failing=1),
            "no batch fits, and batch 1 ended the search: an index of 32 bits",
        ),
        (found(600_000, 10**9), "batch 1,000,000 fits, and no larger one is tried"),
    ],
)
def test_in_words(done: BatchSearch, text: str) -> None:
    assert searched_text(done.data()) == text
