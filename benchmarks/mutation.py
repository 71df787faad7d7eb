"""Mutation score: how many small faults, put into the code at random places, the tests notice.

    python benchmarks/mutation.py --count 300 --seed 1

First the tests run once under coverage, each test case for itself, so that the cases that execute a
line are known (`--map FILE` keeps that for the next run on the same tree). Then each mutant is
written into a private copy of the tree, and the cases that execute its line run until the first
fails: those of the mirrored file, those of its folder, then the others; of each, one case of every
function before the second of any, as many as fit into `--seconds`. A line that runs on import
counts as executed by every case that executes something of its file. What no case notices is
printed as alive; the exit code is 1 above `--most` percent. What runs in a process of its own (a
command in a shell) is not traced, and so not among the cases.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from covering import Case, covered
from equivalents import reason
from forked import in_parallel, preload
from mutants import Mutant, mutants
from trials import Outcome, trial

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "analysis",
    "ops",
    "graph",
    "language/expand",
    "commands/check",
    "commands/diff",
    "commands/lecture",
    "commands/quiz",
)
TESTS = (
    "analysis",
    "ops",
    "graph",
    "show",
    "language",
    "sweeping/composing",
    "commands/check",
    "commands/diff",
    "commands/lecture",
    "commands/quiz",
)
# it takes minutes, and tests/commands/lecture decides the same lectures
SLOW = ("tests/commands/lecture/test_letters_report.py",)


def main() -> int:
    """Return 0 where few enough mutants stay alive, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--files",
        nargs="*",
        help="files or folders to put faults into (default: the rooms that compute)",
    )
    parser.add_argument(
        "--tests",
        nargs="*",
        default=[f"tests/{name}" for name in TESTS],
        help="test files or folders that may know",
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="of test cases per mutant, by their usual time"
    )
    parser.add_argument("--most", type=float, default=10, help="percent that may stay alive")
    parser.add_argument("--map", type=Path, help="file that keeps which case executes which line")
    options = parser.parse_args()
    sources = {
        name: (ROOT / name).read_bytes()
        for name in _python(options.files or [f"archprof/{room}" for room in ROOMS])
    }
    chosen = sample(sources, options.count, random.Random(options.seed))
    for stop in (signal.SIGINT, signal.SIGTERM):
        # a run that is cut off tells its score so far
        signal.signal(stop, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        slots = [Path(folder, str(i)) for i in range(options.jobs)]
        for slot in slots:
            shutil.copytree(
                ROOT,
                slot,
                ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "dist"),
                symlinks=True,
            )
            compileall.compile_dir(slot / "archprof", quiet=1)
        preload()
        start = time.monotonic()
        cases = _kept(options.map) or covered(
            [file for file in _python(options.tests, "test_*.py") if file not in SLOW], slots
        )
        if options.map:
            _keep(cases, options.map)
        print(
            f"{len(cases) - 1} test cases pass, in {sum(case.seconds for case in cases):.0f} s; map"
            f" made in {time.monotonic() - start:.0f} s",
            flush=True,
        )
        outcomes: list[Outcome] = []
        how = f"seed {options.seed}"
        try:
            in_parallel(
                [trial(mutant, sources, cases, options.seconds) for mutant in chosen],
                slots,
                lambda outcome: _show(outcome, outcomes),
            )
        except KeyboardInterrupt:
            how += f", interrupted before the end of {len(chosen)}"
    return report(outcomes, sources, options.most, f"{how}, {time.monotonic() - start:.0f} s")


def sample(sources: dict[str, bytes], count: int, dice: random.Random) -> list[Mutant]:
    """Return `count` mutants of the files, each equally likely."""
    found = [mutant for file, source in sources.items() for mutant in mutants(source, file)]
    dice.shuffle(found)
    chosen: list[Mutant] = []
    for mutant in found:
        if len(chosen) == count:
            break
        if mutant.is_python(sources[mutant.file]):
            chosen.append(mutant)
    return chosen


def report(outcomes: list[Outcome], sources: dict[str, bytes], most: float, how: str) -> int:
    """Print what stays alive and the score; return 1 where that is too much."""
    by: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        what = outcome.what
        if what in ("alive", "uncovered") and reason(outcome.mutant, sources):
            what = "equivalent"
        by[what].append(outcome)
    for what in ("alive", "uncovered", "equivalent"):
        for mutant, _, _, cases in sorted(by[what]):
            about = reason(mutant, sources) or f"{cases} cases"
            print(f"{what}: {mutant.file}:{mutant.line}: {mutant.change}  ({about})")
    alive = len(by["alive"]) + len(by["uncovered"])
    sampled = len(outcomes) - len(by["equivalent"])
    share = 100 * alive / max(1, sampled)
    counts = ", ".join(
        f"{len(by[what])} {what}"
        for what in ("killed", "timeout", "alive", "uncovered", "equivalent")
    )
    print(f"{len(outcomes)} sampled: {counts}; {share:.1f} % alive ({how})")
    return int(share > most)


def _python(paths: list[str], pattern: str = "*.py") -> list[str]:
    """Return the files, and those in folders, as paths from the root."""
    found: list[Path] = []
    for path in paths:
        if path.endswith(".py"):
            found.append(ROOT / path)
        else:
            found += sorted((ROOT / path).rglob(pattern))
    return [str(file.relative_to(ROOT)) for file in found]


def _kept(path: Path | None) -> list[Case]:
    """Return the cases that `_keep` wrote, none where there is no such file."""
    if path is None or not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        Case(name, seconds, {file: frozenset(lines) for file, lines in files.items()})
        for name, seconds, files in rows
    ]


def _keep(cases: list[Case], path: Path) -> None:
    """Write which case executes which line, for `_kept`."""
    rows = []
    for case in cases:
        lines = {file: sorted(numbers) for file, numbers in case.lines.items()}
        rows.append([case.name, case.seconds, lines])
    path.write_text(json.dumps(rows), encoding="utf-8")


def _show(outcome: Outcome | None, outcomes: list[Outcome]) -> None:
    if outcome:
        outcomes.append(outcome)
        mutant, what, by, cases = outcome
        print(
            f"  {what}: {mutant.file}:{mutant.line}: {mutant.change}  {by or f'({cases} cases)'}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
