"""A real sweep whose worker is killed in the middle: its parts are those of a run without, to the
byte.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from archprof.sweeping.engines.dask_engine import Dask
from archprof.sweeping.engines.engine import Engine, InProcess, run_shards
from archprof.sweeping.engines.processes_engine import Processes
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.storing.identity import Shard
from tests.sweeping.engines.clusters import cluster
from tests.sweeping.engines.watching import Listener
from tests.sweeping.tiny import POINTS, tiny

SHARD = 24  # rows; the tiny space has 96


class KilledOnce(SweepJob):
    """Its second shard kills the first process that has it."""

    def make(self, shard: Shard) -> None:
        mark = self.folder / "killed"
        if shard.number == 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().make(shard)


def parts(job: SweepJob, engine: Engine) -> dict[str, bytes]:
    """The parts of a sweep, made by an engine."""
    job.folder.mkdir()
    done = list(run_shards(job, job.missing(), engine, Listener()))
    assert len(done) == POINTS / SHARD
    return {file.name: file.read_bytes() for file in job.folder.glob("*.parquet")}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_a_killed_worker_changes_no_byte(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    origin, identity = origin_of(space), identity_of(space, SHARD)
    (tmp_path / "cluster").mkdir()
    whole = parts(SweepJob(tmp_path / "whole", origin, identity), InProcess())
    killed = KilledOnce(tmp_path / "processes", origin, identity)
    assert parts(killed, Processes(2)) == whole
    with cluster(tmp_path / "cluster", workers=2) as started:
        killed = KilledOnce(tmp_path / "dask", origin, identity)
        assert parts(killed, Dask(started.address)) == whole
    found = open_folder(tmp_path / "dask")
    assert found is not None
    assert found.rows == POINTS
