"""`archprof fmt`: what is written, what is only told, and with which exit code."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archprof.language.shipped_folder import specs_folder
from tests.command_line import Run

GOOD = "name: net\ninput: 3x8x8\nlayers:\n  a: {op: relu}  # first\n"
BAD = "name:   net\ninput: 3x8x8\nlayers:\n    a: {op: relu }   # first\n\n\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file in style, one that is not, and files that are not specs."""
    monkeypatch.chdir(tmp_path)
    files = {
        "good.yaml": GOOD,
        "bad.yaml": BAD,
        "other.yaml": "a:   1\n",
        "claims.yaml": "claims:   {}\nlayers: {}\n",
        "notes.txt": "a:   1\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_formats_in_place(run: Run, folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert run("fmt", ".") == (0, "", "2 files, 1 formatted\n")
    assert (folder / "bad.yaml").read_text() == GOOD
    # the others are not touched
    assert {
        path.name for path in folder.iterdir() if path.stat().st_mtime_ns != before.get(path.name)
    } == {"bad.yaml"}
    assert run("fmt", ".") == (0, "", "2 files, none formatted\n")


def test_check_writes_nothing(run: Run, folder: Path) -> None:
    assert run("fmt", "--check", ".") == (1, "bad.yaml\n", "2 files, 1 would change\n")
    assert (folder / "bad.yaml").read_text() == BAD
    assert run("fmt", "--check", "good.yaml") == (0, "", "1 file, none would change\n")


def test_diff_is_a_patch(run: Run, folder: Path) -> None:
    done = run("fmt", "--diff", "bad.yaml", "good.yaml")
    assert (done.code, done.err) == (1, "2 files, 1 would change\n")
    assert done.out.splitlines()[:4] == [
        "--- bad.yaml",
        "+++ bad.yaml (formatted)",
        "@@ -1,6 +1,4 @@",
        "-name:   net",
    ]
    subprocess.run(["patch", "-s", "bad.yaml"], input=done.out, text=True, check=True, cwd=folder)
    assert (folder / "bad.yaml").read_text() == GOOD


def test_a_named_file_needs_no_layers(run: Run, folder: Path) -> None:
    assert run("fmt", "other.yaml").code == 0
    assert (folder / "other.yaml").read_text() == "a: 1\n"


def standard_input(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, BAD)
    assert run("fmt", "-") == (0, GOOD, "1 file, 1 formatted\n")
    standard_input(monkeypatch, BAD)
    assert run("fmt", "--check", "-") == (1, "<stdin>\n", "1 file, 1 would change\n")
    standard_input(monkeypatch, "a: [\n")
    done = run("fmt", "-")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("<stdin>:2:1: error: not valid YAML")


def test_one_broken_file_does_not_stop_the_others(run: Run, folder: Path) -> None:
    (folder / "broken.yaml").write_text("layers: [\n")
    done = run("fmt", ".", "missing.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "broken.yaml:2:1: error: not valid YAML: the text ends inside a list or mapping [yaml]",
        "  hint: a bracket is not closed",
        "missing.yaml: error: there is no such file [file]",
        "2 files, 1 formatted",
    ]
    assert (folder / "bad.yaml").read_text() == GOOD
    assert (folder / "broken.yaml").read_text() == "layers: [\n"


def test_mode_and_link_stay(run: Run, folder: Path) -> None:
    (folder / "bad.yaml").chmod(0o640)
    (folder / "link.yaml").symlink_to("bad.yaml")
    run("fmt", "link.yaml")
    assert (folder / "link.yaml").is_symlink()
    assert (folder / "bad.yaml").read_text() == GOOD
    assert (folder / "bad.yaml").stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_stays_whole(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", refuse)
    assert run("fmt", "bad.yaml") == (2, "", "archprof: error: No space left on device: bad.yaml\n")
    assert (folder / "bad.yaml").read_text() == BAD
    assert sorted(os.listdir(folder)) == [
        "bad.yaml",
        "claims.yaml",
        "good.yaml",
        "notes.txt",
        "other.yaml",
    ]


def test_shipped_specs_are_in_style(run: Run) -> None:
    done = run("fmt", "--check", specs_folder())
    assert (done.code, done.out) == (0, "")


def test_line_ends_stay(run: Run, folder: Path) -> None:
    (folder / "bad.yaml").write_bytes(BAD.replace("\n", "\r\n").encode())
    assert run("fmt", "bad.yaml").code == 0
    assert (folder / "bad.yaml").read_bytes() == GOOD.replace("\n", "\r\n").encode()
    assert run("fmt", "--check", "bad.yaml").code == 0


def test_a_shipped_network_is_read_and_not_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name; where a file is called so, that is meant."""
    monkeypatch.chdir(tmp_path)
    assert run("fmt", "alexnet") == (0, "", "1 file, none formatted\n")
    # two of one file
    assert run("fmt", "--check", "alexnet", "resnet50", "resnet101") == (
        0,
        "",
        "2 files, none would change\n",
    )
    from archprof.commands.edit import formatting

    before = (specs_folder() / "alexnet.yaml").read_bytes()
    monkeypatch.setattr(formatting, "formatted", lambda text, name="": text + "# another style\n")
    assert run("fmt", "--check", "alexnet") == (
        1,
        "specs/alexnet.yaml\n",
        "1 file, 1 would change\n",
    )
    done = run("fmt", "alexnet")
    assert done.code == 2
    assert done.err.startswith(
        "specs/alexnet.yaml: error: it comes with archprof and is not written to [file]\n  hint:"
        " --check or --diff"
    )
    assert (specs_folder() / "alexnet.yaml").read_bytes() == before
    (tmp_path / "alexnet").write_text(BAD)
    run("fmt", "alexnet")
    assert (tmp_path / "alexnet").read_text().endswith("# another style\n")
