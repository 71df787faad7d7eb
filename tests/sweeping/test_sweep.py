"""A sweep: its table, and what is asked of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.loaded import Loaded
from archprof.problem import ProblemError
from archprof.sweeping import sweep as module
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.sweep import Sweep
from tests.sweeping.tiny import DROPPED, INVALID, POINTS, tiny


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    """A sweep in three parts."""
    space = tiny(tmp_path)
    job = SweepJob(tmp_path, origin_of(space), identity_of(space, 40))
    for shard in job.missing():
        job.make(shard)
    stored = open_folder(tmp_path)
    assert stored is not None
    return Sweep(stored, space)


def test_the_table_has_all_rows(sweep: Sweep) -> None:
    assert sweep.table["row"].to_pylist() == list(range(POINTS))
    assert sweep.table.schema.metadata is None
    assert len(sweep.to_pandas()) == POINTS
    assert sweep.parameters == ("depths.0", "depths.1", "width", "gated")


def test_invalid_rows_and_their_reasons(sweep: Sweep) -> None:
    assert sweep.reasons == {"shape": INVALID, "where": DROPPED}
    assert sweep.invalid.num_rows == INVALID + DROPPED
    names = ["row", "depths.0", "depths.1", "width", "gated", "why", "message"]
    assert sweep.invalid.column_names == names
    assert None not in sweep.invalid["message"].to_pylist()


def test_conditions_are_added_one_to_the_other(sweep: Sweep) -> None:
    narrow = sweep.where("depths.0 == 2").where("width <= 8")
    rows = narrow.to_pandas()
    assert set(rows["depths.0"]) == {2}
    assert set(rows["width"]) == {4, 8}
    assert len(sweep.table) == POINTS  # which is as it was


def test_answers_stay_within_the_budget(sweep: Sweep) -> None:
    """The budget is 10,000 parameters; the table has what is beyond it too."""
    assert max(sweep.front("min macs", "max params")["params"].to_pylist()) <= 10_000
    (largest,) = sweep.best("max params", count=1).to_pylist()
    within = [row for row in sweep.table["params"].to_pylist() if row and row <= 10_000]
    assert largest["params"] == max(within)
    assert max(filter(None, sweep.table["params"].to_pylist())) > 10_000


def test_the_front_is_the_spaces_own_where_nothing_is_asked(sweep: Sweep) -> None:
    assert sweep.front() == sweep.front("min macs", "max params")
    assert sweep.front("min macs")["row"].to_pylist() == [0]


def test_a_row_is_a_network(sweep: Sweep) -> None:
    assert Loaded(sweep.network(11)).analyze().totals.params == sweep.table["params"][11].as_py()
    with pytest.raises(ProblemError) as error:
        sweep.network(90)  # depths [3, 4] are more than 6
    assert "row 90 has no network: `sum($depths) <= 6` is false" in str(error.value)
    with pytest.raises(ProblemError, match="there is no row 96"):
        sweep.network(96)


def test_what_needs_the_space(sweep: Sweep) -> None:
    alone = sweep.replaced(space=None)
    assert alone.front("min macs").num_rows == 1
    for ask in (alone.network, alone.steps):
        with pytest.raises(ProblemError, match="need the space, and this is its table alone"):
            ask(3)


def test_what_does_not_fit_into_the_memory_is_refused(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """96 rows, so many columns of 8 bytes, twice."""
    needed = 2 * 8 * 96 * len(sweep.stored.columns)
    monkeypatch.setattr(module, "available_bytes", lambda: needed - 1)
    with pytest.raises(ProblemError, match="96 rows take about"):
        _ = sweep.table
    assert sweep.front("min macs").num_rows == 1
    monkeypatch.setattr(module, "available_bytes", lambda: needed)
    assert sweep.table.num_rows == 96
