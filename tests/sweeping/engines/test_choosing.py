"""Which engine makes a sweep."""

from __future__ import annotations

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.engines import choosing
from archprof.sweeping.engines.choosing import chosen_engine, process_count
from archprof.sweeping.engines.dask_engine import Dask
from archprof.sweeping.engines.engine import Engine, InProcess
from archprof.sweeping.engines.processes_engine import Processes


@pytest.mark.parametrize(
    ("shards", "workers", "expected"),
    [
        (40, None, Processes(4)),  # a process for each core
        (3, None, Processes(3)),  # and none without a shard
        (1, None, InProcess()),
        (0, None, InProcess()),
        (40, 1, InProcess()),
        (40, 9, Processes(9)),
    ],
)
def test_processes(
    monkeypatch: pytest.MonkeyPatch, shards: int, workers: int | None, expected: Engine
) -> None:
    monkeypatch.setattr(choosing, "cores", lambda: 4)
    assert chosen_engine(shards, workers) == expected
    assert process_count(shards, workers) == getattr(expected, "workers", 1)


def test_dask() -> None:
    assert chosen_engine(1, dask="tcp://a:1") == Dask("tcp://a:1")
    found = chosen_engine(1, dask="tcp://a:1", resources={"GPU": 1})
    assert found == Dask("tcp://a:1", {"GPU": 1})
    with pytest.raises(ProblemError, match="--dask brings workers of its own"):
        chosen_engine(1, workers=2, dask="tcp://a:1")
