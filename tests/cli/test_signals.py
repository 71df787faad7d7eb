"""Signals to real processes: Ctrl-C, SIGTERM and SIGHUP leave no traceback, no child and no
file, and the exit code names them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command_line import interruptible

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PATIENCE = 60.0  # seconds, for a machine with much other work; as a rule it is hundredths
CODES = [
    (signal.SIGINT, 130, "interrupted\n"),
    (signal.SIGTERM, 143, "terminated\n"),
    (signal.SIGHUP, 129, "hung up\n"),
]
BEGIN = "import os, signal, sys, time\nfrom archprof.cli.main import run\n"
HEARD = "def ready(): os.write(1, b'ready\\n')\n"


def started(program: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that runs this program; every signal reaches it, also where the tests run in a
    shell's background.
    """

    def listening() -> None:
        interruptible()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            BEGIN + HEARD + f"sys.argv = ['archprof', *{list(arguments)!r}]\n" + program,
        ],
        preexec_fn=listening,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def until(condition: object) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():  # type: ignore[operator] - a function
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("number", "code", "said"), CODES, ids=[number.name for number, _, _ in CODES]
)
def test_at_work(number: signal.Signals, code: int, said: str) -> None:
    process = started(
        "from archprof.commands.summary import catalogue\n"
        "catalogue.catalogue = lambda *_: (ready(),"
        " time.sleep(600))\nrun()",
        "list",
    )
    ready(process)
    process.send_signal(number)
    assert process.communicate(timeout=PATIENCE) == ("", said)
    assert process.returncode == code


@pytest.mark.parametrize(
    "module",
    [
        "typer.main",
        "yaml",
        "archprof.cli.application",
        "archprof.show.terminal",
        "archprof.language.expand",
    ],
)
@pytest.mark.parametrize(
    "how",
    [
        "",
        "except BaseException: pass",
        "except BaseException as error: raise SystemError('in C') from error",
    ],
    ids=["raised", "swallowed", "made another"],
)
def test_while_a_library_is_imported(module: str, how: str) -> None:
    """The import swallows the interruption, as torch's may, or ends in another error; the exit
    code is that of the signal all the same.
    """
    finder = f"""
import importlib.abc
class Interrupted(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
            {how or "finally: pass"}
sys.meta_path.insert(0, Interrupted())
for name in list(sys.modules):
    if name == {module!r} or name.startswith({module + "."!r}):
        del sys.modules[name]
run()
"""
    words = ["--help"] if module == "typer.main" else ["summary", "alexnet"]
    process = started(finder, *words)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "interrupted\n")


def test_an_interruption_that_was_swallowed_comes_again() -> None:
    program = """
from archprof.commands.summary import catalogue
def deaf(*_):
    try:
        ready()
        time.sleep(600)
    except KeyboardInterrupt:
        pass
    time.sleep(600)
catalogue.catalogue = deaf
run()
"""
    process = started(program, "list")
    ready(process)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=PATIENCE) == ("", "interrupted\n")
    assert process.returncode == 130


def test_signals_that_are_ignored_stay_so() -> None:
    """As under nohup: the hang-up does not end it, Ctrl-C does."""
    program = (
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from archprof.commands.summary import catalogue\n"
    )
    process = started(
        f"{program}catalogue.catalogue = lambda *_: (ready(), time.sleep(600))\nrun()", "list"
    )
    ready(process)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130


@pytest.mark.parametrize("step", ["open", "fdopen", "chmod", "replace"])
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda n: n.name
)
def test_no_temporary_file_is_left(tmp_path: Path, number: signal.Signals, step: str) -> None:
    """The signal comes right after the step that begins, and just ahead of the steps that end,
    the writing of `-o`.
    """
    target = tmp_path / "report.csv"
    target.write_text("old", encoding="utf-8")
    program = f"""
step = os.{step}
def signalled(*given, **named):
    if {step!r} in ("chmod", "replace"):
        os.kill(os.getpid(), {int(number)})
        time.sleep(0.01)
    found = step(*given, **named)
    if {step!r} == "fdopen" or "report.csv" in str(given[0]):
        os.kill(os.getpid(), {int(number)})
        time.sleep(0.01)
    return found
os.{step} = signalled
run()
"""
    process = started(program, "list", "alexnet", "-f", "csv", "-o", str(target))
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert (target.read_text(encoding="utf-8"), os.listdir(tmp_path)) == ("old", ["report.csv"])


SLOW = (
    "name: slow\ninput: 3x8x8\nlayers:\n  a: {repeat: 30000, layers: [{op: relu}, {op: relu}, {op:"
    " relu}]}\n"
)


def children(process: int) -> list[int]:
    """The processes that this one started, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == process and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name
)
def test_no_worker_outlives_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    for i in range(6):
        (tmp_path / f"slow{i}.yaml").write_text(SLOW, encoding="utf-8")
    process = started("run()", "check", str(tmp_path), "--jobs", "3")
    assert until(lambda: len(children(process.pid)) == 3)
    workers = children(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    assert "Traceback" not in err
    assert until(lambda: not any(map(alive, workers)))
