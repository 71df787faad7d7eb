"""The index of the shipped networks: what is computed, and never that of other specs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archprof.commands.summary.catalogue import catalogue, computed
from archprof.language import find, loader, shipped_index
from archprof.language.shipped_folder import specs_folder
from archprof.language.shipped_index import (
    NAME,
    PATTERNS,
    ShippedNetwork,
    index_text,
    indexed,
    shipped_names,
)
from tests.command_line import Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two shipped families, with an index of them that says what no spec does."""
    folder = tmp_path / "specs"
    shutil.copytree(specs_folder() / "blocks", folder / "blocks")
    for name in ("alexnet.yaml", "lenet.yaml"):
        shutil.copy(specs_folder() / name, folder)
    for module in (loader, find, shipped_index):
        monkeypatch.setattr(module, "specs_folder", lambda: folder)
    find.load_shipped.cache_clear()
    wrong = [ShippedNetwork("wrong", ("alias",), "Wrong", 0, (1, 2, 3), 4, 5, 6, "", "")]
    (folder / NAME).write_text(index_text(wrong), encoding="utf-8")
    return folder


def test_it_is_what_is_computed() -> None:
    """`python scripts/index_specs.py` writes it again."""
    file = specs_folder() / NAME
    assert file.read_text(encoding="utf-8") == index_text(computed())
    assert indexed() == computed()


def test_every_file_that_makes_a_network_counts() -> None:
    """No shipped network has a part in a file whose change the index would not notice."""
    counted = {
        f"specs/{path.relative_to(specs_folder()).as_posix()}"
        for pattern in PATTERNS
        for path in specs_folder().glob(pattern)
    }
    assert {file for network in find.shipped() for file in network.texts()} <= counted


def test_it_is_read_as_it_is(folder: Path, run: Run) -> None:
    assert [network.name for network in catalogue("", None)] == ["wrong"]
    assert shipped_names() == ["wrong", "alias"]
    assert run("list").out.splitlines()[2].split() == [
        "wrong",
        "(alias)",
        "Wrong",
        "4",
        "5",
        "6",
        "1x2x3",
    ]


def computes() -> bool:
    """Whether nothing of the wrong index is shown."""
    shown = [network.name for network in catalogue("", None)]
    return "wrong" not in shown and shown[0] == "alexnet" and "wrong" not in shipped_names()


def test_no_spec_changes_without_notice(folder: Path) -> None:
    path = folder / "lenet.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert computes()


def test_nor_a_block(folder: Path) -> None:
    path = folder / "blocks" / "swin.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert computes()


def test_nor_is_one_added(folder: Path) -> None:
    shutil.copy(folder / "lenet.yaml", folder / "other.yaml")
    assert indexed() is None


def test_nor_taken_away(folder: Path) -> None:
    (folder / "lenet.yaml").unlink()
    assert computes()


def test_nor_renamed(folder: Path) -> None:
    (folder / "lenet.yaml").rename(folder / "other.yaml")
    assert computes()


def test_nor_does_text_move_from_file_to_file(folder: Path) -> None:
    """Both files together are as they were."""
    first, second = folder / "alexnet.yaml", folder / "lenet.yaml"
    text = first.read_bytes() + second.read_bytes()
    first.write_bytes(text[:1000])
    second.write_bytes(text[1000:])
    assert indexed() is None


@pytest.mark.parametrize("text", ["", "{", "\xff"])
def test_without_an_index_networks_are_computed(folder: Path, text: str) -> None:
    (folder / NAME).write_bytes(text.encode("latin-1"))
    assert computes()


def test_where_there_is_none(folder: Path) -> None:
    (folder / NAME).unlink()
    assert computes()
