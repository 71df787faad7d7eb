"""Which specs a change touches: itself, what uses it, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from archprof.commands.diff.touched_specs import touched
from archprof.language.revisions import Repository, Revision, WorkingTree
from archprof.language.source import used
from tests.history import ALONE, SMALL, SPECS, UNIT, WIDER, History

BLOCK = "specs/blocks/unit.yaml"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History(tmp_path / "repo", SPECS)
    monkeypatch.chdir(made.root)
    return made


def found(history: History, *selected: str, to: str | None = None) -> Mapping[str, tuple[str, ...]]:
    with Repository() as repository:
        old = Revision(repository, "main", repository.commit("main", "--base"))
        return touched(
            old,
            (
                Revision(repository, to, repository.commit(to, "--head"))
                if to
                else WorkingTree(repository)
            ),
            selected,
        )


def test_nothing_changed(history: History) -> None:
    assert found(history) == {}


def test_a_network_touches_itself(history: History) -> None:
    history.write({"specs/alone.yaml": ALONE.replace("10", "11")})
    assert found(history) == {"specs/alone.yaml": ("specs/alone.yaml",)}


def test_a_block_touches_whoever_uses_it(history: History) -> None:
    history.write({BLOCK: WIDER})
    assert found(history) == {
        BLOCK: (BLOCK,),
        "specs/family.yaml": (BLOCK,),
        "specs/small.yaml": (BLOCK,),
    }


def test_a_block_of_a_block(history: History) -> None:
    leaf = "name: leaf\nblocks: {l: {layers: [{op: relu}]}}\n"
    history.commit({BLOCK: f"{UNIT}use: leaf.yaml\n", "specs/blocks/leaf.yaml": leaf})
    history.write({"specs/blocks/leaf.yaml": leaf.replace("relu", "gelu")})
    assert set(found(history)) == {
        "specs/blocks/leaf.yaml",
        BLOCK,
        "specs/family.yaml",
        "specs/small.yaml",
    }


def test_a_file_that_now_stands_before_a_shipped_one(history: History) -> None:
    history.commit(
        {"specs/se.yaml": ALONE.replace("alone", "se") + "use: blocks/squeeze_excitation.yaml\n"}
    )
    history.write({"specs/blocks/squeeze_excitation.yaml": UNIT})
    assert found(history)["specs/se.yaml"] == ("specs/blocks/squeeze_excitation.yaml",)


def test_a_block_that_is_gone_touches_whoever_used_it(history: History) -> None:
    history.write({BLOCK: None})
    assert set(found(history)) == {BLOCK, "specs/family.yaml", "specs/small.yaml"}


def test_a_broken_block_touches_whoever_uses_it(history: History) -> None:
    history.write({BLOCK: "blocks: ["})
    assert set(found(history)) == {BLOCK, "specs/family.yaml", "specs/small.yaml"}


def test_new_and_deleted_files(history: History) -> None:
    history.write({"specs/alone.yaml": None, "specs/new.yaml": ALONE})
    assert set(found(history)) == {"specs/alone.yaml", "specs/new.yaml"}


def test_two_revisions(history: History) -> None:
    history.git("checkout", "-q", "-b", "side")
    history.commit({"specs/alone.yaml": ALONE.replace("10", "11")})
    history.write({"specs/small.yaml": SMALL.replace("16", "8")})
    assert set(found(history, to="side")) == {"specs/alone.yaml"}


def test_yaml_that_is_no_spec_is_left_out(history: History) -> None:
    history.write(
        {".github/workflows/ci.yaml": "on: [push, pull_request]\n", "docs.yml": "nav: [a]\n"}
    )
    assert found(history) == {}
    assert set(found(history, "docs.yml")) == {"docs.yml"}  # unless it is asked for


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        (["specs/small.yaml"], {"specs/small.yaml"}),
        (["specs"], {BLOCK, "specs/family.yaml", "specs/small.yaml", "specs/alone.yaml"}),
        (["."], {BLOCK, "specs/family.yaml", "specs/small.yaml", "specs/alone.yaml"}),
        # what a change in it touches
        (["specs/blocks"], {BLOCK, "specs/family.yaml", "specs/small.yaml"}),
        ([BLOCK], {BLOCK, "specs/family.yaml", "specs/small.yaml"}),
        (["spec"], set()),
        (["specs/alone.yaml", "specs/family.yaml"], {"specs/alone.yaml", "specs/family.yaml"}),
    ],
)
def test_selection(history: History, selected: list[str], expected: set[str]) -> None:
    history.write({BLOCK: WIDER, "specs/alone.yaml": ALONE.replace("10", "11")})
    assert set(found(history, *selected)) == expected


def test_line_ends_are_no_change(history: History) -> None:
    """As git writes them where core.autocrlf is set."""
    history.write({path: text.replace("\n", "\r\n") for path, text in SPECS.items()})
    assert found(history) == {}
    history.write({"specs/small.yaml": SMALL.replace("16", "8").replace("\n", "\r\n")})
    assert set(found(history)) == {"specs/small.yaml"}


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("name: a\nuse: x.yaml\nlayers: []\n", ["x.yaml"]),
        ("{name: a, params: {use: 1}, use: [a.yaml, 'b.yaml']}", ["a.yaml", "b.yaml"]),
        ("a: [use, b]\nuse:\n- x\n- y\nz: 1\n", ["x", "y"]),
        ("? {use: a}\n: b\nuse: c", ["c"]),
        ("a: *b\nuse: c\n", ["c"]),
        ("use: a\nlayers: [", ["a"]),  # what is broken behind it does not matter
        ("layers: ]\nuse: a\n", []),
        ("a: {use: b}\n", []),
        ("a: use\nb: c\n", []),
        ("[use, a]", []),
        ("", []),
        ("use:\n", [""]),
        ("use: \x00", []),
        ("[" * 100_000, []),
    ],
)
def test_what_a_file_uses(text: str, files: list[str]) -> None:
    assert used(text) == files


def test_files_that_use_each_other(history: History) -> None:
    history.commit(
        {
            "specs/a.yaml": "name: a\nuse: b.yaml\nblocks: {}\n",
            "specs/b.yaml": "name: b\nuse: a.yaml\nblocks: {}\n",
        }
    )
    history.write({"specs/b.yaml": "name: b\nuse: [a.yaml, ../../out.yaml]\nblocks: {}\n"})
    assert set(found(history)) == {"specs/a.yaml", "specs/b.yaml"}


def test_bytes_that_are_no_text_are_a_change(history: History) -> None:
    (history.root / "specs/small.yaml").write_bytes(b"layers:\n  a: \xff\n")
    # the old text looks like a spec
    assert found(history) == {"specs/small.yaml": ("specs/small.yaml",)}
