"""Answers over parts are those over the whole table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archprof.sweeping.answering.asking import best_rows, pages_that_meet, rows_of_front
from archprof.sweeping.answering.filters import condition
from archprof.sweeping.answering.objectives import objectives
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.storing.folder import Stored, open_folder
from tests.sweeping.tiny import POINTS, tiny


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """A sweep in parts of 13 rows."""
    space = tiny(tmp_path)
    job = SweepJob(tmp_path, origin_of(space), identity_of(space, 13))
    for shard in job.missing():
        job.make(shard)
    found = open_folder(tmp_path)
    assert found is not None
    return found


def valid(stored: Stored) -> list[dict[str, int]]:
    return [row for row in stored.taken(range(POINTS)).to_pylist() if row["why"] is None]


@pytest.mark.parametrize(
    "text", ["min macs", "min macs, max params", "max depth, min peak_memory, max field_width"]
)
def test_fronts(stored: Stored, text: str) -> None:
    wanted = objectives(text, stored.columns)

    def costs(row: dict[str, int]) -> tuple[int, ...]:
        names = {"peak_memory": "peak_inference_bytes"}
        return tuple(
            (-1 if one.most else 1) * row[names.get(one.quantity, one.quantity)] for one in wanted
        )

    def beaten(row: dict[str, int]) -> bool:
        return any(
            costs(other) != costs(row)
            and all(a <= b for a, b in zip(costs(other), costs(row), strict=True))
            for other in rows
        )

    rows = valid(stored)
    expected = sorted((row for row in rows if not beaten(row)), key=lambda r: (costs(r), r["row"]))
    assert rows_of_front(stored, wanted, []).tolist() == [row["row"] for row in expected]


def test_the_best_under_limits(stored: Stored) -> None:
    """The deepest of at most 5,000 parameters, of equal ones the one of fewest MACs."""
    wanted = objectives("max depth, min macs", stored.columns)
    filters = [condition("params <= 5K", stored.known), condition("not gated", stored.known)]
    rows = [row for row in valid(stored) if row["params"] <= 5_000 and not row["gated"]]
    rows.sort(key=lambda row: (-row["depth"], row["macs"], row["row"]))
    found = best_rows(stored, wanted, filters, 7)
    assert found.tolist() == [row["row"] for row in rows[:7]]
    assert len(best_rows(stored, wanted, filters, 1_000)) == len(rows)


def test_nothing_meets_a_limit(stored: Stored) -> None:
    wanted = objectives("min macs, max params", stored.columns)
    nothing = [condition("params < 0", stored.known)]
    assert rows_of_front(stored, wanted, nothing).tolist() == []
    assert best_rows(stored, wanted, nothing, 3).tolist() == []


def test_only_the_names_that_are_asked_for_are_given(stored: Stored) -> None:
    filters = [condition("receptive_field > 7 and max(depths) == 2", stored.known)]
    pages = list(pages_that_meet(stored, ["macs"], filters))
    assert {name for page in pages for name in page.values} == {"macs"}
    rows = np.concatenate([page.rows for page in pages]).tolist()
    expected = [
        row["row"]
        for row in valid(stored)
        if row["field_width"] > 7 and max(row["depths.0"], row["depths.1"]) == 2
    ]
    assert rows == expected
    assert expected
