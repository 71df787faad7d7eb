"""The quick reader of command lines and typer give a command the same, or typer alone reads it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.main import get_command

from archprof.cli.application import COMMANDS
from archprof.cli.quick import quick
from archprof.cli.typer_program import program

REFUSED = "refused"


def command(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(f"archprof.commands.{COMMANDS[name]}"), name)
    return found


def by_typer(name: str, words: list[str]) -> Any:
    """What typer gives the command, REFUSED where it stops."""

    @wraps(command(name))
    def recorded(*_: Any, **named: Any) -> dict[str, Any]:
        return named

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            given = program([recorded])([name, *words], prog_name="a", standalone_mode=False)
    except Exception:  # noqa: BLE001 - click has an exception for each fault
        return REFUSED
    return given if isinstance(given, dict) else REFUSED  # a number: help was shown


def typed(given: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    return {name: (type(value), value) for name, value in given.items()}


def names_of_options(name: str) -> list[str]:
    group: Any = get_command(program([command(name)]))
    return [
        option
        for parameter in group.commands[name].params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("-")
    ]


VALUES = [
    *("alexnet", "resnet18", "1", "0", "8", "007", "-1", "1.5", "1e3", "99999999999", "٣", " 1"),
    *(
        "",
        "-",
        "--",
        "json",
        "JSON",
        "table",
        "float16",
        "Format.json",
        "adam",
        "a=b",
        "depths=[1]",
    ),
    *("conv1", "no/such/file", "/", "/dev/null", "spec", "true", "x" * 300, "ä", "\udcff", "=x"),
]
OPTIONS = {name: names_of_options(name) for name in COMMANDS}


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A command, and words behind it: mostly options of it, with values and without."""
    name = draw(st.sampled_from(list(COMMANDS)))
    option = st.sampled_from(OPTIONS[name])
    value = st.sampled_from(VALUES)
    piece = st.one_of(
        value.map(lambda text: [text]),
        option.map(lambda text: [text]),
        st.tuples(option, value).map(list),
        st.tuples(option, value).map(lambda pair: [f"{pair[0]}={pair[1]}"]),
        st.tuples(option, value).map(lambda pair: [f"{pair[0]}{pair[1]}"]),
        option.map(lambda text: [text[:-1]]),
    )
    return name, [word for words in draw(st.lists(piece, max_size=6)) for word in words]


@settings(max_examples=400, deadline=None)
@given(lines())
def test_both_read_the_same(line: tuple[str, list[str]]) -> None:
    name, words = line
    quickly = quick(command(name), words)
    if quickly is not None:
        by_other = by_typer(name, words)
        assert by_other != REFUSED
        assert typed(quickly) == typed(by_other)


@pytest.mark.parametrize(
    "line",
    [
        "summary resnet152",
        "summary resnet50 --batch 8 --count full --dtype float16 --ema -f json",
        "summary resnet50 --set depths=[3,4,23,3] --set width=128 --depth=2 -o out.md",
        "list",
        "list resnet --sort params --full",
        "explain resnet18 layer1.0.conv1",
        "compare resnet50 resnet101 --batch 1,8",
        "diff resnet50 resnet101 --fail-on macs>+5%",
        "check specs --strict --jobs 4",
        "lecture --static",
        "lecture L8-07 --show-work",
        "quiz alexnet --blank 5 --seed 3",
        "fmt --check specs",
        "schema lecture",
    ],
)
def test_what_people_type_is_read_quickly(line: str) -> None:
    name, *words = line.split()
    quickly = quick(command(name), words)
    assert quickly is not None
    assert typed(quickly) == typed(by_typer(name, words))


@pytest.mark.parametrize(
    "line",
    [
        "summary",
        "summary alexnet vgg16",
        "summary alexnet --help",
        "summary alexnet --batch",
        "summary alexnet --batch 0",
        "summary alexnet --batch 1000001",
        "summary alexnet --batch 1 --batch 2",
        "summary alexnet --batc 1",
        "summary alexnet --dtype FLOAT16",
        "summary alexnet --ema=1",
        "summary alexnet -f=json",
        "summary -- alexnet",
        "compare",
        "bench alexnet",
    ],
)
def test_the_rest_is_left_to_typer(line: str) -> None:
    name, *words = line.split()
    assert quick(command(name), words) is None


def test_an_unreadable_file_is_left_to_typer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typer refuses it by name. Root reads everything, so that the answer is given here."""
    file = tmp_path / "out.md"
    words = ["alexnet", "--output", str(file)]
    assert quick(command("summary"), words) is not None
    file.write_text("", encoding="utf-8")
    assert quick(command("summary"), words) is not None
    monkeypatch.setattr("os.access", lambda *_: False)
    assert quick(command("summary"), words) is None


def test_patterns_of_windows_are_left_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archprof.cli.quick.os.name", "nt")
    assert quick(command("summary"), ["alexnet"]) is None
