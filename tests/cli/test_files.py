"""`-o FILE`: the whole report or the old file, and an error that names the file."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "alexnet"),
        ("summary", "alexnet", "-f", "json"),
        ("list", "vgg", "-f", "csv"),
        ("explain", "alexnet", "conv1"),
        ("conventions", "-f", "md"),
        ("schema",),
    ],
    ids=" ".join,
)
def test_file_holds_what_standard_output_would(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    target = tmp_path / "report.txt"
    assert run(*arguments, "--output", target) == (0, "", "")
    assert target.read_text(encoding="utf-8") == run(*arguments).out
    assert os.listdir(tmp_path) == ["report.txt"]


def test_file_is_written_though_the_spec_has_problems(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "name: net\ninput: 3x8x8\nlayers:\n  a: {op: relu, shape: 3x9x9}\n", encoding="utf-8"
    )
    done = run("summary", spec, "-o", tmp_path / "report.txt")
    assert (done.code, done.out) == (1, "")
    assert "3x8x8" in (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_old_file_is_replaced_and_keeps_its_mode(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    assert run("list", "alexnet", "-o", target).code == 0
    assert target.read_text(encoding="utf-8").startswith("Network")
    assert target.stat().st_mode & 0o777 == 0o640


def test_new_file_has_the_usual_mode(run: Run, tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        run("list", "alexnet", "-o", tmp_path / "report.txt")
    finally:
        os.umask(mask)
    assert (tmp_path / "report.txt").stat().st_mode & 0o777 == 0o640


def test_link_stays_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert run("list", "alexnet", "-o", tmp_path / "link.txt").code == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text(encoding="utf-8").startswith("Network")


def test_link_that_leads_nowhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert run("list", "alexnet", "-o", tmp_path / "a").code in (0, 2)


def test_device(run: Run) -> None:
    assert run("list", "alexnet", "-o", "/dev/null") == (0, "", "")
    done = run("list", "alexnet", "-o", "/dev/full")
    assert (done.code, done.err) == (2, "archprof: error: No space left on device: /dev/full\n")


def test_a_pipe_and_a_socket_are_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: opening a pipe that nobody reads waits for ever.

    Here it is open, so that a mistake fails and does not wait.
    """
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "link").symlink_to("pipe")
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        for name, kind in (("pipe", "a pipe"), ("link", "a pipe"), ("socket", "a socket")):
            done = run("list", "alexnet", "-o", name)
            assert (done.code, done.out) == (2, "")
            assert (
                done.err
                == f"archprof: error: cannot write a file over {kind} (without -o, `> PATH` of a"
                f" shell writes to what is there): {name}\n"
            )
    os.close(reader)
    assert sorted(os.listdir(tmp_path)) == ["link", "pipe", "socket"]


@pytest.mark.parametrize(
    "command", ["-o /dev/stdout | cat", "-o >(cat) | cat", "-o /dev/fd/1 | cat"]
)
def test_streams_of_the_process_are_written_to(command: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m archprof list alexnet {command}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout[:7], done.stderr) == ("Network", "")


@pytest.mark.parametrize("name", ["missing/report.txt", ".", "x" * 300, "file.txt/report.txt"])
def test_place_that_cannot_be_written(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").touch()
    done = run("summary", "alexnet", "-o", tmp_path / name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("archprof: error: ")
    assert done.err.endswith(f": {tmp_path / name}\n")  # never the temporary file's name


@pytest.mark.parametrize("fault", [errno.EACCES, errno.EROFS])
def test_folder_that_is_read_only(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    """As the system would refuse; who runs the tests may be allowed everything."""
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(fault, os.strerror(fault), str(tmp_path / ".report.txt.abcdef"))

    monkeypatch.setattr(os, "open", refuse)
    assert run("list", "alexnet", "-o", target) == (
        2,
        "",
        f"archprof: error: {os.strerror(fault)}: {target}\n",
    )
    assert target.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("step", ["fdopen", "chmod", "replace"])
def test_disk_that_fills_up(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever fails, the old file stays whole and nothing is left beside it."""
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    assert run("list", "alexnet", "-o", target) == (
        2,
        "",
        f"archprof: error: No space left on device: {target}\n",
    )
    assert (target.read_text(encoding="utf-8"), os.listdir(tmp_path)) == ("old", ["report.txt"])


def test_interrupt_while_writing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.txt"
    target.write_text("old", encoding="utf-8")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    assert run("list", "alexnet", "-o", target) == (130, "", "interrupted\n")
    assert (target.read_text(encoding="utf-8"), os.listdir(tmp_path)) == ("old", ["report.txt"])


def test_name_with_escapes(run: Run, tmp_path: Path) -> None:
    done = run("list", "alexnet", "-o", tmp_path / "\x1b[31mred" / "x")
    folder = f"{tmp_path}/\\x1b[31mred"
    assert done.err == f"archprof: error: there is no folder {folder} to write into: {folder}/x\n"
