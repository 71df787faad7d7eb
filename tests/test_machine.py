"""The memory of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof import machine as module
from archprof.machine import available_bytes, peak_bytes, resident_bytes


def test_available_memory_is_the_least_of_machine_and_group(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = {"/proc/meminfo": tmp_path / "meminfo", "/sys/fs/cgroup": tmp_path}
    monkeypatch.setattr(module, "Path", lambda path: files[path])
    assert available_bytes() is None
    (tmp_path / "meminfo").write_text("MemTotal:  900 kB\nMemAvailable:    500 kB\n")
    assert available_bytes() == 500 * 1024
    (tmp_path / "memory.current").write_text("1000\n")
    for limit, found in (("max\n", 500 * 1024), ("3000\n", 2000)):
        (tmp_path / "memory.max").write_text(limit)
        assert available_bytes() == found


def test_what_this_process_has() -> None:
    """An interpreter that has run pytest has 10 MB at least, and no more than at its peak."""
    assert 10_000_000 < resident_bytes() <= peak_bytes()
