"""Spec files are loaded with the files that they use."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.language import loader, text
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.loader import load_file
from archprof.problem import ProblemError


def test_use_looks_beside_the_file_then_among_the_shipped(specs: Path) -> None:
    (specs / "blocks").mkdir()
    (specs / "blocks" / "se.yaml").write_text("name: se\nblocks: {se: {layers: [{op: sigmoid}]}}\n")
    spec = "name: net\ninput: 3x8x8\nuse: blocks/se.yaml\nlayers:\n  a: {block: se}\n"
    Path("net.yaml").write_text(spec)
    document = load_file(Path("net.yaml"))
    assert document.homes["se"].file == "specs/blocks/se.yaml"
    assert [node.kind for node in expand(find("net.yaml")).nodes] == ["sigmoid"]
    Path("blocks").mkdir()
    Path("blocks/se.yaml").write_text("name: se\nblocks: {se: {layers: [{op: relu}]}}\n")
    document = load_file(Path("net.yaml"))
    assert document.homes["se"].file == "blocks/se.yaml"
    assert list(document.texts()) == ["net.yaml", "blocks/se.yaml"]


def test_a_file_used_many_times_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight files that each use the next thirty times would be 30^8 readings."""
    monkeypatch.chdir(tmp_path)
    for i in range(7):
        Path(f"f{i}.yaml").write_text(
            f"name: f{i}\nuse: [{', '.join([f'f{i + 1}.yaml'] * 30)}]\nblocks: {{}}\n"
        )
    Path("f7.yaml").write_text("name: f7\nblocks: {b7: {layers: [{op: relu}]}}\n")
    read: list[Path] = []

    def reading(path: Path, name: str | None = None) -> tuple[str, str]:
        read.append(path)
        return text.read(path, name)

    monkeypatch.setattr(loader, "read", reading)
    with pytest.raises(ProblemError, match=r"block `b7` comes from f7.yaml and from f7.yaml"):
        load_file(Path("f0.yaml"))
    assert len(read) == 8
    Path("f7.yaml").write_text("name: f7\nblocks: [\n")
    read.clear()
    with pytest.raises(ProblemError, match="not valid YAML"):
        load_file(Path("f0.yaml"))
    assert len(read) == 8


def test_files_use_files_eight_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for i in range(10):
        Path(f"f{i}.yaml").write_text(
            f"name: f{i}\nuse: f{i + 1}.yaml\nblocks: {{b{i}: {{layers: [{{op: relu}}]}}}}\n"
        )
    with pytest.raises(ProblemError, match="files use files more than 8 deep"):
        load_file(Path("f0.yaml"))


def test_a_used_file_is_named_as_the_spec_would_write_it(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "bottleneck.yaml").write_text(
        "name: b\nblocks: {b: {layers: [{op: relu}]}}\n"
    )
    (tmp_path / "net.yaml").write_text(
        "name: net\ninput: 3x8x8\nuse: blocks/botleneck.yaml\nlayers: [{op: relu}]\n"
    )
    with pytest.raises(ProblemError) as error:
        load_file(tmp_path / "net.yaml", "net.yaml")
    assert [p.hint for p in error.value.problems if p.rule == "use"] == [
        "did you mean `blocks/bottleneck.yaml`?"
    ]
