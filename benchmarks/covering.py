"""Which test case executes which line: the tests run once under coverage, a context for each
case.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from forked import in_parallel, run_pytest


class Case(NamedTuple):
    """A test case: its file, the function in it, how long the processor takes, and the lines that
    it executes, by file.

    One without a name stands for what runs on import, before any case.
    """

    name: str
    seconds: float
    lines: dict[str, frozenset[int]]

    @property
    def file(self) -> str:
        return self.name.partition("::")[0]

    @property
    def function(self) -> str:
        return self.name.partition("[")[0]


def covered(files: list[str], slots: list[Path]) -> list[Case]:
    """Return the cases of the files that pass, with the lines they execute."""
    size = {file: Path(slots[0], file).stat().st_size for file in files}
    largest_first = sorted(
        files, key=lambda file: (file != "tests/ops/test_every_op.py", -size[file])
    )
    found = in_parallel(
        [lambda file=file: _trace(file) for file in largest_first], slots, _show_file
    )
    cases = [case for cases in found for case in cases or []]
    on_import: dict[str, frozenset[int]] = {}
    for case in cases:
        if not case.name:
            on_import |= {
                file: lines | on_import.get(file, frozenset()) for file, lines in case.lines.items()
            }
    return [*(case for case in cases if case.name), Case("", 0, on_import)]


def _trace(file: str) -> list[Case]:
    import coverage
    import pytest

    cov = coverage.Coverage(data_file=None, source=["archprof"], messages=False)
    cov.start()
    seconds: dict[str, float] = {}
    passed: set[str] = set()

    class Watch:
        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_protocol(self, item: Any) -> Any:
            cov.switch_context(item.nodeid)
            start = time.process_time()
            yield
            seconds[item.nodeid] = time.process_time() - start
            cov.switch_context("")

        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.when == "call" and report.passed:
                passed.add(report.nodeid)

    run_pytest([file], Watch())
    cov.stop()
    data = cov.get_data()
    lines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in data.measured_files():
        name = os.path.relpath(path)
        for line, contexts in data.contexts_by_lineno(path).items():
            for context in contexts:
                lines[context][name].add(line)
    took = {name: seconds[name] for name in seconds if name in passed} | {"": 0}
    return [
        Case(name, took[name], {path: frozenset(those) for path, those in lines[name].items()})
        for name in took
    ]


def _show_file(cases: list[Case] | None) -> None:
    if cases:
        print(
            f"  {cases[0].file}: {len(cases) - 1} cases,"
            f" {sum(case.seconds for case in cases):.0f} s",
            flush=True,
        )
