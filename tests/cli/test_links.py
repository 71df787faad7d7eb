"""No command reads or writes through a link that leads out of the project, and none waits for a
pipe.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.command_line import Run

SECRET = "token: ghs_SWORDFISH\n"
NET = "name: net\ninput: 3x8x8\nlayers: [{op: relu}]\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with links out of it, to a file and to a folder, and with
    pipes.
    """
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/creds.yaml").write_text(SECRET)
    (tmp_path / "secret/bad.yaml").write_text("name:   outside\nlayers: [ {op:   relu} ]\n")
    (tmp_path / "project/specs").mkdir(parents=True)
    (tmp_path / "project/.git").mkdir()
    (tmp_path / "project/specs/net.yaml").write_text(NET)
    (tmp_path / "project/specs/evil.yaml").symlink_to("../../secret/creds.yaml")
    (tmp_path / "project/specs/bad.yaml").symlink_to(tmp_path / "secret/bad.yaml")
    (tmp_path / "project/folder").symlink_to("../secret")
    os.mkfifo(tmp_path / "project/pipe.yaml")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.mark.parametrize("style", ["text", "github", "json", "sarif", "junit"])
@pytest.mark.parametrize(
    "path",
    [
        "specs/*.yaml",
        "specs/evil.yaml",
        "folder",
        "folder/creds.yaml",
        "*/creds.yaml",
        "specs/../folder/creds.yaml",
    ],
)
def test_check_quotes_nothing(run: Run, path: str, style: str) -> None:
    done = run("check", path, "--format", style)
    assert done.code in (1, 2)
    assert "SWORDFISH" not in done.out + done.err
    assert "token" not in done.out + done.err
    assert "leads out of the project" in done.out + done.err


def test_check_of_a_folder_passes_them_over(run: Run) -> None:
    assert (
        run("check", "specs").err
        == "1 file, 1 network, no problems, 2 YAML files passed over as no specs\n"
    )


@pytest.mark.parametrize(
    "path", ["specs/*.yaml", "specs/bad.yaml", "folder", "folder/*.yaml", "*/bad.yaml"]
)
def test_fmt_writes_nothing_outside(run: Run, project: Path, path: str) -> None:
    before = {file: file.read_bytes() for file in (project.parent / "secret").iterdir()}
    for option in ((), ("--diff",), ("--check",)):
        done = run("fmt", *option, path)
        assert done.code == 2
        assert "outside" not in done.out + done.err
    assert {file: file.read_bytes() for file in (project.parent / "secret").iterdir()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "{}"),
        ("explain", "{}", "x"),
        ("compare", "{}", "lenet5"),
        ("diff", "{}", "lenet5"),
        ("solve", "{}", "--macs", "1G"),
        ("quiz", "{}"),
        ("grade", "{}"),
        ("lecture", "{}"),
        ("verify", "{}"),
        ("bench", "{}"),
        ("compare", "--load", "{}", "{}"),
        ("check", "{}"),
        ("check", "specs/net.yaml", "--config", "{}"),
        ("fmt", "{}"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("path", ["specs/evil.yaml", "folder/creds.yaml", "pipe.yaml"])
def test_no_command_reads_them(run: Run, arguments: tuple[str, ...], path: str) -> None:
    done = run(*(argument.format(path) for argument in arguments))
    assert done.code in (1, 2), done.err
    assert "SWORDFISH" not in done.out + done.err
    assert (
        "leads out of the project" in done.out + done.err
        or "it is a pipe, expected a regular file" in done.out + done.err
    )


def test_a_configuration_that_is_a_link_out(run: Run, project: Path) -> None:
    (project / "archprof.toml").symlink_to("../secret/creds.yaml")
    done = run("check", "specs")
    assert (done.code, done.out) == (2, "")
    assert "archprof.toml: error: cannot be read: the link" in done.err
    assert "SWORDFISH" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "lenet5", "-f", "md", "-o", "{}/new.md"),
        ("new", "{}/net"),
        ("check", "specs", "-o", "{}/new.md"),
    ],
    ids=" ".join,
)
def test_nothing_is_written_outside(run: Run, project: Path, arguments: tuple[str, ...]) -> None:
    before = sorted(os.listdir(project.parent / "secret"))
    done = run(*(argument.format("folder") for argument in arguments))
    assert done.code == 2
    assert "leads out of the project" in done.err
    assert sorted(os.listdir(project.parent / "secret")) == before


def test_an_output_that_is_a_link_out(run: Run, project: Path) -> None:
    """A pull request may have put it where a job writes its report."""
    (project / "diff.md").symlink_to("../secret/creds.yaml")
    assert run("diff", "alexnet", "lenet5", "-f", "md", "-o", "diff.md").code == 2
    assert (project.parent / "secret/creds.yaml").read_text() == SECRET
