"""The progress of a sweep: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys

import pytest

from archprof.commands.sweep.progress import SweepProgress
from tests.sweeping.engines.jobs import Slice


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Make three of four shards, and return what stood behind the bar after each."""
    with SweepProgress(4_000) as progress:
        progress.note("no worker has joined [bold]tcp://a:1[/] yet")
        seen = []
        for number in range(3):
            if progress.bar:
                progress.bar.refresh()
            seen.append(capsys.readouterr().err)
            progress.made(Slice(number, number * 1_000, number * 1_000 + 1_000))
        if progress.bar:
            progress.bar.refresh()
        seen.append(capsys.readouterr().err)
    return seen


def test_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    seen = shown(capsys)
    assert "0 of 4,000 rows" in seen[0]
    assert "no worker has joined [bold]tcp://a:1[/] yet" in seen[0]
    assert "no worker" not in seen[1]
    assert "3,000 of 4,000 rows" in seen[3]
    assert " rows/s" in seen[3]


def test_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys) == ["", "", "", ""]
