"""Mutation score: how many small faults, put into the code at random places, the tests notice.

    python benchmarks/mutation.py --count 300 --seed 1

First the tests run once under coverage, each test case for itself, so that the cases that execute a
line are known (`--map FILE` keeps that for the next run on the same tree). Then each mutant is
written into a private copy of the tree, and the cases that execute its line run until the first
fails: those of the mirrored file, then the others, one case of every function before the second of
any, as many as fit into `--seconds`. A line that runs on import counts as executed by every case
that executes something of its file. What no case notices is printed as alive; the exit code is 1
above `--most` percent. What runs in a process of its own (a command in a shell) is not traced, and
so not among the cases.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import importlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from covering import Case, covered
from forked import in_parallel, preload, run_pytest
from mutants import Mutant, mutants

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
    "language/test_expand.py",
    "language/test_members.py",
    "language/test_fitting.py",
    "language/test_malformed.py",
    "commands/check",
    "commands/diff",
    "commands/lecture",
    "commands/quiz",
)
# it takes minutes, and the other tests of lectures decide the same ones
SLOW = ("tests/commands/lecture/test_lecture_report.py",)


class Equivalent(NamedTuple):
    """Changes of lines with this code in a file, which no test can notice, and why."""

    file: str
    code: str
    changes: list[str]
    reason: str


EQUIVALENT = [
    Equivalent(**entry)
    for entry in tomllib.loads((ROOT / "benchmarks" / "equivalent.toml").read_text("utf-8"))[
        "equivalent"
    ]
]


class Outcome(NamedTuple):
    """What became of a mutant: killed (`by` a case), timeout, alive (after so many cases), or
    uncovered.
    """

    mutant: Mutant
    what: str
    by: str = ""
    cases: int = 0


def main() -> int:
    """0 where few enough mutants stay alive, else 1."""
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
            rows = [
                [
                    case.name,
                    case.seconds,
                    {file: sorted(lines) for file, lines in case.lines.items()},
                ]
                for case in cases
            ]
            options.map.write_text(json.dumps(rows), encoding="utf-8")
        print(
            f"{len(cases) - 1} test cases pass, in {sum(case.seconds for case in cases):.0f} s; map"
            f" made in {time.monotonic() - start:.0f} s",
            flush=True,
        )
        outcomes: list[Outcome] = []
        how = f"seed {options.seed}"
        try:
            in_parallel(
                [_tried(mutant, sources, cases, options.seconds) for mutant in chosen],
                slots,
                lambda outcome: _show(outcome, outcomes),
            )
        except KeyboardInterrupt:
            how += f", interrupted before the end of {len(chosen)}"
    return report(outcomes, sources, options.most, f"{how}, {time.monotonic() - start:.0f} s")


def sample(sources: dict[str, bytes], count: int, dice: random.Random) -> list[Mutant]:
    """So many mutants of the files, each equally likely."""
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
    """Prints what stays alive and the score; 1 where that is too much."""
    by: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        unnoticed = outcome.what in ("alive", "uncovered")
        by[
            "equivalent" if unnoticed and _equivalent(outcome.mutant, sources) else outcome.what
        ].append(outcome)
    for what in ("alive", "uncovered", "equivalent"):
        for mutant, _, _, cases in sorted(by[what]):
            print(
                f"{what}: {mutant.file}:{mutant.line}: {mutant.change} "
                f" ({_equivalent(mutant, sources) or f'{cases} cases'})"
            )
    alive, sampled = len(by["alive"]) + len(by["uncovered"]), len(outcomes) - len(by["equivalent"])
    share = 100 * alive / max(1, sampled)
    counts = ", ".join(
        f"{len(by[what])} {what}"
        for what in ("killed", "timeout", "alive", "uncovered", "equivalent")
    )
    print(f"{len(outcomes)} sampled: {counts}; {share:.1f} % alive ({how})")
    return int(share > most)


def _equivalent(mutant: Mutant, sources: dict[str, bytes]) -> str:
    """Why no test can notice a mutant, "" where one could."""
    if mutant.change == "0 -> (-1)" and _first_of_one(mutant, sources[mutant.file]):
        return "it has one input"
    line = sources[mutant.file].decode().splitlines()[mutant.line - 1]
    for known in EQUIVALENT:
        if known.file == mutant.file and known.code in line and mutant.change in known.changes:
            return known.reason
    return ""


def _first_of_one(mutant: Mutant, source: bytes) -> bool:
    """Whether the place is `inputs[0]` in the class of an op of one input."""
    if not mutant.file.startswith("archprof/ops/") or not source[: mutant.start].endswith(
        b"inputs["
    ):
        return False
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    inside = [node.name for node in classes if node.lineno <= mutant.line <= (node.end_lineno or 0)]
    sys.path.insert(0, str(ROOT))
    module = importlib.import_module(mutant.file.removesuffix(".py").replace("/", "."))
    return any(
        all(op.arity == (1, 1) for op in _with_subclasses(getattr(module, name))) for name in inside
    )


def _with_subclasses(cls: Any) -> list[Any]:
    return [cls, *(one for sub in cls.__subclasses__() for one in _with_subclasses(sub))]


# --- one mutant ---


def _tried(
    mutant: Mutant, sources: dict[str, bytes], cases: list[Case], budget: float
) -> Callable[[], Outcome]:
    def work() -> Outcome:
        source, path = sources[mutant.file], Path(mutant.file)
        before = path.stat()
        waves = chosen_for(mutant, cases, budget)
        if not any(waves):
            return Outcome(mutant, "uncovered")
        path.write_bytes(mutant.applied(source))
        try:
            for wave in waves:
                by = in_parallel(
                    [lambda wave=wave: _first_failing(wave)], [Path()], lambda _: None
                )[0]
                if by is None:
                    return Outcome(mutant, "timeout")
                if by:
                    return Outcome(mutant, "killed", by)
        finally:
            path.write_bytes(source)
            # so that its compiled copy is valid again
            os.utime(path, (before.st_atime, before.st_mtime))
        return Outcome(mutant, "alive", cases=sum(map(len, waves)))

    return work


def chosen_for(mutant: Mutant, cases: list[Case], budget: float) -> tuple[list[Case], list[Case]]:
    """The cases that may notice: those of the mirrored file, then the others, each list with one
    case of every function before the second of any.
    """
    mirror = "tests" + mutant.file.removeprefix("archprof").replace(
        Path(mutant.file).name, f"test_{Path(mutant.file).name}"
    )
    executing = [case for case in cases if case.name and mutant.file in case.lines]
    on_import = mutant.on_import or any(
        mutant.line in case.lines.get(mutant.file, ()) for case in cases if not case.name
    )
    knowing = (
        executing
        if on_import
        else [case for case in executing if mutant.line in case.lines[mutant.file]]
    )
    # nothing there but what runs on import
    knowing = knowing or [case for case in cases if case.file.startswith(mirror.rpartition("/")[0])]
    rank: dict[str, int] = defaultdict(int)
    order: list[tuple[int, float, Case]] = []
    for case in sorted(knowing, key=lambda case: case.seconds):
        order.append((rank[case.function], case.seconds, case))
        rank[case.function] += 1
    waves: tuple[list[Case], list[Case]] = ([], [])
    spent = [0.0, 0.0]
    for _, seconds, case in sorted(order, key=lambda entry: entry[:2]):
        wave = int(case.file != mirror)
        if spent[wave] + seconds <= budget:
            waves[wave].append(case)
            spent[wave] += seconds
    return waves


def _first_failing(wave: list[Case]) -> str:
    """The first case that fails, "" where none does."""
    seconds = 20 + 10 * sum(case.seconds for case in wave)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
    # for what waits; the machine may be busy with other things
    threading.Timer(10 * seconds, os._exit, (1,)).start()
    order = {case.name: i for i, case in enumerate(wave)}
    failed: list[str] = []

    class Choose:
        def pytest_collection_modifyitems(self, items: list[Any]) -> None:
            # the fault is in what their parameters are made from
            gone = order.keys() - {item.nodeid for item in items}
            renamed = {name.partition("[")[0] for name in gone}
            chosen = [
                item
                for item in items
                if item.nodeid in order or item.nodeid.partition("[")[0] in renamed
            ]
            items[:] = sorted(chosen, key=lambda item: order.get(item.nodeid, len(order)))

        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.failed:
                failed.append(report.nodeid)

    code = run_pytest(["-x", *dict.fromkeys(case.file for case in wave)], Choose()) if wave else 0
    return failed[0] if failed else "" if code in (0, 5) else "while collecting"


def _python(paths: list[str], pattern: str = "*.py") -> list[str]:
    found = [
        file
        for path in paths
        for file in (
            [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).rglob(pattern))
        )
    ]
    return [str(file.relative_to(ROOT)) for file in found]


def _kept(path: Path | None) -> list[Case]:
    if path is None or not path.exists():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        Case(name, seconds, {file: frozenset(lines) for file, lines in files.items()})
        for name, seconds, files in rows
    ]


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
