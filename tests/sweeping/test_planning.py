"""What a sweep will take, and what is refused before it begins."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from archprof.problem import ProblemError
from archprof.sweeping import estimating, planning
from archprof.sweeping.engines.engine import InProcess
from archprof.sweeping.estimating import COPIES, Estimate, estimate
from archprof.sweeping.planning import PlannedSweep, made, planned, refuse_without_room
from archprof.sweeping.running import SweepJob
from archprof.sweeping.space.space import Space
from tests.sweeping.tiny import POINTS, tiny

ROW = Estimate(500, 2.0, 0.001, 200.0, 50.0, 100_000_000, True, "")


class Watched:
    def __init__(self) -> None:
        self.shards: list[int] = []

    def made(self, shard: object) -> None:
        self.shards.append(shard.number)  # type: ignore[attr-defined]

    def note(self, text: str) -> None:
        raise AssertionError(text)


@pytest.fixture
def plan(tmp_path: Path) -> PlannedSweep:
    found = planned(tiny(tmp_path), tmp_path / "a" / "b")
    return found.replaced(row=ROW)


def test_what_rows_take() -> None:
    """50,000 rows of 200 bytes, in memory so many times, beside what the process has; 50 bytes of
    each in a part.
    """
    assert ROW.memory(50_000) == 100_000_000 + COPIES * 10_000_000
    assert ROW.disk(1_000_000) == 50_000_000
    assert (ROW.per_shard, ROW.replaced(composed=False).per_shard) == (125_000, 5_000)


def test_time_is_that_of_the_trial_for_as_many_rows_and_rounds(plan: PlannedSweep) -> None:
    """500 rows take 2 s and 1,500 further ones 1.5 s, so 2,000 take 3.5 s."""
    assert ROW.time(2_000) == pytest.approx(3.5)
    job = plan.job.replaced(identity=plan.job.identity.replaced(rows=20_000, per_shard=2_000))
    ten = plan.replaced(job=job, missing=tuple(job.identity.shards()))
    assert ten.seconds(1) == pytest.approx(35)
    assert ten.seconds(4) == pytest.approx(10.5)  # three rounds of four
    assert ten.seconds(50) == pytest.approx(3.5)
    assert ten.disk == 1_000_000
    assert ten.memory == 100_000_000 + COPIES * 400_000


def test_trials_are_measured(tmp_path: Path) -> None:
    found = estimate(tiny(tmp_path))
    assert found.rows == 32  # an eighth of 96 is less
    assert found.composed
    assert found.seconds > 0
    assert found.further == found.seconds / 32  # of one trial alone nothing else is known
    assert found.in_memory > 8 * 20  # of some twenty columns of eight bytes
    assert found.on_disk > 0


class Clock:
    """A clock that says when a trial of so many rows would have begun and ended."""

    def __init__(self, seconds: dict[int, float]):
        self.seconds = seconds
        self.now, self.rows = 0.0, 0

    def perf_counter(self) -> float:
        self.now += self.seconds.get(self.rows, 0.0)
        self.rows = 0
        return self.now


@pytest.mark.parametrize(
    ("seconds", "rows", "further"),
    [
        # quick: all trials; 7,680 further rows take 0.768 s
        ({32: 0.5, 512: 0.2, 8_192: 0.968}, 8_192, 0.0001),
        # the first, which imports, takes longer than the second
        ({32: 0.5, 512: 0.2, 8_192: 0.2}, 8_192, 0.0),
        # 4 s are spent, and 480 further rows take 0.48 s: 1,000 s for a million, which is worth
        # another trial of 3.68 s more
        ({32: 1.76, 512: 2.24, 8_192: 5.92}, 8_192, 3.68 / 7_680),
        # 4 s are spent for a sweep of 10 s: 480 further rows take 0.0048 s
        ({32: 2.0, 512: 2.0048}, 512, 0.00001),
    ],
)
def test_further_rows_are_known_by_the_last_two_trials(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: dict[int, float],
    rows: int,
    further: float,
) -> None:
    clock, whole = Clock(seconds), estimating.tabulated

    def trial(space: Space, numbers: np.ndarray) -> object:  # type: ignore[type-arg]
        clock.rows = len(numbers)
        return whole(space, numbers[:8] % POINTS)

    monkeypatch.setattr(estimating, "tabulated", trial)
    monkeypatch.setattr(estimating, "time", clock)
    monkeypatch.setattr(Space, "count", 1_000_000)
    found = estimate(tiny(tmp_path))
    assert (found.rows, found.seconds) == (rows, pytest.approx(seconds[rows]))
    assert found.further == pytest.approx(further)


def test_a_trial_of_what_is_not_composed_is_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archprof.sweeping.storing.identity import Totalled

    whole = estimating.tabulated
    monkeypatch.setattr(
        estimating, "tabulated", lambda *given: (whole(*given)[0], Totalled(False, "a join"))
    )
    found = estimate(tiny(tmp_path))
    assert (found.rows, found.per_shard, found.refused) == (32, 5_000, "a join")


def test_a_disk_without_room_is_refused(
    plan: PlannedSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """96 rows of 50 bytes are 4,800."""
    refuse_without_room(plan, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=4_799))
    with pytest.raises(ProblemError, match=r"takes about 4.69 KiB, and 4.69 KiB are free"):
        refuse_without_room(plan, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=4_800))
    refuse_without_room(plan, 1)


def test_memory_without_room_is_refused(
    plan: PlannedSweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "available_bytes", lambda: plan.memory - 1)
    with pytest.raises(ProblemError, match=r"of memory, and .* are free"):
        refuse_without_room(plan, 1)
    monkeypatch.setattr(planning, "available_bytes", lambda: plan.memory)
    refuse_without_room(plan, 1)
    monkeypatch.setattr(planning, "available_bytes", lambda: None)
    refuse_without_room(plan, 1_000)


def test_a_sweep_goes_on_where_it_ended(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    folder = tmp_path / "out"
    first = planned(space, folder)
    small = first.job.replaced(identity=first.job.identity.replaced(per_shard=40))
    small.make(small.identity.shard(1))
    plan = planned(space, folder)
    assert plan.job.identity.per_shard == 40  # that of the part that is there
    assert [shard.number for shard in plan.missing] == [0, 2]
    assert plan.rows == 56
    watched = Watched()
    found, ran = made(plan, InProcess(), watched, 10)
    assert watched.shards == [0, 2]
    assert (found.stored.rows, ran.rows, ran.checked.differing) == (POINTS, 56, ())
    assert ran.checked.rows == 10
    assert ran.peak_bytes > 10_000_000
    again = planned(space, folder)
    assert (again.missing, again.row, again.rows, again.disk, again.memory) == ((), None, 0, 0, 0)


def test_another_file_of_the_space_is_noticed_by_a_worker(tmp_path: Path) -> None:
    """The network was changed after the sweep began."""
    space = tiny(tmp_path)
    job: SweepJob = planned(space, tmp_path / "out").job
    text = (tmp_path / "tiny.yaml").read_text()
    (tmp_path / "tiny.yaml").write_text(text.replace("out: 10", "out: 12"))
    other = job.replaced(origin=job.origin.replaced(file="fresh"))  # read again
    with pytest.raises(ProblemError, match="another here than where the sweep was begun"):
        other.make(job.missing()[0])


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemError, match="cannot be made: "):
        planned(tiny(tmp_path), tmp_path / "file" / "out")
