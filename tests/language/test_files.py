"""Which files a path stands for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archprof.language.files import Source, find, is_spec
from archprof.problem import Problem
from tests.commands.check.checked import write

SPEC = "name: a\ninput: 3x8x8\nlayers: [{op: relu}]\n"


def found(folder: Path, *paths: str) -> list[str]:
    problems: list[Problem] = []
    names = [
        os.path.relpath(source.name, folder)
        for source in find([str(folder / path) for path in paths], problems)
    ]
    assert problems == []
    return names


def missing(*paths: object) -> list[Problem]:
    problems: list[Problem] = []
    assert find(map(str, paths), problems) == []
    return problems


# --- what a spec looks like ---


@pytest.mark.parametrize(
    "text",
    [
        SPEC,
        "name: b\nblocks: {}\n",
        "variants:\n",
        "'layers' : []\n",
        '"layers": [',
        "{name: a, layers: [",
        '\ufeff{"name": 1, "layers": []}',
        "layers: [\n",
        "name: [\nlayers: x: y",
        "layers:\n\t- x",
        "--- \nlayers: []",
        SPEC + "\udcff",
        "# only\nlayers:",
    ],
)
def test_looks_like_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert is_spec(str(tmp_path / "a.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "on: push\njobs:\n  layers: []\n",
        "services:\n  layers: {}\n",
        "# layers: []\n",
        "- layers: []\n",
        "claims: {}\nvariants: {}\n",
        "lecture: CS231N\nclaims:\n  a: {}\n",
        "players: []\n",
        "[1, 2]",
        "\x00\x01",
        "text: {of: layers: }",
    ],
)
def test_does_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert not is_spec(str(tmp_path / "a.yaml"))


# --- folders ---


def test_a_folder_in_order(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "deep/er/c.yaml", "deep/d.yaml"):
        write(tmp_path, name, SPEC)
    for name in ("notes.txt", "a.yaml.bak", "other.json"):
        write(tmp_path, name, SPEC)
    write(tmp_path, "ci.yaml", "on: push\n")
    assert found(tmp_path, "") == ["a.yml", "b.yaml", "deep/d.yaml", "deep/er/c.yaml"]


@pytest.mark.parametrize(
    "name",
    [
        ".git/a.yaml",
        ".hidden.yaml",
        "node_modules/x/a.yaml",
        "src/__pycache__/a.yaml",
        ".venv/a.yaml",
        "env/site-packages/a.yaml",
    ],
)
def test_folders_that_are_left_out(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, SPEC)
    write(tmp_path, "a.yaml", SPEC)
    assert found(tmp_path, "") == ["a.yaml"]
    assert found(tmp_path, name) == [name]  # named, it is meant


def test_a_virtual_environment_by_whatever_name(tmp_path: Path) -> None:
    write(tmp_path, "mine/pyvenv.cfg", "")
    write(tmp_path, "mine/lib/a.yaml", SPEC)
    assert missing(tmp_path)[0].message == "there is no spec in this folder"


def test_links(tmp_path: Path) -> None:
    """Within the folder they are files like any; out of it they could show what nobody named,
    and a folder could lead in circles.
    """
    outside = write(tmp_path, "outside/secret.yaml", SPEC)
    top = tmp_path / "top"
    write(top, "a.yaml", SPEC)
    (top / "again.yaml").symlink_to("a.yaml")
    (top / "out.yaml").symlink_to(outside)
    (top / "nowhere.yaml").symlink_to("gone.yaml")
    (top / "circle").symlink_to(".")
    (top / "folder").symlink_to(tmp_path / "outside")
    assert found(top, "") == ["a.yaml"]  # again.yaml is the same file
    assert found(top, "out.yaml") == ["out.yaml"]


def test_what_is_no_regular_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")  # reading it would wait for ever
    write(tmp_path, "a.yaml", SPEC)
    (tmp_path / "folder.yaml").mkdir()
    assert found(tmp_path, "") == ["a.yaml"]


def test_a_folder_that_cannot_be_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.yaml", SPEC)
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    (tmp_path / "shut").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    problems: list[Problem] = []
    assert len(find([str(tmp_path)], problems)) == 1
    assert [problem.message for problem in problems] == ["cannot be looked into: Permission denied"]


# --- names and globs ---


def test_each_file_once_in_the_order_of_the_paths(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        write(tmp_path, name, SPEC)
    assert found(tmp_path, "c.yaml", "", "a.yaml", "./b.yaml") == ["c.yaml", "a.yaml", "b.yaml"]


def test_globs(tmp_path: Path) -> None:
    for name in ("a.yaml", "deep/b.yaml", "deep/er/c.yaml", "[x].yaml"):
        write(tmp_path, name, SPEC)
    write(tmp_path, "deep/notes.yaml", "hello")
    # what a glob names is named
    assert found(tmp_path, "**/*.yaml") == [
        "[x].yaml",
        "a.yaml",
        "deep/b.yaml",
        "deep/er/c.yaml",
        "deep/notes.yaml",
    ]
    assert found(tmp_path, "d*") == ["deep/b.yaml", "deep/er/c.yaml"]  # a folder
    assert found(tmp_path, "[x].yaml") == ["[x].yaml"]  # a file of just this name


def test_a_named_file_is_a_spec_whatever_it_is_called(tmp_path: Path) -> None:
    write(tmp_path, "LICENSE", "text")
    assert found(tmp_path, "LICENSE") == ["LICENSE"]


def test_paths_that_stand_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, "alexnet.yaml", SPEC)
    assert [(p.rule, p.message, p.hint) for p in missing(tmp_path / "alxnet.yaml")] == [
        ("file", "there is no such file", f"did you mean `{tmp_path / 'alexnet.yaml'}`?")
    ]
    (tmp_path / "specs").mkdir()
    assert missing(tmp_path / "spec")[0].hint == f"did you mean `{tmp_path / 'specs'}`?"
    assert missing(tmp_path / "*.toml")[0].message == "nothing matches this"
    assert missing("a\0b")[0].message == "there is no such file"


def test_a_shipped_name_written_wrongly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("alexnett", "alexnet.yaml", "models/alexnett.yml"):
        assert [(p.message, p.hint) for p in missing(path)] == [
            ("there is no such file", "did you mean the shipped network `alexnet`?")
        ]
    assert missing("nothing_like_it")[0].hint == ""
    write(tmp_path, "alexnets.yaml", SPEC)  # a file beside it is nearer
    assert missing("alexnett.yaml")[0].hint == "did you mean `alexnets.yaml`?"


def test_standard_input_is_left_to_the_caller() -> None:
    assert find(["-", "-"], []) == [Source(None, "<stdin>")]
