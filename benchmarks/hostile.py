"""Every hostile file through every static command: seconds of the processor, memory, exit code.

Run: python benchmarks/hostile.py [NAME …]
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from measuring import HERE, SHORT, holds, machine

sys.path.insert(0, str(HERE.parent))
from tests.hostile import COMPARING, MEGABYTES, SECONDS, Fared, fare, fault, written

EVERY = 25  # of the commands one is run in a short run


def chosen(folder: Path, names: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Write the hostile files and return the commands to run, each beside its file's name."""
    each = [
        (name, command)
        for name, commands in written(folder)
        if not names or name in names
        for command in commands
    ]
    return each[::EVERY] if os.environ.get(SHORT) else each


def main(names: list[str]) -> int:
    """Return 0 where every command ends as it must, else 1."""
    print(machine("archprof"))
    runs: list[tuple[str, tuple[str, ...], Fared]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, command in chosen(Path(folder), names):
            fared = fare(command, Path(folder))
            runs.append((name, command, fared))
            took = f"{fared.seconds:6.2f} s {fared.megabytes:5.0f} MB  exit {fared.code}"
            print(f"{name:32} {' '.join(command):64} {took}  {fault(fared, command)}", flush=True)
    faults = [run for run in runs if fault(run[2], run[1])]
    slowest, largest = (
        max(runs, key=lambda run: run[2].seconds / files(run[1])),
        max(runs, key=lambda run: run[2].megabytes / files(run[1])),
    )
    kept = [
        holds(
            f"for each file, worst in {' '.join(slowest[1])}",
            slowest[2].seconds / files(slowest[1]),
            SECONDS,
            " s",
        ),
        holds(
            f"for each file, worst in {' '.join(largest[1])}",
            largest[2].megabytes / files(largest[1]),
            MEGABYTES,
            " MB",
        ),
        holds(f"commands of {len(runs)} that end otherwise", len(faults), 0, ""),
    ]
    return 0 if all(kept) else 1


def files(command: tuple[str, ...]) -> int:
    """Return how many files a command is over."""
    return 2 if command[0] in COMPARING else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
