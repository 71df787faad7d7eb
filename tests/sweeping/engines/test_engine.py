"""Shards made by an engine: what they promise whichever engine it is, on the one that is here."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from archprof.allowance import Allowance, check, current
from archprof.limits import Limits
from archprof.problem import ProblemError
from archprof.sweeping.engines.engine import InProcess, kept, run_shards
from tests.sweeping.engines.jobs import ROWS, Slice, Squares, parts
from tests.sweeping.engines.watching import Listener


def test_every_shard_is_made_and_shown_once(tmp_path: Path) -> None:
    job, listener = Squares(str(tmp_path), 3), Listener()
    done = list(run_shards(job, job.shards, InProcess(), listener))
    assert done == job.shards
    assert listener.numbers == [0, 1, 2]
    assert job.missing() == []
    assert parts(tmp_path)["part-00002"].startswith(b"2000 4000000\n")


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 3)
    job.make(job.shards[1])
    assert list(run_shards(job, job.missing(), InProcess(), Listener())) == [
        Slice(0, 0, ROWS),
        Slice(2, 2 * ROWS, 3 * ROWS),
    ]
    assert job.log().count("made 1\n") == 1


def test_the_problem_of_a_job_ends_the_run_and_leaves_whole_parts(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 4, faulty=2)
    with pytest.raises(ProblemError) as raised:
        list(run_shards(job, job.shards, InProcess(), Listener()))
    assert [str(one.mark) for one in raised.value.problems] == ["space.yaml:3:1"]
    assert parts(tmp_path).keys() == {"part-00000", "part-00001"}


class Looks(Squares):
    """Says which limits it finds."""

    def make(self, shard: Slice) -> None:
        with Path(self.folder, "log").open("a", encoding="utf-8") as file:
            file.write("free\n" if current() is None else "limited\n")


def test_the_limits_of_the_command_do_not_count(tmp_path: Path) -> None:
    """A hundredth of a second is over after the first shard; a variant has limits of its own."""
    job = Looks(str(tmp_path), 2)
    with Allowance(Limits(seconds=0.001)):  # and ten times as much in all
        for _ in run_shards(job, job.shards, InProcess(), Listener()):
            time.sleep(0.02)
            check()
    assert job.log() == "free\nfree\n"


def test_an_equal_job_is_the_one_that_came_first() -> None:
    first = Squares("here", 1)
    assert kept(first) is first
    assert kept(Squares("here", 1)) is first
    assert kept(Squares("there", 1)) is not first
