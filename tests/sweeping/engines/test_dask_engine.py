"""The engine of many machines: real schedulers and workers over TCP, kills and other losses."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import dask
import distributed  # noqa: F401 - whose defaults are there before the first change
import pytest

from archprof.problem import Problem, ProblemError
from archprof.sweeping.engines import dask_engine
from archprof.sweeping.engines.dask_engine import Dask
from archprof.sweeping.engines.engine import run_shards
from archprof.sweeping.engines.processes_engine import Processes
from tests.command_line import interruptible
from tests.sweeping.engines.clusters import PATIENCE, ROOT, Cluster, cluster, joined
from tests.sweeping.engines.jobs import Slice, Squares, parts, undisturbed
from tests.sweeping.engines.watching import Listener

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        yield found


@pytest.fixture
def two(started: Cluster) -> Cluster:
    """A scheduler with two workers; one that a test has killed is there again."""
    joined(started.address, 2)
    return started


def made(job: Squares, engine: Dask | Processes) -> list[int]:
    """The numbers of the shards that are made, in order."""
    done = run_shards(job, job.missing(), engine, Listener())
    return sorted(shard.number for shard in done)


def problem(job: Squares, engine: Dask) -> Problem:
    """The one problem of a run."""
    with pytest.raises(ProblemError) as raised:
        made(job, engine)
    (found,) = raised.value.problems
    return found


PROGRAM = """
import sys
from archprof.cli import main
from archprof.cli.options import complain
from archprof.problem import ProblemError
from archprof.sweeping.engines.dask_engine import Dask
from archprof.sweeping.engines.engine import run_shards
from tests.sweeping.engines.jobs import Squares
from tests.sweeping.engines.watching import Listener

def command():
    job = Squares(sys.argv[2], 40, seconds=0.2)
    try:
        for shard in run_shards(job, job.missing(), Dask(sys.argv[1]), Listener()):
            print(shard.number, flush=True)
    except ProblemError as error:
        return complain(error.problems)

if __name__ == "__main__":
    main._command = command
    main.run()
"""


@contextmanager
def running(address: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A command that makes forty shards in a new folder, and prints their numbers."""
    folder.mkdir()
    file = folder.with_suffix(".py")
    file.write_text(PROGRAM, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(file), address, str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=interruptible,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def first_line(process: subprocess.Popen[str]) -> None:
    """Wait until a shard is made."""
    assert process.stdout is not None
    assert process.stdout.readline()


def test_two_workers_make_what_one_process_makes(two: Cluster, tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 6, seconds=0.2)
    assert made(job, Dask(two.address)) == [0, 1, 2, 3, 4, 5]
    assert len(job.processes()) == 2
    assert parts(tmp_path) == undisturbed(job, tmp_path / "alone")


def test_a_killed_worker_loses_and_doubles_nothing(two: Cluster, tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 6, seconds=0.1, deadly=2, deaths=1)
    assert made(job, Dask(two.address)) == [0, 1, 2, 3, 4, 5]
    log = job.log()
    assert [log.count(f"made {n}\n") for n in range(6)] == [1] * 6
    assert [log.count(f"begins {n}\n") for n in range(6)] == [1, 1, 2, 1, 1, 1]
    for unfinished in tmp_path.glob("*.tmp*"):
        unfinished.unlink()
    assert parts(tmp_path) == undisturbed(job, tmp_path / "alone")


def test_a_shard_that_kills_every_worker_is_named(two: Cluster, tmp_path: Path) -> None:
    """The tests' scheduler gives a shard up after two workers, others after four."""
    found = problem(Squares(str(tmp_path), 6, deadly=1, deaths=100), Dask(two.address))
    assert str(found.mark) == two.address
    assert found.message.startswith(
        "shard 1 (rows 1,000 to 1,999) cannot be made: 2 workers ended while they had it, the last"
        " was tcp://127.0.0.1:"
    )
    assert "run the same command again" in found.hint


def test_the_problem_of_a_job_is_reported_once(two: Cluster, tmp_path: Path) -> None:
    found = problem(Squares(str(tmp_path), 4, faulty=0), Dask(two.address))
    assert (str(found.mark), found.message) == ("space.yaml:3:1", "no such width")


@pytest.mark.slow
def test_a_lost_scheduler_is_reported_and_the_run_resumed(tmp_path: Path) -> None:
    """With what is left it is resumed by processes of this machine: the parts are the same."""
    out, folder = tmp_path / "out", tmp_path / "cluster"
    folder.mkdir()
    with cluster(folder, workers=1) as started, running(started.address, out) as process:
        first_line(process)
        started.scheduler.kill()
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (
        2,
        f"{started.address}: error: the scheduler is lost, or has dropped this work [engine]\n"
        "  hint: run the same command again: what is made is kept, and only the rest is made\n",
    )
    there = {name for name in parts(out) if ".tmp" not in name}
    assert 1 <= len(there) < 40
    job = Squares(str(out), 40)
    assert len(made(job, Processes(2))) == 40 - len(there)
    assert [job.log().count(f"made {n}\n") for n in range(40)] == [1] * 40
    for unfinished in out.glob("*.tmp*"):
        unfinished.unlink()
    assert parts(out) == undisturbed(job, tmp_path / "alone")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (
            "tcp://127.0.0.1:9",
            "no scheduler answers: Timed out trying to connect to tcp://127.0.0.1:9 after 0.2 s",
        ),
        ("10.0.0.1", "it is not the address of a scheduler, expected PROTOCOL://HOST:PORT"),
        (
            "http://10.0.0.1:80",
            "it is not the address of a scheduler, expected PROTOCOL://HOST:PORT",
        ),
        ("tls://127.0.0.1:9", "TLS needs certificates, and Dask's configuration names none"),
    ],
)
def test_no_scheduler(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], address: str, why: str
) -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": "200ms"}):
        found = problem(Squares(str(tmp_path), 1), Dask(address))
    gc.collect()  # a client that was not closed complains when it is deleted
    assert (str(found.mark), found.message) == (address, why)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("address", "settings", "why"),
    [
        (
            "tcp://127.0.0.1:9",
            {"distributed.comm.require-encryption": True},
            "Dask's configuration requires encryption, which this protocol has not",
        ),
        (
            "tls://127.0.0.1:9",
            {
                "distributed.comm.tls.ca-file": "/none/ca.pem",
                "distributed.comm.tls.client.cert": "/none/cert.pem",
            },
            "the certificates that Dask's configuration names cannot be read: [Errno 2] No such"
            " file or directory",
        ),
    ],
    ids=["encryption", "certificates"],
)
def test_a_configuration_that_refuses(
    tmp_path: Path, address: str, settings: dict[str, object], why: str
) -> None:
    with dask.config.set(settings):
        assert problem(Squares(str(tmp_path), 1), Dask(address)).message == why


def test_no_dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = problem(Squares(str(tmp_path), 1), Dask("tcp://127.0.0.1:9"))
    assert found.message.startswith("the package distributed cannot be imported: ")
    assert found.hint == "pip install 'archprof[dask]'"


def test_other_versions_are_refused_before_anything_is_made(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_engine, "here", lambda: {"archprof": "9.9", "none-such": "1.0"})
    job = Squares(str(tmp_path), 1)
    found = problem(job, Dask(two.address))
    assert found.message.endswith("instead of 9.9, none-such is missing instead of 1.0")
    assert found.message.startswith("the worker tcp://127.0.0.1:")
    assert " and 2 more: archprof is " in found.message
    assert job.log() == ""


def test_a_worker_that_joins_later_compares_itself(tmp_path: Path) -> None:
    job = Squares(str(tmp_path), 1)
    with pytest.raises(ProblemError, match=r"archprof is .* instead of 9\.9"):
        dask_engine._make(job.shards[0], job, {"archprof": "9.9"})
    assert job.log() == ""


def test_work_that_is_unknown_there(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job is of a module that no other machine has."""
    module = ModuleType("only_here")
    exec("from tests.sweeping.engines.jobs import Squares\nclass New(Squares): pass", vars(module))
    monkeypatch.setitem(sys.modules, "only_here", module)
    found = problem(module.New(str(tmp_path), 1), Dask(two.address))
    assert found.message == (
        "a machine there does not understand the work: No module named 'only_here'"
    )
    assert found.hint.startswith("on all machines, the scheduler's too: pip install archprof==")


class Unimportable:
    """The future of a shard for which a worker lacks a module."""

    def __init__(self, name: str):
        self.name = name

    def result(self) -> str:
        raise ModuleNotFoundError(f"No module named '{self.name}'", name=self.name)


def test_a_worker_without_archprof() -> None:
    """One without another module of the job's is no matter of versions."""
    shard = Squares("out", 1).shards[0]
    with pytest.raises(ProblemError, match=r"does not understand the work: No module named 'arch"):
        Dask("tcp://a:1")._result(Unimportable("archprof.sweeping"), shard)
    with pytest.raises(ModuleNotFoundError):
        Dask("tcp://a:1")._result(Unimportable("torch"), shard)


class Elsewhere(Squares):
    """Its folder is one of this machine alone: what is written there is not seen here."""

    def missing(self) -> list[Slice]:
        return self.shards


def test_a_folder_that_is_not_shared(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_engine, "APPEARS", 0.1)
    found = problem(Elsewhere(str(tmp_path), 2), Dask(two.address))
    assert "wrote its part, and it does not appear in the folder here" in found.message
    assert "put it on a disk that all share" in found.hint


class Starts(Listener):
    """Starts two workers when it is noted that there is none; one of them has a GPU."""

    def __init__(self, started: Cluster):
        super().__init__()
        self.started = started

    def note(self, text: str) -> None:
        super().note(text)
        self.started.worker()
        self.started.worker("--resources", "GPU=1")


@pytest.mark.slow
def test_workers_may_come_later_and_must_have_the_resources(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    job = Squares(str(out), 3, seconds=0.1)
    with cluster(tmp_path, workers=0) as started:
        listener = Starts(started)
        engine = Dask(started.address, {"GPU": 1})
        assert len(list(run_shards(job, job.shards, engine, listener))) == 3
    assert listener.notes == [f"no worker has joined {started.address} yet"]
    assert len(job.processes()) == 1


def test_ctrl_c_drops_what_has_not_begun(two: Cluster, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with running(two.address, out) as process:
        first_line(process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "interrupted\n")
    job = Squares(str(out), 40)
    while job.log().count("begins") > job.log().count("made"):  # what has begun is finished
        time.sleep(0.05)
    done = parts(out)
    assert 1 <= len(done) < 40
    assert done.items() <= undisturbed(job, tmp_path / "alone").items()
