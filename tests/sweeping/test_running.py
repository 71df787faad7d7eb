"""What decides a sweep, and how it is sent to other processes."""

from __future__ import annotations

import pickle
from pathlib import Path

from archprof.sweeping.running import SweepJob, bound_text, identity_of, origin_of, read_again
from archprof.sweeping.space.bounds import Bound
from archprof.sweeping.wanted_sample import with_sample
from tests.sweeping.tiny import SPACE, tiny


def test_a_job_is_the_same_in_another_process(tmp_path: Path) -> None:
    space = with_sample(tiny(tmp_path), 50, 3)
    job = SweepJob(tmp_path, origin_of(space), identity_of(space, 20))
    sent = pickle.loads(pickle.dumps(job))
    assert sent == job
    assert hash(sent) == hash(job)
    again = read_again(sent.origin)
    assert again.hash == space.hash == job.identity.digest
    assert again.sample == space.sample


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    """A shard is a function of the job and itself: another folder, another object, one text."""
    space = tiny(tmp_path)
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        job = SweepJob(tmp_path / name, origin_of(space), identity_of(space, 40))
        job.make(job.identity.shard(1))
        contents.append((tmp_path / name / "part-00001.parquet").read_bytes())
    assert contents[0] == contents[1]


def test_what_decides_rows(tmp_path: Path) -> None:
    one = identity_of(tiny(tmp_path), 40)
    other = identity_of(tiny(tmp_path, SPACE.replace("4..16", "4..20")), 40)
    assert one.digest != other.digest
    assert (one.name, one.rows, other.rows) == ("tiny_space", 96, 120)


def test_a_budget_in_words() -> None:
    assert bound_text(Bound("params", False, 40_000_000)) == "params <= 40000000"
    assert bound_text(Bound("receptive_field", True, 224)) == "receptive_field >= 224"
