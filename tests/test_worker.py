"""A process that can be lost: every way in which it may end, and what the caller then hears."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archprof.problem import ProblemError
from archprof.worker import Worker, WorkerError, WorkerLost, serve
from tests import tasks
from tests.command_line import interruptible

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds for a process to begin, on a busy machine


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker("measuring") as worker:
        yield worker


def gone(pid: int) -> bool:
    """Whether the process ends within a while."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state.split()[0] == "Z":  # only its parent's answer is missing
            return True
        time.sleep(0.05)
    return False


def test_one_process_answers_call_after_call(worker: Worker) -> None:
    first = worker.call(tasks.number, ())
    assert first == worker.call(tasks.number, ())
    assert first != os.getpid()
    worker.end(PATIENCE)
    assert gone(first)


def test_news_come_in_order_before_the_answer(worker: Worker) -> None:
    heard: list[Any] = []
    assert worker.call(tasks.count, (3,), heard.append) == "counted"
    assert heard == [0, 1, 2]


@pytest.mark.parametrize(
    ("task", "status", "message"),
    [
        (tasks.abort, "failed", "the measuring process ended by signal 6 (SIGABRT)"),
        (
            tasks.killed,
            "out_of_memory",
            "the measuring process was killed (SIGKILL), as systems do where memory ends",
        ),
        (tasks.leave, "failed", "the measuring process ended with exit code 7"),
        (tasks.real_time, "failed", "the measuring process ended by signal 36 (unnamed)"),
    ],
    ids=["abort", "killed", "leave", "real_time"],
)
def test_a_lost_process_is_said_and_replaced(
    worker: Worker, task: Any, status: str, message: str
) -> None:
    before = worker.call(tasks.number, ())
    with pytest.raises(WorkerLost) as raised:
        worker.call(task, ())
    assert (raised.value.status, str(raised.value)) == (status, message)
    assert worker.call(tasks.number, ()) != before


def test_a_process_killed_between_two_calls_is_replaced(worker: Worker) -> None:
    before = worker.call(tasks.number, ())
    os.kill(before, signal.SIGKILL)
    worker.process.join(10)  # threads of a dying process may still end
    assert gone(before)
    assert worker.call(tasks.number, ()) != before


def test_one_that_hangs_is_ended(worker: Worker) -> None:
    """The news count as a sign; then there is none."""
    worker.call(tasks.number, ())
    heard: list[int] = []
    with pytest.raises(WorkerLost) as raised:
        worker.call(tasks.hang, (), heard.append, patience=1.0)
    assert (raised.value.status, str(raised.value)) == (
        "failed",
        "the measuring process gave no sign for 1 s and was ended",
    )
    assert gone(heard[0])


def test_what_is_raised_there_is_raised_here_with_its_traceback(worker: Worker) -> None:
    before = worker.call(tasks.number, ())
    with pytest.raises(IndexError, match="a bug here") as raised:
        worker.call(tasks.raises, ())
    assert isinstance(raised.value.__cause__, WorkerError)
    assert "in raises\n" in str(raised.value.__cause__)
    assert worker.call(tasks.number, ()) == before


def test_a_problem_keeps_its_parts(worker: Worker) -> None:
    with pytest.raises(ProblemError) as raised:
        worker.call(tasks.complains, ())
    (problem,) = raised.value.problems
    assert (str(problem.mark), problem.rule, problem.message, problem.hint) == (
        "net.yaml:3:1",
        "shape",
        "does not fit",
        "leave it out",
    )


def test_what_cannot_be_sent_is_said(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="Unportable: 1 and 2"):
        worker.call(tasks.raises_unportable, ())
    with pytest.raises(Exception, match="pickle"):
        worker.call(tasks.answers_unportable, ())


def test_standard_output_and_input_are_the_callers(
    worker: Worker, capfd: pytest.CaptureFixture[str]
) -> None:
    """What a library prints goes to standard error, for on standard output is a report."""
    assert worker.call(tasks.prints, ()) == ""
    assert capfd.readouterr() == ("", "by Python\nby a library\n")


PROGRAM = """
from archprof.worker import Worker
from tests import tasks

def main():
    with Worker("measuring") as worker:
        worker.call(tasks.hang, (), lambda pid: print(pid, flush=True))

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A program whose worker hangs, and the number of that process."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(file)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=interruptible,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def test_an_interruption_ends_the_process_too(
    hanging: tuple[subprocess.Popen[str], int],
) -> None:
    """A terminal sends Ctrl-C to both; only the caller answers."""
    process, child = hanging
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert gone(child)
    assert err.count("KeyboardInterrupt") == 1
    assert "Process archprof measuring" not in err


def test_a_process_whose_caller_is_killed_ends(
    hanging: tuple[subprocess.Popen[str], int],
) -> None:
    process, child = hanging
    process.kill()
    assert gone(child)


def test_nothing_of_the_working_directory_is_run(tmp_path: Path) -> None:
    """A new process looks for multiprocessing before it has its caller's path."""
    (tmp_path / "here").mkdir()
    for name in ("multiprocessing", "pickle", "signal"):
        (tmp_path / "here" / f"{name}.py").write_text("open('run', 'w')", encoding="utf-8")
    file = tmp_path / "program.py"
    file.write_text(
        PROGRAM.replace("tasks.hang, (), lambda pid: print(pid, flush=True)", "tasks.number, ()"),
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path / "here",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "here" / "run").exists()


def test_an_answer_to_a_caller_that_left_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a command is interrupted while its worker ends a task: it prints nothing."""
    monkeypatch.setattr("archprof.worker._begin", lambda: None)
    ours, theirs = multiprocessing.Pipe()
    ours.send((_nothing, ()))
    ours.close()
    serve(theirs)


def _nothing(tell: Callable[[Any], object]) -> None:
    """Answer None."""
