"""Which test case executes which line: the tests run once under coverage, a context for each
case.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    cov = coverage.Coverage(data_file=None, source=["archprof"], messages=False)
    cov.start()
    watch = _watching(cov.switch_context)
    run_pytest([file], watch)
    cov.stop()
    data = cov.get_data()
    lines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in data.measured_files():
        name = os.path.relpath(path)
        for line, contexts in data.contexts_by_lineno(path).items():
            for context in contexts:
                lines[context][name].add(line)
    for name, fixtures in watch.asked_for.items():
        for fixture in fixtures:
            for path, those in lines[fixture].items():
                lines[name][path] |= those
    took = {name: watch.seconds[name] for name in watch.seconds if name in watch.passed} | {"": 0}
    return [
        Case(name, took[name], {path: frozenset(those) for path, those in lines[name].items()})
        for name in took
    ]


def _watching(switch: Callable[[str], None]) -> Any:
    """Return a plugin of pytest that tells coverage whose lines are executed.

    What several cases share counts for each: caches are empty before every case, and a fixture that
    outlives a case has its own context, by its name, so that its lines can be given to all that
    ask for it.
    """
    import pytest

    class Watch:
        def __init__(self) -> None:
            self.seconds: dict[str, float] = {}
            self.passed: set[str] = set()
            self.asked_for: dict[str, set[str]] = {}
            self.contexts = [""]

        @contextmanager
        def context(self, name: str) -> Iterator[None]:
            self.contexts.append(name)
            switch(name)
            try:
                yield
            finally:
                self.contexts.pop()
                switch(self.contexts[-1])

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(self, item: Any) -> Any:
            _empty_caches()
            known = item._fixtureinfo.name2fixturedefs.values()
            self.asked_for[item.nodeid] = {_fixture(each) for those in known for each in those}
            start = time.process_time()
            with self.context(item.nodeid):
                done = yield
            self.seconds[item.nodeid] = time.process_time() - start
            return done

        @pytest.hookimpl(wrapper=True)
        def pytest_fixture_setup(self, fixturedef: Any) -> Any:
            if fixturedef.scope == "function":
                return (yield)
            with self.context(_fixture(fixturedef)):
                return (yield)

        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.when == "call" and report.passed:
                self.passed.add(report.nodeid)

    return Watch()


def _fixture(definition: Any) -> str:
    return f"fixture {definition.baseid} {definition.argname}"


def _empty_caches() -> None:
    """Forget what functions of archprof and of its tests remember."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("archprof", "tests"):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def _show_file(cases: list[Case] | None) -> None:
    if cases:
        print(
            f"  {cases[0].file}: {len(cases) - 1} cases,"
            f" {sum(case.seconds for case in cases):.0f} s",
            flush=True,
        )
