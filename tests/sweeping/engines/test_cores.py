"""The cores that a container allows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archprof.sweeping.engines import cores as module
from archprof.sweeping.engines.cores import cores


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of control groups, of a machine with eight cores."""
    monkeypatch.setattr(module, "GROUPS", tmp_path)
    monkeypatch.setattr(module, "OWN", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    (tmp_path / "own").write_text("4:memory:/a\n0::/job/step\n", encoding="ascii")
    (tmp_path / "job/step").mkdir(parents=True)
    (tmp_path / "cpu").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("job/step/cpu.max", "200000 100000\n", 2),
        ("job/cpu.max", "150000 100000\n", 2),  # a core and a half keep two busy at times
        ("cpu.max", "50000 100000\n", 1),
        ("cpu.max", "max 100000\n", 8),
        ("cpu.max", "3200000 100000\n", 8),  # more than there are
        ("cpu.max", "100000 0\n", 8),
        ("cpu.max", "many\n", 8),
    ],
)
def test_a_quota_of_a_group(groups: Path, file: str, text: str, expected: int) -> None:
    (groups / file).write_text(text, encoding="ascii")
    assert cores() == expected


@pytest.mark.parametrize(("quota", "expected"), [("300000", 3), ("-1", 8)])
def test_a_quota_of_version_1(groups: Path, quota: str, expected: int) -> None:
    (groups / "cpu/cpu.cfs_quota_us").write_text(f"{quota}\n", encoding="ascii")
    (groups / "cpu/cpu.cfs_period_us").write_text("100000\n", encoding="ascii")
    assert cores() == expected


def test_a_system_without_groups(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (groups / "own").unlink()
    assert cores() == 8
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
