"""Runs of `bench` side by side, as `compare --load` reads them from files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from archprof import units
from archprof.commands.compare.figure_lines import FigureLine, measured_lines, side_by_side
from archprof.commands.measure.run_labels import Row, device_name, row_key, row_name
from archprof.commands.measure.run_notes import notes
from archprof.show.table import Table

APART_NOTE = "a time where the 95 % intervals of the two medians have nothing in common"
UNUSUAL = ("limit", "unusable", "moved", "busy", "paused", "stopped")
"""The notes on a run that are repeated here."""

Run = dict[str, Any]


def loaded_tables(runs: Sequence[Run], names: Sequence[str]) -> list[Table]:
    """Return every measurement of any run, those under the first run's conditions first."""
    found: list[dict[tuple[str, ...], Row]] = [
        {row_key(row): row for row in run["measurements"]} for run in runs
    ]
    keys = dict.fromkeys(condition for rows in found for condition in rows)
    # they become titles, which a table takes as they are
    names = [units.printable(name) for name in names]
    everything = [row for rows in found for row in rows.values()]
    lines: list[FigureLine] = []
    for condition in keys:
        group = [rows.get(condition) for rows in found]
        label = row_name(next(row for row in group if row), everything)
        for line in measured_lines(group, "", partial(_below, group)):
            lines.append(line._replace(label=f"{label} {line.label}"))
    return [
        side_by_side(
            lines,
            names,
            f"{' against '.join(names)}, as measured",
            [("ratio", f"to {names[0]}"), ("wins", APART_NOTE), *_about_runs(runs, names)],
        )
    ]


def _below(group: Sequence[Row | None], i: int, j: int) -> bool:
    """Return whether the interval of the i-th row lies below that of the j-th.

    The rows are of different runs; the i-th is then faster by more than the noise.
    """
    (_, high), (low, _) = _interval(group[i]), _interval(group[j])
    return high is not None and low is not None and high < low


def _interval(row: Row | None) -> tuple[float | None, float | None]:
    """Return the interval of the median, None twice for no row or one of an earlier version."""
    return (row.get("latency_low_ms"), row.get("latency_high_ms")) if row else (None, None)


def _about_runs(runs: Sequence[Run], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return each run's device, what differs between the runs, and what was unusual in them."""
    found = [(name, device_name(run["manifest"])) for name, run in zip(names, runs, strict=True)]
    found += _differences(runs)
    for name, run in zip(names, runs, strict=True):
        found += [(name, text) for label, text in notes(run) if label in UNUSUAL]
    return found


def _differences(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return which versions, flags and specs differ between the runs."""
    manifests = [run["manifest"] for run in runs]
    found = []
    for part in ("versions", "flags"):
        for key in dict.fromkeys(key for manifest in manifests for key in manifest[part]):
            values = [manifest[part].get(key) for manifest in manifests]
            if any(value != values[0] for value in values):
                found.append(("differ", f"{key}: {' against '.join(map(str, values))}"))
    for network in dict.fromkeys(
        network for manifest in manifests for network in manifest["specs"]
    ):
        specs = [
            manifest["specs"][network] for manifest in manifests if network in manifest["specs"]
        ]
        if len({spec["sha256"] for spec in specs}) > 1:
            found.append(("differ", f"the spec of {network}: the runs measured different texts"))
    return found
