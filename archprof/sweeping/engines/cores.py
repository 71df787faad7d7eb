"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def cores() -> int:
    """Return the number of cores: those that it is bound to, but no more than its quota of time.

    A container, and a job of a batch system, has the one or the other.
    """
    if hasattr(os, "sched_getaffinity"):
        bound = len(os.sched_getaffinity(0))
    else:
        bound = os.cpu_count() or 1
    return max(1, min([bound, *map(math.ceil, _quotas())]))


def _quotas() -> Iterator[float]:
    """Yield the cores that control groups allow, as Linux's "CPU controller" writes them.

    Version 2 has them in a group and in all above it, version 1 in files of its own.
    """
    for group in _groups():
        yield from _quota(_words(GROUPS / group / "cpu.max"))
    old = GROUPS / "cpu"
    yield from _quota(_words(old / "cpu.cfs_quota_us") + _words(old / "cpu.cfs_period_us"))


def _groups() -> Iterator[PurePosixPath]:
    """Yield the group of this process in version 2, and those above it."""
    names = [word[3:] for word in _words(OWN) if word.startswith("0::")]
    group = PurePosixPath(names[0].lstrip("/") if names else "")
    yield group
    yield from group.parents


def _quota(words: list[str]) -> Iterator[float]:
    """Yield microseconds of a period, over the period; `max` and -1 are no limit."""
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]):
        yield int(words[0]) / int(words[1])


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return []
