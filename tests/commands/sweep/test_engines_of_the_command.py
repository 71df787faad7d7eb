"""`archprof sweep` by one process, by two and by a Dask worker, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.sweeping.engines.clusters import cluster
from tests.sweeping.tiny import tiny

ADDRESS = "tcp://10.0.0.1:8786"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_the_same_folder_by_a_dask_worker(run: Run, tmp_path: Path) -> None:
    tiny(tmp_path)
    space, folders = tmp_path / "space.yaml", [tmp_path / "here", tmp_path / "there"]
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", workers=1) as started:
        here = run("sweep", space, "-o", folders[0], "--workers", 1, "--format", "csv")
        there = run("sweep", space, "-o", folders[1], "--dask", started.address, "--format", "csv")
    assert (here.code, there.code) == (0, 0)
    assert here.out == there.out
    assert f"on the workers of {started.address}" in there.err
    contents = [{part.name: part.read_bytes() for part in folder.iterdir()} for folder in folders]
    assert contents[0] == contents[1]
    assert list(contents[0]) == ["part-00000.parquet"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--dask", ADDRESS, "--workers", 2], "--dask brings workers of its own"),
        (
            ["--dask", "node1"],
            "it is not the address of a scheduler, expected PROTOCOL://HOST:PORT",
        ),
    ],
)
def test_refused(run: Run, tmp_path: Path, options: list[object], expected: str) -> None:
    tiny(tmp_path)
    done = run("sweep", tmp_path / "space.yaml", "-o", tmp_path / "out", *options)
    assert (done.code, done.out) == (2, "")
    assert expected in done.err
    assert list((tmp_path / "out").iterdir()) == []
