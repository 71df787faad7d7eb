"""One figure of several networks: its values side by side, their ratios, and which is the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.compare.comparison_data import with_step
from archprof.commands.measure.judging.consistency import About, usable
from archprof.commands.measure.judging.verdict import UNKNOWN, TimeVerdict
from archprof.commands.measure.writing.bench_tables import STATUS, UNUSABLE
from archprof.commands.measure.writing.run_labels import Row, percent
from archprof.show.field import extent_text
from archprof.show.table import Table, TableColumn

Compare = Callable[[int, int], TimeVerdict]
"""Tells of two networks, by index, how the time of the first compares with that of the second."""


class FigureLine(NamedTuple):
    """One figure of all networks; `less` says whether less is better.

    `instead` has the text for each network without a value. `verdict` compares two networks by
    their times; without it a figure is exact.
    """

    label: str
    values: Sequence[float | None]
    text: Callable[[Any], str]
    less: bool = True
    instead: Sequence[str] = ()
    verdict: Compare | None = None

    def cell(self, i: int) -> str:
        """Return the value of a network as text."""
        value = self.values[i]
        if value is not None:
            return self.text(value)
        return self.instead[i] if self.instead else "-"

    def ratio(self, i: int) -> str:
        """Return the ratio of a network's value to that of the first network."""
        value, base = self.values[i], self.values[0]
        return units.ratio(value, base) if value is not None and base else "-"

    def winner(self, names: Sequence[str]) -> str:
        """Return the name of the best network, "-" for a tie or where a value is missing.

        Of times it is "same" where all are the same, "cannot tell" where none is the best for sure.
        """
        known = [(value, i) for i, value in enumerate(self.values) if value is not None]
        if len(known) < max(2, len(self.values)):
            return "-"
        if self.verdict is not None:
            return _fastest(self.verdict, names)
        (best, winner), (second, _), *_ = sorted(
            known, key=lambda one: one[0], reverse=not self.less
        )
        return "-" if best == second else names[winner]


def _fastest(verdict: Compare, names: Sequence[str]) -> str:
    """Return the network that is faster than each other one."""
    everyone = range(len(names))
    answers = {(i, j): verdict(i, j).answer for i in everyone for j in everyone if i != j}
    for i in everyone:
        if all(answers[i, j] == "faster" for j in everyone if j != i):
            return names[i]
    return "same" if all(answer == "same" for answer in answers.values()) else UNKNOWN


def side_by_side(
    lines: Sequence[FigureLine], names: Sequence[str], title: str, notes: Sequence[tuple[str, str]]
) -> Table:
    """Return the lines as a table: the ratio of two networks in a column, of more in brackets."""
    first, wins = TableColumn("", right=False), TableColumn("wins", right=False, style="cyan")
    if len(names) == 2:
        columns = [first, *map(TableColumn, names), TableColumn("ratio", style="cyan"), wins]
        rows = [
            [line.label, line.cell(0), line.cell(1), line.ratio(1), line.winner(names)]
            for line in lines
        ]
        return Table(columns, rows, title, notes)
    rows = []
    for line in lines:
        cells = [line.cell(0)]
        for i in range(1, len(names)):
            ratio = line.ratio(i)
            cells.append(line.cell(i) if ratio == "-" else f"{line.cell(i)} ({ratio})")
        rows.append([line.label, *cells, line.winner(names)])
    return Table([first, *map(TableColumn, names), wins], rows, title, notes)


def static_lines(analyses: Sequence[Analysis]) -> list[FigureLine]:
    """Return the figures that follow from the graphs alone."""
    totals = [a.known_totals for a in analyses]
    fields = [
        t.receptive_field[0] if t.receptive_field and t.extent.sees == "local" else None
        for t in totals
    ]
    extents = [extent_text(t.extent) for t in totals]
    return [
        FigureLine("params", [t.params for t in totals], units.count),
        FigureLine("MACs", [t.macs for t in totals], units.count),
        FigureLine("FLOPs", [t.flops for t in totals], units.count),
        FigureLine("depth", [t.depth for t in totals], str),
        FigureLine("receptive field", fields, str, less=False, instead=extents),
        FigureLine("weights", [t.weight_bytes for t in totals], units.size),
        FigureLine("peak inference", [t.peak_inference_bytes for t in totals], units.size),
        FigureLine("training", [t.training_bytes for t in totals], units.size),
        *_step_lines(analyses),
    ]


def _step_lines(analyses: Sequence[Analysis]) -> list[FigureLine]:
    """Return the figures of a step of training, none where it is not asked about."""
    if not with_step(analyses):
        return []
    peaks = [a.known_total("training_peak_bytes") for a in analyses]
    flops = [a.known_total("step_flops") for a in analyses]
    return [
        FigureLine("training peak", peaks, units.size),
        FigureLine("step FLOPs", flops, units.count),
    ]


def measured_lines(
    group: Sequence[Row | None], condition: str, verdict: Compare
) -> list[FigureLine]:
    """Return the figures of rows that were measured under the same condition.

    A row is None where a run has none under this condition. Lines without any value, the latency's
    apart, are left out.
    """

    def values(name: str, *abouts: About) -> list[float | None]:
        return [
            row[name] if row and all(usable(row, about) for about in abouts) else None
            for row in group
        ]

    latency = FigureLine(
        f"latency{condition}",
        values("latency_ms", "latency"),
        units.duration,
        instead=[_instead_of_latency(row) for row in group],
        verdict=verdict,
    )
    others = [
        FigureLine(
            f"throughput{condition}",
            values("images_per_s", "latency"),
            units.rate,
            less=False,
            verdict=verdict,
        ),
        FigureLine(
            f"attained share{condition}",
            values("attained_share", "latency", "attained"),
            percent,
            less=False,
            verdict=verdict,
        ),
        FigureLine(f"peak measured{condition}", values("peak_bytes"), units.size),
    ]
    return [latency, *(line for line in others if any(value is not None for value in line.values))]


def _instead_of_latency(row: Row | None) -> str:
    if row is None:
        return "-"
    return STATUS.get(row["status"], "-") if usable(row) else UNUSABLE
