"""Streams that are closed or full, arguments that are not text, memory that ends: an exit code
and at most a line, never a traceback.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.effort import NIGHTLY
from tests.hostile import SPECS, Fared, fare

posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of the shell; `archprof` is this one."""
    program = f"archprof() {{ '{sys.executable}' -m archprof \"$@\"; }}; {line}"
    return subprocess.run(
        ["sh", "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )


@posix
@pytest.mark.parametrize("command", ["check -", "fmt -", "check - --jobs 2"])
def test_closed_input(tmp_path: Path, command: str) -> None:
    done = shell(f"archprof {command} <&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("<stdin>: error: standard input is closed [file]\n")


@posix
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("summary nope", 2),
        ("summary", 2),
        ("summary alexnet --bogus", 2),
        ("check none.yaml", 2),
        ("summary alexnet", 0),
        ("fmt none.yaml", 2),
        ("--version", 0),
    ],
)
@pytest.mark.parametrize(
    "streams", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", pytest.param("2>/dev/full", marks=full)]
)
def test_the_exit_code_says_how_it_went_though_nobody_listens(
    tmp_path: Path, line: str, code: int, streams: str
) -> None:
    done = shell(f"archprof {line} {streams}", tmp_path)
    assert (done.returncode, done.stderr) == (code, "")


@posix
@full
@pytest.mark.parametrize("command", ["summary alexnet", "list -f csv", "check --rules", "schema"])
def test_a_full_disk_behind_standard_output(tmp_path: Path, command: str) -> None:
    done = shell(f"archprof {command} >/dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (2, "archprof: error: No space left on device\n")


@posix
@pytest.mark.parametrize(
    "arguments",
    [
        [b"summary", b"\xff\xfe"],
        [b"\xff"],
        [b"summary", b"alexnet", b"--set", b"\xff=\xff"],
        [b"check", b"\xff.yaml"],
        [b"summary", b"alexnet", b"--input", b"\xff"],
        [b"list", b"\xff"],
        [b"lecture", b"\xff.yaml"],
        [b"grade", b"\xff"],
        [b"explain", b"alexnet", b"\xff"],
        [b"solve", b"alexnet", b"--macs", b"\xff"],
        [b"diff", b"alexnet", b"\xff"],
        [b"check", b"--select", b"\xff", b"x"],
        [b"compare", b"--load", b"\xff", b"\xff"],
        [b"new", b"\xff"],
    ],
)
def test_arguments_that_are_no_text(tmp_path: Path, arguments: list[bytes]) -> None:
    done = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"archprof", *arguments],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "depths=" + "[" * 5000],
        ["--set", "depths=" + "9" * 100_000],
        ["--input", "9" * 100_000 + "x1x1"],
        ["--input", "x".join(["1"] * 50_000)],
        ["--batch", "9" * 100_000],
        ["--columns", "a," * 50_000],
        ["--set", "a" * 100_000 + "=1"],
        [*["--set", "depths=[1,1,1,1]"] * 20_000],
        ["--set", "depths=" + "[1," * 9000],
        ["--depth", "9" * 5000],
    ],
    ids=lambda a: f"{a[0]} {a[1][:12]}… {len(a)}",
)
def test_long_arguments(run: Run, arguments: list[str]) -> None:
    done = run("summary", "resnet50", *arguments)
    assert done.code == (0 if len(arguments) > 2 else 2)
    assert "Traceback" not in done.err
    assert len(done.err) < 20_000


# --- memory ---


def starved(folder: Path, megabytes: float, name: str, *command: str) -> Fared:
    """A command over a hostile spec, in a process with so little memory."""
    (folder / "net.yaml").write_text(SPECS[name](), encoding="utf-8")
    return fare(command, folder, megabytes=megabytes)


STARVED = [("summary", "net.yaml"), ("diff", "net.yaml", "net.yaml"), ("check", "net.yaml")]


@pytest.mark.skipif(sys.platform != "linux", reason="limits on memory as Linux has them")
@pytest.mark.parametrize(
    ("command", "megabytes"),
    [*product(STARVED, [75]), *product(STARVED if NIGHTLY else STARVED[2:], [110])],
    ids=lambda value: value[0] if isinstance(value, tuple) else str(value),
)
def test_out_of_memory(tmp_path: Path, command: tuple[str, ...], megabytes: float) -> None:
    """The start takes about 40 MB, the network another 110.

    `check` goes on with other files, as far as it can.
    """
    fared = starved(tmp_path, megabytes, "as_many_relus_as_allowed", *command)
    if fared.code == -signal.SIGABRT and "_PyErr_NormalizeException" in fared.err:
        pytest.skip("CPython ended itself: it had no memory left to make the error of that")
    assert fared.code in ((1, 2) if command[0] == "check" else (2,))
    assert "not enough memory" in fared.out + fared.err
    assert "Traceback" not in fared.err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("x.so: failed to map segment from shared object"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_out_of_memory_is_no_bug(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def starve(*_: object) -> None:
        raise error

    monkeypatch.setattr("archprof.commands.summary.catalogue.catalogue", starve)
    assert run("list") == (
        2,
        "",
        "archprof: error: not enough memory for this; a smaller network, or more memory\n",
    )


def test_no_room_for_the_report_of_a_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the report needs cannot be loaded any more."""
    monkeypatch.setattr("archprof.commands.summary.catalogue.catalogue", lambda *_: 1 / 0)
    monkeypatch.setitem(sys.modules, "tempfile", None)
    assert run("list") == (
        2,
        "",
        "archprof: error: not enough memory for this; a smaller network, or more memory\n",
    )


def test_an_empty_path_to_write_to(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("list", "alexnet", "-o", "") == (
        2,
        "",
        (
            "archprof: error: cannot write a file over the working folder (an empty path means"
            " it): .\n"
        ),
    )
