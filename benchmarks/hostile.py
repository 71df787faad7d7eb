"""Every hostile file through every static command: seconds of the processor, memory, exit code. Run: python benchmarks/hostile.py [NAME …]"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import HERE, holds, machine

sys.path.insert(0, str(HERE.parent))
from tests.hostile import COMPARING, MEGABYTES, SECONDS, Fared, fare, fault, written  # noqa: E402 - a file of the tests, which reads nothing but the standard library


def main(names: list[str]) -> int:
    """0 where every command ends as it must, else 1."""
    print(machine("archprof"))
    runs: list[tuple[str, tuple[str, ...], Fared]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, commands in written(Path(folder)):
            for command in commands if not names or name in names else ():
                fared = fare(command, Path(folder))
                runs.append((name, command, fared))
                print(f"{name:32} {' '.join(command):64} {fared.seconds:6.2f} s {fared.megabytes:5.0f} MB  exit {fared.code}  {fault(fared, command)}", flush=True)
    worst = [max((run for run in runs), key=lambda run: which(run) / (2 if run[1][0] in COMPARING else 1))
             for which in (lambda run: run[2].seconds, lambda run: run[2].megabytes)]
    faults = [run for run in runs if fault(run[2], run[1])]
    kept = [holds(f"seconds for each file, worst ({' '.join(worst[0][1])})", worst[0][2].seconds / (2 if worst[0][1][0] in COMPARING else 1), SECONDS, " s"),
            holds(f"memory for each file, worst ({' '.join(worst[1][1])})", worst[1][2].megabytes / (2 if worst[1][1][0] in COMPARING else 1), MEGABYTES, " MB"),
            holds(f"commands of {len(runs)} that end otherwise", len(faults), 0, "")]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
