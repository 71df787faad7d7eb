"""`archprof.sweep`: made, opened, and its rows loaded."""

from __future__ import annotations

import gc
import sys
import tempfile
from pathlib import Path

import pytest

import archprof
from archprof.sweeping import extra, planning
from archprof.sweeping.checking import Checked, Discrepancy
from tests.sweeping.engines.clusters import cluster
from tests.sweeping.tiny import POINTS, tiny


@pytest.fixture
def space(tmp_path: Path) -> Path:
    tiny(tmp_path)
    return tmp_path / "space.yaml"


def test_a_row_is_loaded(space: Path) -> None:
    swept = archprof.sweep(space)
    assert repr(swept) == "<archprof sweep tiny_space: 96 variants>"
    (row,) = swept.best("max depth", "min macs", count=1).to_pylist()
    net = swept.load(row["row"])
    assert net.analyze().totals.macs == row["macs"]
    with pytest.raises(archprof.ProblemError, match="cannot take"):
        swept.load(24)


def test_conditions_keep_what_can_be_loaded(space: Path) -> None:
    narrow = archprof.sweep(space).where("width == 4")
    assert narrow.load(0).analyze().totals.params == 498


def test_a_sample_of_a_seed(space: Path) -> None:
    one = archprof.sweep(space, sample=40, seed=7)
    other = archprof.sweep(str(space), sample="40", seed=7)
    assert one.table.num_rows == 40
    assert one.table == other.table
    assert one.table != archprof.sweep(space, sample=40, seed=8).table


def test_several_processes_give_the_same(
    space: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning.Estimate, "per_shard", 40)
    one = archprof.sweep(space, out=tmp_path / "one")
    two = archprof.sweep(space, out=tmp_path / "two", workers=2)
    for shard in one.stored.shards:
        files = [sweep.stored.folder / shard.file for sweep in (one, two)]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert len(one.stored.shards) == 3


def test_a_folder_is_opened_and_continued(space: Path, tmp_path: Path) -> None:
    archprof.sweep(space, out=tmp_path / "out")
    opened = archprof.sweep(tmp_path / "out")
    assert opened.table.num_rows == POINTS
    with pytest.raises(archprof.ProblemError, match="need the space"):
        opened.load(0)
    again = archprof.sweep(space, out=tmp_path / "out")
    assert again.load(0).analyze().totals.params == 498
    with pytest.raises(archprof.ProblemError, match="no part of a sweep"):
        archprof.sweep(tmp_path)


def test_other_values_than_the_spaces(space: Path) -> None:
    """Two numbers of first blocks, by twice two blocks, as those of the file; gated or not."""
    found = archprof.sweep(space, set={"width": [4, 12], "depths": "[1..2, 2]", "gated": [True]})
    rows = found.table.to_pylist()
    assert [(row["width"], row["depths.0"], row["depths.1"]) for row in rows] == [
        (4, 1, 2),
        (12, 1, 2),
        (4, 2, 2),
        (12, 2, 2),
    ]
    assert {row["gated"] for row in rows} == {True}
    own = archprof.load(space.parent / "tiny.yaml", depths=[2, 2], width=12, gated=True)
    assert rows[3]["params"] == own.analyze().totals.params


@pytest.mark.parametrize("option", ["sample", "seed", "workers"])
def test_an_opened_folder_is_not_made(space: Path, tmp_path: Path, option: str) -> None:
    archprof.sweep(space, out=tmp_path / "out")
    with pytest.raises(archprof.ProblemError, match=f"--{option}: .*nothing is made"):
        archprof.sweep(tmp_path / "out", **{option: 2})


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_workers_of_dask(space: Path, tmp_path: Path) -> None:
    here = archprof.sweep(space)
    with cluster(tmp_path, workers=1) as found:
        there = archprof.sweep(space, dask=found.address, out=tmp_path / "out")
    assert there.table == here.table
    with pytest.raises(archprof.ProblemError, match="and none is given"):
        archprof.sweep(space, dask=found.address)
    with pytest.raises(archprof.ProblemError, match="give one of them"):
        archprof.sweep(space, dask=found.address, workers=2, out=tmp_path / "both")


def test_a_temporary_table_goes_with_its_sweep(
    space: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    swept = archprof.sweep(space)
    narrow = swept.where("width == 4")
    del swept
    gc.collect()
    assert narrow.table.num_rows == 18  # which still lies there
    del narrow
    gc.collect()
    assert list(folder.iterdir()) == []
    with pytest.raises(archprof.ProblemError):
        archprof.sweep(space, sample=1_000)
    assert list(folder.iterdir()) == []


def test_a_difference_is_an_error(space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Checked(64, (Discrepancy(3, "macs", 5, 6),))
    monkeypatch.setattr(planning, "checked", lambda *given: found)
    with pytest.raises(archprof.ProblemError, match="row 3 has macs 5, in full 6"):
        archprof.sweep(space)


def test_what_is_not_installed_is_said(space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "pyarrow" else name)
    with pytest.raises(archprof.ProblemError, match="a sweep needs pyarrow, not installed here"):
        archprof.sweep(space)
