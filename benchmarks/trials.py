"""Try one mutant: run the test cases that may notice it until one fails."""

from __future__ import annotations

import os
import resource
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from covering import Case
from forked import in_parallel, run_pytest
from mutants import Mutant


class Outcome(NamedTuple):
    """The end of a trial: `what` is killed (`by` a case), timeout, alive or uncovered.

    `cases` is the number of cases that a mutant survived.
    """

    mutant: Mutant
    what: str
    by: str = ""
    cases: int = 0


def trial(
    mutant: Mutant, sources: dict[str, bytes], cases: list[Case], budget: float
) -> Callable[[], Outcome]:
    """Return the trial of a mutant, to be run in a process and a copy of the tree of its own."""

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


def chosen_for(mutant: Mutant, cases: list[Case], budget: float) -> tuple[list[Case], ...]:
    """Return the cases that may notice: those of the mirrored file, of its folder, then the others.

    Each list has one case of every function before the second of any.
    """
    mirror = "tests" + mutant.file.removeprefix("archprof").replace(
        Path(mutant.file).name, f"test_{Path(mutant.file).name}"
    )
    executing = [case for case in cases if case.name and mutant.file in case.lines]
    on_import = mutant.on_import or any(
        mutant.line in case.lines.get(mutant.file, ()) for case in cases if not case.name
    )
    if on_import:
        # a table is read where no line of its file runs
        reading = [case for case in cases if case.file == mirror and mutant.file not in case.lines]
        knowing = executing + reading
    else:
        knowing = [case for case in executing if mutant.line in case.lines[mutant.file]]
    folder = f"{mirror.rpartition('/')[0]}/"
    if not knowing:  # nothing in the file but what runs on import
        knowing = [case for case in cases if case.file.startswith(folder)]
    rank: dict[str, int] = defaultdict(int)
    order: list[tuple[int, float, Case]] = []
    for case in sorted(knowing, key=lambda case: case.seconds):
        order.append((rank[case.function], case.seconds, case))
        rank[case.function] += 1
    waves: tuple[list[Case], ...] = ([], [], [])
    spent = [0.0, 0.0, 0.0]
    for _, seconds, case in sorted(order, key=lambda entry: entry[:2]):
        wave = 2
        if case.file == mirror:
            wave = 0
        elif case.file.startswith(folder):
            wave = 1
        if spent[wave] + seconds <= budget:
            waves[wave].append(case)
            spent[wave] += seconds
    return waves


def _first_failing(wave: list[Case]) -> str:
    """Return the first case that fails, "" where none does."""
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
    if failed:
        return failed[0]
    return "" if code in (0, 5) else "while collecting"
