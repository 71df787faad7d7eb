"""Names and paths to spaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.space.library import read_space, shipped_spaces

TEXT = "name: mine\nnetwork: resnet50\nspace: {groups: 1..2}\n"


@pytest.mark.parametrize("name", shipped_spaces())
def test_a_shipped_space_is_called_as_its_file(name: str) -> None:
    found = read_space(name)
    assert (found.name, found.file) == (name, f"specs/spaces/{name}.yaml")


def test_a_file_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("resnet").write_text(TEXT, encoding="utf-8")
    Path("mine.yaml").write_text(TEXT, encoding="utf-8")
    assert read_space("mine.yaml").name == "mine"
    assert read_space("./resnet").name == "mine"
    assert read_space(Path("resnet")).name == "mine"
    assert read_space("resnet").name == "resnet"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnets", "there is no space called `resnets`.*hint: did you mean `resnet`"),
        ("none.yaml", "none.yaml: error: there is no such file"),
        ("", "there is no space called ``"),
    ],
)
def test_what_is_no_space(name: str, message: str) -> None:
    with pytest.raises(ProblemError, match=f"(?s){message}"):
        read_space(name)
