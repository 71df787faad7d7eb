"""Spaces among the files to check."""

from __future__ import annotations

from pathlib import Path

from archprof.commands.check.space_source import is_space, read_space
from archprof.language.files import Source
from tests.command_line import Run

SPACE = "name: s\nnetwork: resnet50\nspace: {groups: 1..4}\n"


def test_a_space_is_read(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(SPACE, encoding="utf-8")
    done = run("check", "--strict", file)
    assert (done.code, done.out) == (0, "")
    assert "1 file, 1 space, no problems" in done.err


def test_what_is_wrong_in_it_is_reported_as_in_a_spec(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(SPACE.replace("1..4", "4..1"), encoding="utf-8")
    done = run("check", file)
    assert done.code == 1
    assert "s.yaml:3:17: error: the range of `groups` goes down: 4..1 [kind]" in done.out
    assert done.err.endswith("1 file, 1 space, 1 problem\n")


def test_a_folder_is_looked_through_for_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPACE, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("spaces: 3\n", encoding="utf-8")
    done = run("check", tmp_path)
    assert "1 file, 1 space, no problems, 1 YAML file passed over" in done.err


def test_spaces_beside_specs_are_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPACE, encoding="utf-8")
    (tmp_path / "n.yaml").write_text(
        "name: n\ninput: 3x8x8\nlayers:\n  r: {op: relu}\n", encoding="utf-8"
    )
    assert "2 files, 1 network, 1 space, no problems" in run("check", tmp_path).err


def test_standard_input() -> None:
    source = Source(None, "<stdin>", SPACE.encode("utf-8"))
    assert is_space(source)
    assert read_space(source).columns == ("groups",)


def test_a_spec_with_a_layer_called_space_is_a_spec(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "n.yaml"
    file.write_text("name: n\ninput: 3x8x8\nlayers:\n  space: {op: relu}\n", encoding="utf-8")
    done = run("check", file)
    assert (done.code, done.out) == (0, "")
