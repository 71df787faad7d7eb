"""Limits of totals, and what fronts compare."""

from __future__ import annotations

import numpy as np
import pytest

from archprof.language.budget import LATENCY, LIMITS
from archprof.sweeping.space.bounds import (
    BOUNDS,
    QUANTITIES,
    Bound,
    Objective,
    amounts,
    bound,
    objective,
    within,
)
from archprof.sweeping.variants import NONE, OF_STEP, SEES, TOTALS


def test_the_words_of_check_are_known_and_limit_the_same() -> None:
    for word in LIMITS.keys() - {LATENCY}:
        assert BOUNDS[word] == (LIMITS[word].quantity, LIMITS[word].least)


def test_every_total_has_both_limits() -> None:
    assert {f"{direction}_{name}" for name in QUANTITIES for direction in ("min", "max")} == {
        *BOUNDS
    }
    quantities = {*TOTALS, *OF_STEP, "receptive_field"} - {"sees"}
    assert {quantity for quantity, _ in BOUNDS.values()} == quantities


@pytest.mark.parametrize(
    ("word", "text", "number"),
    [
        ("max_params", "25.6M", 25_600_000),
        ("min_macs", "1.5G", 1_500_000_000),
        ("max_peak_memory", "120 MiB", 120 * 1024**2),
        ("max_saved_bytes", 10, 10),
        ("max_bytes_moved", "1 kB", 1000),
        ("max_depth", 50, 50),
        ("max_params", "25.6", None),
        ("max_params", "120 MiB", None),
        ("max_params", -1, None),
    ],
)
def test_numbers_of_limits(word: str, text: object, number: int | None) -> None:
    found = bound(word, text)
    assert (found and found.value) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("min macs", Objective("macs", False)),
        (" max  peak_memory ", Objective("peak_inference_bytes", True)),
        ("max depths.0", Objective("depths.0", True)),
        ("max sees", None),
        ("macs", None),
        ("minimise macs", None),
    ],
)
def test_objectives(text: str, found: Objective | None) -> None:
    assert objective(text, ("depths.0",)) == found


def test_an_objective_is_written_as_it_is_read() -> None:
    assert str(Objective("macs", False)) == "min macs"
    assert objective(str(Objective("params", True))) == Objective("params", True)


FIELDS = {  # of four variants: 9 x 7 pixels, 9 x 9 and everything, everything, and unknown
    "params": np.array([10, 20, 30, 40]),
    "field_height": np.array([9, 9, NONE, 9]),
    "field_width": np.array([7, 9, NONE, 9]),
    "sees": np.array([SEES.index(word) for word in ("local", "all", "all", "unknown")]),
}


def test_a_receptive_field_is_the_smaller_side() -> None:
    everything = np.iinfo(np.int64).max
    assert amounts("receptive_field", FIELDS).tolist() == [7, everything, everything, NONE]
    assert amounts("params", FIELDS).tolist() == [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        (Bound("receptive_field", True, 8), [False, True, True, False]),
        (Bound("receptive_field", True, 7), [True, True, True, False]),
        (Bound("receptive_field", False, 7), [True, False, False, False]),
        (Bound("field_width", False, 8), [True, False, False, False]),
        (Bound("params", False, 30), [True, True, True, False]),
        (Bound("params", True, 30), [False, False, True, True]),
    ],
)
def test_what_is_within_a_limit(limit: Bound, allowed: list[bool]) -> None:
    """What is unknown is within none."""
    assert within([limit], FIELDS).tolist() == allowed


def test_all_limits_count() -> None:
    limits = [Bound("params", True, 20), Bound("params", False, 30)]
    assert within(limits, FIELDS).tolist() == [False, True, True, False]
    assert within([], FIELDS).all()
