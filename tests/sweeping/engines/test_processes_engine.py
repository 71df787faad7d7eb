"""The engine of processes: kills, poison, signals; the parts are those of a run without them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.engines.engine import run_shards
from archprof.sweeping.engines.processes_engine import Processes
from tests.command_line import interruptible
from tests.sweeping.engines.jobs import Squares, parts, undisturbed
from tests.sweeping.engines.watching import Listener
from tests.test_worker import gone

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0  # seconds for a process to begin, on a busy machine


def made(job: Squares, workers: int) -> list[int]:
    """The numbers of the shards that are made, in order."""
    done = run_shards(job, job.missing(), Processes(workers), Listener())
    return sorted(shard.number for shard in done)


def test_two_make_what_one_makes(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 4, seconds=0.2)
    assert made(job, 2) == [0, 1, 2, 3]
    assert parts(tmp_path) == undisturbed(job, tmp_path / "alone")
    assert os.getpid() not in job.processes()
    assert all(map(gone, job.processes()))


def test_no_more_processes_than_shards(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 1)
    assert made(job, 50) == [0]
    assert made(job, 50) == []  # nothing is missing


def test_a_killed_process_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """SIGKILL comes twice, both times when half of the part is written."""
    job = Squares(str(tmp_path), 4, deadly=1, deaths=2)
    assert made(job, 2) == [0, 1, 2, 3]
    log = job.log()
    assert [log.count(f"begins {n}\n") for n in range(4)] == [1, 3, 1, 1]
    assert [log.count(f"made {n}\n") for n in range(4)] == [1, 1, 1, 1]
    for unfinished in tmp_path.glob("*.tmp*"):  # SIGKILL leaves them; whole parts have other names
        unfinished.unlink()
    assert parts(tmp_path) == undisturbed(job, tmp_path / "alone")


def test_a_shard_that_kills_every_process_is_named(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 4, deadly=1, deaths=100)
    with pytest.raises(ProblemError) as raised:
        made(job, 1)
    (problem,) = raised.value.problems
    assert str(problem.mark) == "--workers"
    assert problem.message == (
        "shard 1 (rows 1,000 to 1,999) cannot be made: 3 processes ended over it, the last so: the"
        " sweeping process was killed (SIGKILL), as systems do where memory ends"
    )
    assert problem.hint == (
        "fewer --workers, each of which needs memory; run the same command again: what is made is"
        " kept, and only the rest is made"
    )
    assert job.log().count("begins 1\n") == 3


def test_a_shard_that_every_process_leaves_is_named(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 2, deadly=1, deaths=100, leaves=7)
    with pytest.raises(ProblemError) as raised:
        made(job, 1)
    (problem,) = raised.value.problems
    assert problem.message.endswith("the last so: the sweeping process ended with exit code 7")
    assert "under `if __name__ == '__main__':`" in problem.hint


def test_the_problem_of_a_job_is_reported_once(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 4, faulty=0)
    with pytest.raises(ProblemError) as raised:
        made(job, 2)
    (problem,) = raised.value.problems
    assert (str(problem.mark), problem.message) == ("space.yaml:3:1", "no such width")


PROGRAM = """
import sys
from archprof.cli import main
from archprof.sweeping.engines.engine import run_shards
from archprof.sweeping.engines.processes_engine import Processes
from tests.sweeping.engines.jobs import Squares
from tests.sweeping.engines.watching import Listener

def command():
    job = Squares(sys.argv[1], 40, seconds=0.5)
    for shard in run_shards(job, job.missing(), Processes(2), Listener()):
        print(shard.number, flush=True)

if __name__ == "__main__":
    main._command = command
    main.run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_signal_ends_all_and_leaves_whole_parts(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """A terminal sends Ctrl-C to all processes, others send theirs to the command alone."""
    file, folder = tmp_path / "program.py", tmp_path / "out"
    file.write_text(PROGRAM, encoding="utf-8")
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, str(file), str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=interruptible,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (
        code,
        "interrupted\n" if number == signal.SIGINT else "terminated\n",
    )
    job = Squares(str(folder), 40)
    assert all(map(gone, job.processes()))
    done = parts(folder)
    assert 1 <= len(done) < 40
    whole = undisturbed(job, tmp_path / "alone")
    assert done.items() <= whole.items()
