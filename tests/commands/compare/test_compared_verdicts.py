"""Verdicts as data: of runs made of paper, row by row."""

from __future__ import annotations

import math

import pytest

from archprof.commands.compare.compared_verdicts import (
    loaded_differences,
    loaded_verdicts,
    matched,
    measured_verdicts,
)
from tests.commands.measure.runs import row, run, turns

ABOUT = {
    "of": "new",
    "against": "old",
    "network": "net",
    "input": [3, 8, 8],
    "batch": 1,
    "dtype": "float32",
    "memory_format": "contiguous",
    "mode": "eager",
    "train": False,
    "autocast": False,
    "optimizer": None,
}


def test_rows_are_matched_by_all_of_their_conditions() -> None:
    """In the order in which they come up; a run that lacks one has None."""
    small, large, half = row(), row(batch=2), row(dtype="float16")
    assert matched([run(small, large), run(half, small)]) == [
        [small, small],
        [large, None],
        [None, half],
    ]


def test_each_later_run_against_the_first() -> None:
    """1 ms and 4 ms against 2 ms, each known within 1 %: half and twice, within as much as two
    sides of a right triangle.
    """
    old, new, newer = (run(row(latency_ms=time)) for time in (2.0, 1.0, 4.0))
    first, second = loaded_verdicts([old, new, newer], ["old", "new", "newer"])
    below = math.exp(-math.hypot(math.log(1 / 0.99), math.log(1.01)))
    above = math.exp(math.hypot(math.log(1.01), math.log(1 / 0.99)))
    assert first == ABOUT | {
        "verdict": "faster",
        "ratio": 0.5,
        "low": pytest.approx(0.5 * below),
        "high": pytest.approx(0.5 * above),
        "reason": "",
    }
    assert (second["of"], second["against"]) == ("newer", "old")
    assert (second["verdict"], second["ratio"]) == ("slower", 2.0)


def test_what_one_run_lacks_has_no_verdict() -> None:
    old, new = run(row(), row(batch=2)), run(row(batch=2), row(batch=4))
    assert [found["batch"] for found in loaded_verdicts([old, new], ["old", "new"])] == [2]


def test_autocast_of_earlier_versions_was_none() -> None:
    both = [run(row(autocast=True)), run(row(autocast=True))]
    assert [found["autocast"] for found in loaded_verdicts(both, ["a", "b"])] == [True]


def test_what_differs_is_told_of_each_later_run() -> None:
    runs = [run(row()), run(row(), device="Another"), run(row())]
    assert loaded_differences(runs, ["a", "b", "c"]) == {
        "b": ["name: Paper CPU against Another"],
        "c": [],
    }


def test_networks_that_took_turns_are_held_against_the_first() -> None:
    names = {"a": 2.0, "b": 1.0, "c": 4.0}
    rows = turns(*(row(network=name, latency_ms=time) for name, time in names.items()))
    found = measured_verdicts(run(*rows, row(network="alone")))
    assert [
        (one["of"], one["against"], one["verdict"], one["ratio"], one["low"]) for one in found
    ] == [
        ("b", "a", "faster", 0.5, pytest.approx(0.5 / 1.02)),
        ("c", "a", "slower", 2.0, pytest.approx(2 / 1.02)),
    ]
    assert {one["network"] for one in found} == {"b", "c"}
