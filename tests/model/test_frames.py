"""Whose lines are whose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from archprof.model import frames
from archprof.model.frames import called, is_users, place, raised_at


@pytest.mark.parametrize(
    ("file", "users"),
    [
        (__file__, True),
        ("/home/me/net.py", True),
        (torch.__file__, False),
        (json.__file__, False),
        (frames.__file__, False),
        ("<frozen importlib>", False),
        ("<string>", False),
        (f"{Path(json.__file__).parent.parent}/site-packages/timm/models/vit.py", True),
    ],
)
def test_whose_a_file_is(file: str, users: bool) -> None:
    assert is_users(file) is users


def test_a_trace_ends_in_the_users_line() -> None:
    trace = (
        '  File "/home/me/net.py", line 3, in forward\n    x\n'
        '  File "/home/me/part.py", line 7, in forward\n    y\n'
        f'  File "{torch.__file__}", line 9, in call\n    z\n'
    )
    assert place(trace) == ("/home/me/part.py", 7)
    assert place("") == ("", 0)


def test_what_is_only_torchs_has_torchs_line() -> None:
    assert place(f'  File "{torch.__file__}", line 9, in call\n')[1] == 9


def test_files_are_called_from_their_package_or_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert called(str(tmp_path / "a" / "net.py")) == str(Path("a") / "net.py")
    assert called("/x/site-packages/timm/models/vit.py") == "timm/models/vit.py"
    assert called("/elsewhere/net.py") == "/elsewhere/net.py"
    assert called("") == ""


def test_an_error_of_pythons_has_the_line_that_asked_for_it() -> None:
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads("{")
    file, number = raised_at(error.value)
    assert Path(file).name == Path(__file__).name
    assert number == error.traceback[0].lineno + 1
    assert raised_at(ValueError()) == ("", 0)
