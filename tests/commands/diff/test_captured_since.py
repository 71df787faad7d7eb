"""`diff --base` of a module: built at both revisions, whose files stay in their folder."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from archprof.capturing.tape_writer import tape_text
from archprof.commands.diff.captured_since import _inside, is_captured
from tests.captured import tape_of
from tests.command_line import Done, Run
from tests.history import History

MODEL = """
import parts
print("hello")
def build(more=0):
    return parts.nn.Sequential(parts.dense({width} + more))
"""
PARTS = "from torch import nn\ndef dense(width): return nn.Linear(8, width, bias=False)\n"
COUNTED = ("params", "macs")
TRAP = "raise SystemExit('the wrong file was imported')\n"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    """A repository with folders and files that are called as what archprof imports."""
    history = History(tmp_path / "repo")
    monkeypatch.chdir(history.root)
    history.commit(
        {
            "nets/model.py": MODEL.format(width=8),
            "nets/parts.py": PARTS,
            "archprof/__init__.py": TRAP,
            "torch.py": TRAP,
            "json.py": TRAP,
            "net.tape.json": tape_text(tape_of(nn.Linear(8, 8, bias=False), (1, 8))),
        }
    )
    return history


def test_what_a_repository_can_have() -> None:
    for text in ("nets/model.py:build", "package.nets:Net", "net.tape.json"):
        assert is_captured(text)
    for text in ("net.onnx", "net.yaml", "resnet50", "HEAD:net.yaml"):
        assert not is_captured(text)


def changed(done: Done) -> dict[str, Any]:
    """What became of the only network."""
    assert (done.code, done.err) in ((0, ""), (1, ""))
    (network,) = json.loads(done.out)["networks"]
    return {name: [network["totals"][name][side] for side in ("old", "new")] for name in COUNTED}


def test_a_module_at_two_revisions(history: History, run: Run) -> None:
    """A layer from 8 to 8 + 1 becomes one from 8 to 16 + 1. Links that lead out of the repository
    are left out.
    """
    if hasattr(os, "symlink"):
        (history.root / "out").symlink_to("/etc")
        (history.root / "up").symlink_to("../..")
    history.commit({"notes": "x"})
    history.write({"nets/model.py": MODEL.format(width=16)})
    given = ("nets/model.py:build", "--input", "8", "--set", "more=1", "--format", "json")
    assert changed(run("diff", "--base", "HEAD", *given)) == {
        "params": [8 * 9, 8 * 17],
        "macs": [8 * 9, 8 * 17],
    }


def test_a_module_at_a_revision_beside_another(
    history: History, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its path begins at the root of the repository, wherever the command runs, or with a dot."""
    history.commit({"nets/model.py": MODEL.format(width=16)})
    history.write({"nets/model.py": MODEL.format(width=32)})
    monkeypatch.chdir(history.root / "nets")
    old, new = "HEAD~1:nets/model.py:build", "HEAD:./model.py:build"
    assert changed(run("diff", old, new, "--input", "8", "--format", "json"))["params"] == [
        8 * 8,
        8 * 16,
    ]
    tapes = run("diff", "HEAD:net.tape.json", "HEAD~1:net.tape.json")
    assert (tapes.code, tapes.err) == (0, "")


def test_a_dot_at_the_root(history: History, run: Run) -> None:
    history.commit({"nets/model.py": MODEL.format(width=16)})
    given = ("HEAD:net.tape.json", "HEAD:./nets/model.py:build", "--input", "8")
    assert changed(run("diff", *given, "--format", "json"))["params"] == [8 * 8, 8 * 16]


def test_what_is_not_at_a_revision(history: History, run: Run) -> None:
    nowhere = run("diff", "nowhere:nets/model.py:build", "resnet18")
    assert nowhere.code == 2
    assert "there is no revision `nowhere`" in nowhere.err
    none = run("diff", "HEAD:none.py:build", "resnet18", "--input", "8")
    assert none.code == 2
    assert "at HEAD it cannot be captured" in none.err


def test_changed_code_is_mentioned_where_no_target_is_named(history: History, run: Run) -> None:
    history.write({"nets/model.py": MODEL.format(width=16)})
    one = run("diff", "--base", "HEAD")
    assert one.code == 0
    assert one.err.splitlines() == [
        "nets/model.py changed: a module is compared where it is named:"
        " archprof diff --base HEAD nets/model.py:NAME"
    ]
    history.commit({"a.py": "", "nets/parts.py": None})
    three = run("diff", "--base", "HEAD~1", "--head", "HEAD")
    assert "3 Python files changed, such as a.py: a module is compared" in three.err
    assert run("diff", "--base", "HEAD").err == ""


def test_what_a_revision_cannot_build(history: History, run: Run) -> None:
    history.commit({"nets/model.py": "def build(): raise ValueError('not yet')"})
    done = run("diff", "--base", "HEAD", "nets/model.py:build", "--input", "8")
    assert (done.code, done.out) == (2, "")
    assert "at HEAD it cannot be captured: " in done.err
    assert "ValueError: not yet" in done.err


def test_a_tape_at_two_revisions_runs_nothing(
    history: History, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archprof.commands.diff.captured_since.captured_at", None)
    wider = tape_text(tape_of(nn.Linear(8, 16, bias=False), (1, 8)))
    history.write({"net.tape.json": wider})
    assert changed(run("diff", "--base", "HEAD", "net.tape.json", "--format", "json")) == {
        "params": [8 * 8, 8 * 16],
        "macs": [8 * 8, 8 * 16],
    }
    history.commit({"net.tape.json": wider})
    assert changed(
        run("diff", "--base", "HEAD~1", "--head", "HEAD", "net.tape.json", "--format", "json")
    )["params"] == [8 * 8, 8 * 16]
    history.write({"net.tape.json": "{}"})
    broken = run("diff", "--base", "HEAD", "net.tape.json")
    assert broken.code == 2
    assert "it has no `archprof_tape`" in broken.err


def test_what_cannot_be(history: History, run: Run) -> None:
    two = run("diff", "--base", "HEAD", "net.tape.json", "nets/model.py:build")
    assert two.code == 2
    assert "one at a time" in two.err
    none = run("diff", "--base", "HEAD", "none.tape.json")
    assert none.code == 2
    assert "Traceback" not in none.err
    nowhere = run("diff", "--base", "nowhere", "net.tape.json")
    assert nowhere.code == 2


@pytest.mark.parametrize(
    ("name", "link"),
    [("../x", ""), ("/x", ""), ("x", "../../etc"), ("x", "/etc/passwd")],
)
def test_nothing_leads_out_of_the_folder(tmp_path: Path, name: str, link: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo(name)
        if link:
            member.type, member.linkname = tarfile.SYMTYPE, link
        archive.addfile(member, io.BytesIO())
        archive.addfile(tarfile.TarInfo("kept"), io.BytesIO())
    made.seek(0)
    with tarfile.open(fileobj=made) as archive:
        archive.extractall(folder, filter=_inside)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    inside = {path.name for path in folder.iterdir()}
    assert "kept" in inside
    assert not [path for path in folder.iterdir() if path.is_symlink()]
