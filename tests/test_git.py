"""git as archprof starts it: the outermost repository of the working directory, and nothing of
it run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archprof import git
from archprof.problem import ProblemError
from tests.history import SPECS, History
from tests.traps import MISSING, Traps


@pytest.fixture
def traps(tmp_path: Path) -> Traps:
    return Traps(tmp_path)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History(tmp_path / "repo", SPECS)
    monkeypatch.chdir(made.root)
    return made


def refused(call: object, *arguments: object) -> str:
    with pytest.raises(ProblemError) as caught:
        call(*arguments)  # type: ignore[operator]
    (problem,) = caught.value.problems
    return f"{problem.mark}: {problem.message} | {problem.hint}"


# --- the traps are armed: git without protection runs them ---


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        ("specs", ("rev-parse", "origin/main^{commit}")),
        ("specs", ("status",)),
        (".", ("status",)),
        (".", ("log", "-1", "-p")),
    ],
    ids=str,
)
def test_plain_git_runs_the_traps(traps: Traps, folder: str, arguments: tuple[str, ...]) -> None:
    traps.arm()
    traps.plain_git(*arguments, folder=folder)
    assert traps.ran


def test_plain_git_fetches_what_is_missing(traps: Traps) -> None:
    traps.lose("specs/small.yaml")
    traps.plain_git("cat-file", "blob", "origin/main:specs/small.yaml")
    assert "ext" in traps.ran


# --- and git as archprof starts it does not ---

QUESTIONS = [
    ("rev-parse", "--verify", "origin/main^{commit}"),
    ("for-each-ref",),
    ("merge-base", "HEAD", "origin/main"),
    ("ls-tree", "-r", "origin/main"),
    ("ls-files", "--cached", "--others", "--exclude-standard"),
    ("rev-list", "-1", "HEAD", "--", "specs"),
    ("cat-file", "blob", "HEAD:specs/small.yaml"),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q[0])
def test_nothing_runs_in_the_clone(
    traps: Traps, monkeypatch: pytest.MonkeyPatch, question: tuple[str, ...]
) -> None:
    traps.arm()
    for name in (
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "GIT_PROXY_COMMAND",
    ):
        monkeypatch.setenv(name, str(traps.trap))
    assert git.run(traps.root, *question)
    assert traps.ran == ""


def test_no_bare_repository_is_taken(traps: Traps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(traps.root / "specs")
    assert git.root() == traps.root
    assert "git: cannot use bare repository" in refused(
        git.run, traps.root / "specs", "rev-parse", "origin/main^{commit}"
    )
    assert traps.ran == ""


@pytest.mark.parametrize("also", ["GIT_NO_LAZY_FETCH", ""])
@pytest.mark.parametrize("url", ["ext::{trap} ext", "{root}", "file://{root}"])
def test_nothing_is_fetched(
    traps: Traps, monkeypatch: pytest.MonkeyPatch, url: str, also: str
) -> None:
    """Nor by the commands that a remote names for its other end; nor by a git that does not know
    GIT_NO_LAZY_FETCH.
    """
    monkeypatch.setattr(
        git,
        "_ENVIRONMENT",
        {
            name: value
            for name, value in git._ENVIRONMENT.items()
            if name != "GIT_NO_LAZY_FETCH" or also
        },
    )
    traps.lose("specs/small.yaml")
    identity = traps.history.git("rev-parse", "origin/main:specs/small.yaml")
    traps.history.git(
        "config",
        "remote.origin.url",
        url.format(trap=traps.trap, root=traps.root.parent / "origin"),
    )
    traps.history.git("config", "remote.origin.uploadpack", str(traps.trap))
    refused(git.run, traps.root, "cat-file", "blob", identity)
    with git.Contents(traps.root, 100) as contents:
        assert contents.read(identity) is None
    assert traps.ran == ""
    assert not (traps.root / ".git/objects" / identity[:2] / identity[2:]).exists()


# --- the root ---


def test_the_root_is_that_of_the_working_directory(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert git.root() == history.root
    monkeypatch.chdir("specs/blocks")
    assert git.root() == history.root


def test_a_repository_inside_another_is_refused(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submodule, or what came in an archive: only who sets a variable of the environment takes
    it.
    """
    inner = History(history.root / "vendor/net", SPECS)
    monkeypatch.chdir(inner.root / "specs")
    said = refused(git.root)
    assert said.startswith(
        f"{inner.root}: this repository lies inside another one, {history.root}, and may have come"
        f" with its files | run it in {history.root}; "
    )
    assert said.endswith(f"set GIT_CEILING_DIRECTORIES={history.root}")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(history.root))
    assert git.root() == inner.root
    assert git.run(git.root(), "rev-parse", "--show-toplevel").decode().strip() == str(inner.root)


def test_a_work_tree_of_its_own_is_a_repository(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.git("worktree", "add", "-q", str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other/specs")
    assert git.root() == tmp_path / "other"
    assert git.run(git.root(), "rev-parse", "HEAD")


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        refused(git.root)
        == f"{tmp_path}: not a git repository | run it inside the repository that has the specs"
    )


def test_a_broken_repository_is_not_passed_over(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git itself would go on to the folder above."""
    (history.root / "specs/.git").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(history.root))
    monkeypatch.chdir("specs")
    assert "git: not a git repository" in refused(git.run, git.root(), "rev-parse", "HEAD")


# --- the environment ---


def test_variables_of_another_repository_do_not_count(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook has some: they name the repository that runs it."""
    other = History(tmp_path / "other", {"a.yaml": "x"})
    for name, value in {
        "GIT_DIR": other.root / ".git",
        "GIT_WORK_TREE": other.root,
        "GIT_INDEX_FILE": other.root / ".git/index",
        "GIT_OBJECT_DIRECTORY": other.root / ".git/objects",
        "GIT_NAMESPACE": "x",
        "GIT_CONFIG": "/dev/null",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert git.run(history.root, "rev-parse", "HEAD", "--show-toplevel").decode().split() == [
        history.git("rev-parse", "HEAD"),
        str(history.root),
    ]
    assert b"specs/small.yaml" in git.run(history.root, "ls-files")


def test_configuration_of_the_user_counts(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As CI jobs state a safe.directory; it does not undo the protection."""
    for name, value in {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "a.b",
        "GIT_CONFIG_VALUE_0": "c",
        "GIT_CONFIG_KEY_1": "core.fsmonitor",
        "GIT_CONFIG_VALUE_1": "true",
    }.items():
        monkeypatch.setenv(name, value)
    assert git.run(history.root, "config", "a.b") == b"c\n"
    assert git.run(history.root, "config", "core.fsmonitor") == b"false\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a program there has another name")
def test_no_git_of_the_working_directory(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = history.root / "git"
    trap.write_text(f"#!/bin/sh\ntouch {history.root.parent}/ran\n")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", os.environ["PATH"])))
    assert git.run(history.root, "rev-parse", "HEAD")
    assert not (history.root.parent / "ran").exists()


# --- what goes wrong ---


def test_no_git(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "git, which is not installed" in refused(git.run, history.root, "rev-parse", "HEAD")


def test_git_that_cannot_be_started(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "_program", lambda: "/nowhere/git")
    assert "git could not be started: No such file or directory" in refused(
        git.run, history.root, "rev-parse", "HEAD"
    )


def test_git_that_does_not_end(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(git, "_program", lambda: str(slow))
    monkeypatch.setattr(git, "SECONDS", 0.2)
    start = time.monotonic()
    assert "git rev-parse did not end within 0.2 s" in refused(
        git.run, history.root, "rev-parse", "HEAD"
    )
    with git.Contents(history.root, 100) as contents:
        assert contents.read(MISSING) is None
    assert time.monotonic() - start < 30


def test_another_users_repository(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """git refuses it unless a safe.directory names it; the way out says so."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    environment = {**os.environ}
    assert subprocess.run(
        ["git", "rev-parse"], env=environment, cwd=history.root, check=False, capture_output=True
    ).returncode
    monkeypatch.setattr(git, "_KEPT", (*git._KEPT, "GIT_TEST_"))
    said = refused(git.run, history.root, "rev-parse", "HEAD")
    assert "detected dubious ownership" in said
    assert said.endswith(f"git config --global --add safe.directory {history.root}")
