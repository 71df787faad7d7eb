"""The repository's address is one setting, and no file spells it out differently."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.ci.conftest import ROOT

PROJECT = '[project.urls]\nRepository = "https://github.com/OWNER/archprof"\n'
PAGE = """\
    - uses: OWNER/archprof@v1
    - repo: https://github.com/OWNER/archprof
pip install git+https://github.com/OWNER/archprof.git; MY-OWNER/archprof is another
See https://github.com/OWNER/archprof-specs and the folder mine/archprof.
"""


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return import_module("repository")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "docs" / "ci.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_no_file_spells_it_differently(repository: ModuleType) -> None:
    different = [
        f"{path.relative_to(ROOT)}:{line} says {name}, pyproject.toml {repository.setting()}"
        for path, line, name in repository.mentions()
        if name != repository.setting()
    ]
    assert different == []


def test_the_files_that_users_copy_from_are_among_them(repository: ModuleType) -> None:
    named = {str(path.relative_to(ROOT)) for path, _, _ in repository.mentions()}
    assert "pyproject.toml" in named
    assert [name for name in named if name.startswith("docs/")]


def test_where_it_stands(repository: ModuleType, tree: Path) -> None:
    found = [(path.name, line) for path, line, _ in repository.mentions(tree)]
    assert found == [("ci.md", 1), ("ci.md", 2), ("ci.md", 3), ("pyproject.toml", 2)]


def test_another_owner_is_found(repository: ModuleType, tree: Path) -> None:
    (tree / "README.md").write_text("https://github.com/other/archprof", encoding="utf-8")
    names = {name for _, _, name in repository.mentions(tree)}
    assert names == {"OWNER/archprof", "other/archprof"}


def test_it_is_changed_everywhere_and_nothing_else_is(repository: ModuleType, tree: Path) -> None:
    changed = repository.rename("some-lab/archprof", tree)
    assert [path.name for path in changed] == ["ci.md", "pyproject.toml"]
    assert repository.setting(tree) == "some-lab/archprof"
    expected = PAGE.replace("OWNER/archprof@", "some-lab/archprof@")
    expected = expected.replace("github.com/OWNER/archprof\n", "github.com/some-lab/archprof\n")
    expected = expected.replace("github.com/OWNER/archprof.git", "github.com/some-lab/archprof.git")
    assert (tree / "docs" / "ci.md").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("words", [["archprof"], ["a/b", "c/d"], ["-/x"], ["a b/c"]])
def test_wrong_use(repository: ModuleType, words: list[str]) -> None:
    assert repository.main(words) == 2
