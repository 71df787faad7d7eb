"""Runs of `bench` side by side, as `compare --load` reads them from files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from archprof import units
from archprof.commands.compare.compared_verdicts import Run, matched
from archprof.commands.compare.figure_lines import FigureLine, measured_lines, side_by_side
from archprof.commands.measure.judging.run_differences import differences
from archprof.commands.measure.judging.verdict import (
    EQUAL,
    SHORT,
    UNKNOWN,
    TimeVerdict,
    of_ratio,
    of_rows,
)
from archprof.commands.measure.writing.run_labels import Row, device_name, row_name
from archprof.commands.measure.writing.run_notes import notes
from archprof.show.table import Table, TableColumn

VERDICT_NOTE = (
    "by the 95 % interval of the ratio of two medians, in brackets; same where all of it lies"
    f" within {100 * EQUAL:g} %. What the machine did between the runs is in no interval"
)
UNUSUAL = ("limit", "unusable", "moved", "busy", "paused", "stopped")
"""The notes on a run that are repeated here."""


def loaded_tables(runs: Sequence[Run], names: Sequence[str]) -> list[Table]:
    """Return every measurement of any run, those under the first run's conditions first."""
    groups = matched(runs)
    # they become titles, which a table takes as they are
    names = [units.printable(name) for name in names]
    everything = [row for group in groups for row in group if row]
    lines: list[FigureLine] = []
    reasons: dict[str, None] = {}
    for group in groups:
        label = row_name(next(row for row in group if row), everything)
        for line in measured_lines(group, "", partial(_verdict, group, runs)):
            lines.append(line._replace(label=f"{label} {line.label}"))
        for i, row in enumerate(group[1:], 1):
            if row and group[0]:
                reasons[_verdict(group, runs, i, 0).reason] = None
    about = [
        ("ratio", f"to {names[0]}"),
        (_last(names).title, VERDICT_NOTE),
        *((UNKNOWN, reason) for reason in reasons if reason),
        *_about_runs(runs, names),
    ]
    table = side_by_side(lines, names, f"{' against '.join(names)}, as measured", about)
    if len(names) == 2:
        table = _with_verdicts(table, lines, names)
    return [table]


def _last(names: Sequence[str]) -> TableColumn:
    """Return the last column: of two runs the verdict, of more who is the fastest."""
    if len(names) == 2:
        return TableColumn("verdict", right=False, style="cyan", wraps=True)
    return TableColumn("wins", right=False, style="cyan")


def _with_verdicts(table: Table, lines: Sequence[FigureLine], names: Sequence[str]) -> Table:
    """Return the table with the verdict of the second run in place of who wins."""
    rows = [
        [*cells[:-1], _second_against_first(line)]
        for cells, line in zip(table.rows, lines, strict=True)
    ]
    return table._replace(columns=[*table.columns[:-1], _last(names)], rows=rows)


def _second_against_first(line: FigureLine) -> str:
    """Return the verdict of the second run on a figure, "-" where one of the two has none."""
    first, second = line.values
    if first is None or second is None:
        return "-"
    if line.verdict is not None:
        return line.verdict(1, 0).text
    if first == second:
        return "same"
    return "less" if second < first else "more"


def _verdict(group: Sequence[Row | None], runs: Sequence[Run], i: int, j: int) -> TimeVerdict:
    """Return how the time in the i-th run compares with that in the j-th."""
    row, other = group[i], group[j]
    if row is None or other is None:
        return of_ratio(None, SHORT)
    return of_rows(row, other, runs[i]["manifest"], runs[j]["manifest"])


def _about_runs(runs: Sequence[Run], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return each run's device, what differs between the runs, and what was unusual in them."""
    found = [(name, device_name(run["manifest"])) for name, run in zip(names, runs, strict=True)]
    found += [("differ", text) for text in differences([run["manifest"] for run in runs])]
    for name, run in zip(names, runs, strict=True):
        found += [(name, text) for label, text in notes(run) if label in UNUSUAL]
    return found
