"""Commands run inside the test's process: arguments in, exit code and both streams out."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archprof.cli.main import _run


class Done(NamedTuple):
    """How a command went."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def interruptible() -> None:
    """For a child process: Ctrl-C reaches it also where the tests themselves run in the
    background, where shells ignore it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("summary", "alexnet", columns=80)`."""

    def call(*arguments: object, columns: int = 80) -> Done:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "argv", ["archprof", *map(str, arguments)])
        code = _run()
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def summary(run: Run) -> Callable[..., dict[str, Any]]:
    """The JSON of a summary that goes well."""

    def call(*arguments: object) -> dict[str, Any]:
        done = run("summary", *arguments, "--format", "json")
        assert (done.code, done.err) == (0, "")
        data: dict[str, Any] = json.loads(done.out)
        return data

    return call


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., Path]:
    """A spec file of one network, from its layers as YAML lines."""

    def write(*layers: str, head: str = "input: 3x8x8", tail: str = "", name: str = "net") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(
            "\n".join([f"name: {name}", head, "layers:", *(f"  {layer}" for layer in layers), tail])
            + "\n",
            encoding="utf-8",
        )
        return path

    return write
