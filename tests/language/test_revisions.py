"""Specs at a git revision: read as they were then, whatever lies on the disk now; nothing run,
nothing written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from archprof.language.loader import load_file
from archprof.language.network import networks
from archprof.language.revisions import EmptyRevision, Repository, Revision, WorkingTree
from archprof.language.text import MAX_BYTES
from archprof.problem import ProblemError
from tests.history import ALONE, SPECS, WIDER, History

CONV = "      conv: {op: conv2d, out: $width, kernel: 3, padding: 1, bias: false}\n"


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


def revision(repository: Repository, name: str) -> Revision:
    return Revision(repository, name, repository.commit(name, "--base"))


def test_a_block_is_read_at_the_same_revision(history: History) -> None:
    """The disk has another one, or none at all."""
    history.commit({"specs/blocks/unit.yaml": WIDER})
    history.write({"specs/blocks/unit.yaml": None})
    with Repository() as repository:
        texts = []
        for name in ("HEAD~1", "HEAD"):
            tree = revision(repository, name)
            document = load_file(
                tree.root / "specs/small.yaml", tree.called("specs/small.yaml"), tree
            )
            texts.append(document.texts())
    assert [sorted(text) for text in texts] == [
        [f"{name}:specs/blocks/unit.yaml", f"{name}:specs/small.yaml"]
        for name in ("HEAD~1", "HEAD")
    ]
    assert CONV in texts[0]["HEAD~1:specs/blocks/unit.yaml"]
    assert texts[1]["HEAD:specs/blocks/unit.yaml"] == WIDER


def test_shipped_blocks_are_there_at_every_revision(history: History) -> None:
    history.commit(
        {
            "specs/se.yaml": (
                "name: se\ninput: 8x8x8\nuse: blocks/squeeze_excitation.yaml\nlayers:\n"
                "  se: {block: squeeze_excitation, with: {squeeze: 2}}\n"
            )
        }
    )
    with Repository() as repository:
        tree = revision(repository, "main")
        (network,) = networks(
            load_file(tree.root / "specs/se.yaml", tree.called("specs/se.yaml"), tree)
        )
    assert set(network.document.texts()) == {
        "main:specs/se.yaml",
        "specs/blocks/squeeze_excitation.yaml",
    }


def test_a_block_that_came_later_is_not_there(history: History) -> None:
    history.commit(
        {
            "specs/later.yaml": "name: later\nblocks: {b: {layers: [{op: relu}]}}\n",
            "specs/alone.yaml": ALONE + "use: later.yaml\n",
        }
    )
    history.git("rm", "-q", "specs/later.yaml")
    history.git("commit", "-q", "-m", "gone")
    history.write({"specs/later.yaml": "name: later\nblocks: {b: {layers: [{op: relu}]}}\n"})
    with Repository() as repository:
        tree = revision(repository, "HEAD")
        said = refused(
            load_file, tree.root / "specs/alone.yaml", tree.called("specs/alone.yaml"), tree
        )
        assert said.startswith("HEAD:specs/alone.yaml:6:6: there is no file")
        load_file(tree.root / "specs/alone.yaml", "then", revision(repository, "HEAD~1"))


def test_files_of_a_tree_are_plain_yaml(history: History) -> None:
    (history.root / "specs/link.yaml").symlink_to("/etc/passwd")
    history.commit({"specs/ünicode näme.yaml": ALONE, "README.md": "no spec"})
    with Repository() as repository:
        found = revision(repository, "main").files
        assert set(found) == {*SPECS, "specs/ünicode näme.yaml"}
        assert WorkingTree(repository).files == found  # the same hashes, as nothing has changed


def test_working_tree_has_new_files_but_not_ignored_ones(history: History) -> None:
    history.write(
        {
            "specs/new.yaml": ALONE,
            "specs/ignored.yaml": ALONE,
            ".gitignore": "ignored.yaml\n",
            "specs/alone.yaml": None,
        }
    )
    with Repository() as repository:
        assert set(WorkingTree(repository).files) == {*SPECS, "specs/new.yaml"} - {
            "specs/alone.yaml"
        }


def test_names_are_as_seen_from_here(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("specs/blocks")
    with Repository() as repository:
        assert WorkingTree(repository).called("specs/small.yaml") == "../small.yaml"
        assert revision(repository, "main").called("specs/small.yaml") == "main:specs/small.yaml"
        assert repository.place(Path("../small.yaml")) == "specs/small.yaml"
        assert "it is not in the repository" in refused(repository.place, Path("../../../etc"))


def test_a_use_cannot_leave_the_repository(history: History) -> None:
    (history.root.parent / "outside.yaml").write_text(
        "name: o\nblocks: {b: {layers: [{op: relu}]}}\n"
    )
    history.commit({"specs/alone.yaml": ALONE + "use: ../../outside.yaml\n"})
    with Repository() as repository:
        tree = revision(repository, "main")
        assert "leads out of the project" in refused(
            load_file, tree.root / "specs/alone.yaml", "then", tree
        )
        assert not tree.is_file(tree.root / "../outside.yaml")


@pytest.mark.parametrize(
    "name",
    ["nope", "", "-h", "--output=x", "HEAD:specs", "main\nmain", "main~9", "main^{tree}x", "\0"],
)
def test_no_such_revision(history: History, name: str) -> None:
    with Repository() as repository:
        assert f"--base: there is no revision `{name}` in" in refused(
            repository.commit, name, "--base"
        )
    assert not (history.root / "x").exists()


def test_the_nearest_revision_is_named(history: History) -> None:
    with Repository() as repository:
        assert "did you mean `main`?" in refused(repository.commit, "maim", "--base")
        assert "git fetch origin main" in refused(repository.commit, "origin/main", "--base")


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        refused(Repository)
        == f"{tmp_path}: not a git repository | run it inside the repository that has the specs"
    )


def test_a_repository_without_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(History(tmp_path).root)
    with Repository() as repository:
        assert "there is no revision `HEAD`" in refused(repository.commit, "HEAD", "--base")
        assert not WorkingTree(repository).files
        assert not EmptyRevision(repository, "HEAD").files
        assert [repository.is_unborn(name) for name in ("HEAD", "@", "main")] == [True, True, False]


def test_a_repository_with_commits_is_not_unborn(history: History) -> None:
    with Repository() as repository:
        assert not repository.is_unborn("HEAD")
        history.git("checkout", "-q", "--detach")
        assert not repository.is_unborn("HEAD")


def test_merge_base(history: History) -> None:
    start = history.git("rev-parse", "HEAD")
    history.git("checkout", "-q", "-b", "side")
    side = history.commit({"specs/alone.yaml": ALONE.replace("10", "11")})
    history.git("checkout", "-q", "main")
    tip = history.commit({"specs/alone.yaml": ALONE.replace("10", "12")})
    history.git("checkout", "-q", "--orphan", "other")
    other = history.commit({})
    with Repository() as repository:
        assert repository.merge_base(tip, side) == start
        assert repository.merge_base(tip, other) is None


def test_contents_too_large_missing_or_no_text(history: History) -> None:
    """A large one is read past, so that the next is still right."""
    history.write({"specs/large.yaml": "# " + "x" * (3 * MAX_BYTES), "specs/empty.yaml": ""})
    (history.root / "specs/bytes.yaml").write_bytes(b"name: \xff\n")
    history.commit({})
    with Repository() as repository:
        tree = revision(repository, "main")
        assert "main:specs/large.yaml: larger than 1,000,000 bytes" in refused(
            tree.read, tree.root / "specs/large.yaml"
        )
        assert tree.read(tree.root / "specs/alone.yaml") == (ALONE, "main:specs/alone.yaml")
        assert tree.read(tree.root / "specs/empty.yaml")[0] == ""
        assert "main:specs/bytes.yaml:1:7: not UTF-8: byte 0xff" in refused(
            tree.read, tree.root / "specs/bytes.yaml"
        )
        assert (
            refused(tree.read, tree.root / "specs/alome.yaml")
            == "main:specs/alome.yaml: there is no such file at main | did you mean"
            " `specs/alone.yaml`?"
        )
        assert "git does not have the content 000000000000" in refused(
            repository.content, "0" * 40, "x"
        )


def test_hashes_of_sha256_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "repo"
    made.mkdir()
    if subprocess.run(
        ["git", "init", "-q", "-b", "main", "--object-format=sha256", str(made)],
        check=False,
        capture_output=True,
    ).returncode:
        pytest.skip("this git makes no sha256 repositories")
    History(made, SPECS)
    monkeypatch.chdir(made)
    with Repository() as repository:
        assert WorkingTree(repository).files == revision(repository, "main").files


def test_nothing_of_the_repository_is_run(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its configuration names programs for everything git can be made to start."""
    trap = history.root.parent / "trap"
    trap.write_text(f"#!/bin/sh\necho ran > {history.root.parent}/ran\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "diff.external",
        "filter.x.clean",
        "filter.x.smudge",
        "diff.x.textconv",
        "core.sshCommand",
    ):
        history.git("config", key, str(trap))
    hooks = history.root / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in (
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
        "query-watchman",
    ):
        shutil.copy(trap, hooks / hook)
    history.write(
        {".gitattributes": "* filter=x diff=x\n", "specs/alone.yaml": ALONE.replace("10", "11")}
    )
    before = {path: path.stat().st_mtime_ns for path in history.root.rglob("*")}
    for name, value in {"GIT_EXTERNAL_DIFF": trap, "GIT_PAGER": trap}.items():
        monkeypatch.setenv(name, str(value))
    with Repository() as repository:
        tree = revision(repository, "main")
        assert WorkingTree(repository).files != tree.files
        tree.read(tree.root / "specs/alone.yaml")
    assert not (history.root.parent / "ran").exists()
    # nothing is written either
    assert {path: path.stat().st_mtime_ns for path in history.root.rglob("*")} == before


def test_leaves_no_process_behind(history: History) -> None:
    with Repository() as repository:
        tree = revision(repository, "main")
        tree.read(tree.root / "specs/alone.yaml")
        process = repository._contents.process
    assert process is not None
    assert process.returncode == 0


def test_names_git_would_quote(history: History) -> None:
    odd = 'specs/a "quoted"\tand\nbroken.yaml'
    history.commit({odd: ALONE})
    os.remove(history.root / odd)
    with Repository() as repository:
        tree = revision(repository, "main")
        assert tree.read(tree.root / odd)[0] == ALONE
