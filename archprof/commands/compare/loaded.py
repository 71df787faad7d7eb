"""`archprof compare --load`: runs of `bench` side by side, and what of them ends it with 1."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archprof.cli.options import Format, complain
from archprof.cli.ranges import refused
from archprof.commands.compare.compared_verdicts import (
    Run,
    loaded_differences,
    loaded_verdicts,
    matched,
)
from archprof.commands.measure.writing.run_labels import Row
from archprof.problem import Mark, Problem
from archprof.units import printable, shape

_FAIL_ON = re.compile(r"slower(?:>(\d{1,4}(?:\.\d{1,4})?)%)?")
SAME_CONDITIONS = "measure both under the same conditions, or leave out --fail-on"


def show_loaded(
    paths: Sequence[Path], fail_on: str | None, format: Format, output: Path | None
) -> int:
    """Show the runs, and return the exit code.

    It is 1 where with `fail_on` a run is slower than the first one, by more than the share that
    `fail_on` names, or lacks a measurement that the first one has. Raises ProblemError for a file
    that is not a run, and for another `fail_on`.
    """
    from archprof.allowance import share
    from archprof.commands.compare.loaded_tables import loaded_tables
    from archprof.commands.measure.writing.run_file import read_run
    from archprof.show import terminal
    from archprof.show.table import put

    tolerated = None if fail_on is None else tolerance(fail_on)
    share(len(paths))
    runs = [read_run(path) for path in paths]
    stems = [path.stem for path in paths]
    called = [
        stem if stems.count(stem) == 1 else str(path)
        for stem, path in zip(stems, paths, strict=True)
    ]
    verdicts = loaded_verdicts(runs, called)
    if format is Format.json:
        import json

        data = {
            "runs": dict(zip(called, runs, strict=True)),
            "differences": loaded_differences(runs, called),
            "verdicts": verdicts,
        }
        terminal.emit(json.dumps(data, indent=1), output)
    else:
        put(loaded_tables(runs, called), format.value, output)
    if tolerated is None:
        _say_what_is_alone(verdicts, called)
        return 0
    found = [*_regressions(verdicts, tolerated), *_lost(runs, called)]
    complain(found)
    return 1 if found else 0


def tolerance(text: str) -> float:
    """Return the share by which a run may be slower. Raises ProblemError for another condition."""
    found = _FAIL_ON.fullmatch(text)
    if found is None:
        message = f"`{text[:60]}` is not a condition"
        raise refused("--fail-on", message, "slower, or slower>5% for more than 5 %")
    return float(found[1] or 0) / 100


def _say_what_is_alone(verdicts: Sequence[dict[str, Any]], called: Sequence[str]) -> None:
    sys.stdout.flush()
    for name in called[1:]:
        if not any(one["of"] == name for one in verdicts):
            text = f"{name} and {called[0]} have no measurement under the same conditions"
            print(printable(f"archprof: {text}"), file=sys.stderr)


def _regressions(verdicts: Sequence[dict[str, Any]], tolerated: float) -> list[Problem]:
    """Return the runs whose whole interval lies beyond what is tolerated."""
    found = []
    for one in verdicts:
        if one["verdict"] != "slower" or one["low"] <= 1 + tolerated:
            continue
        interval = f"({one['low']:.3g} to {one['high']:.3g})"
        times = f"{one['ratio']:.3g} times as long as in {one['against']} {interval}"
        found.append(Problem(Mark(one["of"]), "slower", f"{_named(one)}: {times}"))
    return found


def _lost(runs: Sequence[Run], called: Sequence[str]) -> list[Problem]:
    """Return what was measured in the first run and is not in another."""
    found = []
    for first, *others in matched(runs):
        if first is None or first["status"] != "measured":
            continue
        for name, row in zip(called[1:], others, strict=True):
            if row is not None and row["status"] == "measured":
                continue
            what = "is not in it" if row is None else f"{row['status'].replace('_', ' ')} in it"
            message = f"{_named(first)}: measured in {called[0]}, {what}"
            found.append(Problem(Mark(name), "lost", message, SAME_CONDITIONS))
    return found


def _named(row: Row) -> str:
    conditions = f"at batch {row['batch']} of {shape(row['input'])} in {row['dtype']}"
    return f"{row['network']} {conditions}, {row['mode']}"
