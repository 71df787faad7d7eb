"""Networks side by side as measured: figures with their ratio and who wins, where the time goes;
and runs of two machines side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.compare.comparison import by_stage, describe_kind
from archprof.commands.measure import ranking
from archprof.commands.measure.consistency import About, usable
from archprof.commands.measure.roofline_tables import unusable_table
from archprof.commands.measure.tables import (
    KEY,
    STATUS,
    UNUSABLE,
    Row,
    device_name,
    notes,
    percent,
    row_name,
    run_title,
)
from archprof.show.field import extent_text
from archprof.show.table import Column, Table

KINDS = 8  # those that take most of the time; the others are added up
TIE = 0.005  # exact figures so near to each other have no winner
UNDECIDED = "not decided"
APART_NOTE = "a time where the 95 % intervals of the two medians have nothing in common"


class Line(NamedTuple):
    """One figure of all networks; `less` says whether less is better.

    `instead` stands where there is no figure.

    `beats` says of two networks, by index, whether the first is better by more than the noise;
    without it a figure is exact.
    """

    label: str
    values: Sequence[float | None]
    text: Callable[[Any], str]
    less: bool = True
    instead: Sequence[str] = ()
    beats: Callable[[int, int], bool] | None = None

    def cell(self, i: int) -> str:
        value = self.values[i]
        return self.text(value) if value is not None else self.instead[i] if self.instead else "-"

    def ratio(self, i: int) -> str:
        """To the first."""
        value, base = self.values[i], self.values[0]
        return f"{value / base:.2f}" if value is not None and base else "-"

    def winner(self, names: Sequence[str]) -> str:
        """Who has the best figure by more than a tie; nobody where one is missing."""
        known = [(value, i) for i, value in enumerate(self.values) if value is not None]
        if len(known) < max(2, len(self.values)):
            return "-"
        (best, winner), (second, _), *_ = sorted(
            known, key=lambda one: one[0], reverse=not self.less
        )
        if self.beats is not None:
            everyone = range(len(names))
            return next(
                (names[i] for i in everyone if all(self.beats(i, j) for j in everyone if j != i)),
                UNDECIDED,
            )
        return "-" if abs(best - second) <= TIE * max(best, second) else names[winner]


def compared_tables(
    analyses: Sequence[Analysis], names: Sequence[str], run: dict[str, Any]
) -> list[Table]:
    """One screen of figures; then the time of a pass, by kind of layer and by resolution, where
    it was measured.
    """
    rows: list[Row] = run["measurements"]
    # as they were measured, in turns
    groups = [rows[i : i + len(names)] for i in range(0, len(rows), len(names))]
    lines = _static(analyses) + [
        line
        for group in groups
        for line in _measured(group, _condition(group[0], rows), partial(ranking.faster, group))
    ]
    about = [
        (
            "ratio",
            (
                f"to {names[0]}; static figures are at batch {analyses[0].batch}, a latency is the"
                " median"
            ),
        ),
        (
            "wins",
            (
                "less of everything but field, throughput and attained share, of which more; a time"
                " where its difference exceeds the noise, by the 95 % interval of the ratio turn by"
                " turn"
            ),
        ),
    ]
    about += [(label, text) for label, text in notes(run) if label not in ("latency", "batched")]
    tables = [side_by_side(lines, names, f"{' against '.join(names)} · {run_title(run)}", about)]
    if len(run["layers"]) == len(names) and not all(
        usable(data, "layers") for data in run["layers"]
    ):
        tables += [unusable_table(data) for data in run["layers"] if not usable(data, "layers")]
    elif len(run["layers"]) == len(names):
        tables += [
            _where("Kind", [_kinds(a) for a in analyses], analyses, run["layers"], names),
            _where("Stage", [_stages(a) for a in analyses], analyses, run["layers"], names),
        ]
    return tables


def side_by_side(
    lines: Sequence[Line], names: Sequence[str], title: str, about: Sequence[tuple[str, str]]
) -> Table:
    """Of two, the ratio in a column; of more, in brackets."""
    wins = Column("wins", right=False, style="cyan")
    if len(names) == 2:
        columns = [
            Column("", right=False),
            *map(Column, names),
            Column("ratio", style="cyan"),
            wins,
        ]
        return Table(
            columns,
            [
                [line.label, line.cell(0), line.cell(1), line.ratio(1), line.winner(names)]
                for line in lines
            ],
            title,
            about,
        )
    rows = [
        [
            line.label,
            line.cell(0),
            *(
                line.cell(i) + (f" ({line.ratio(i)})" if line.ratio(i) != "-" else "")
                for i in range(1, len(names))
            ),
            line.winner(names),
        ]
        for line in lines
    ]
    return Table([Column("", right=False), *map(Column, names), wins], rows, title, about)


def _static(analyses: Sequence[Analysis]) -> list[Line]:
    totals = [a.totals for a in analyses]
    fields = [
        t.receptive_field[0] if t.receptive_field and t.extent.sees == "local" else None
        for t in totals
    ]
    return [
        Line("params", [t.params for t in totals], units.count),
        Line("MACs", [t.macs for t in totals], units.count),
        Line("FLOPs", [t.flops for t in totals], units.count),
        Line("depth", [t.depth for t in totals], str),
        Line(
            "receptive field",
            fields,
            str,
            less=False,
            instead=[extent_text(t.extent) for t in totals],
        ),
        Line("weights", [t.weight_bytes for t in totals], units.size),
        Line("peak inference", [t.peak_inference_bytes for t in totals], units.size),
        Line("training", [t.training_bytes for t in totals], units.size),
    ]


def _measured(
    group: Sequence[Row | None], condition: str, faster: Callable[[int, int], bool]
) -> list[Line]:
    """The lines of rows that were measured under the same condition; None where a run has no
    such row.
    """
    instead = [
        "-" if row is None else UNUSABLE if not usable(row) else STATUS.get(row["status"], "-")
        for row in group
    ]

    def values(name: str, *abouts: About) -> list[float | None]:
        return [
            row[name] if row and all(usable(row, about) for about in abouts) else None
            for row in group
        ]

    lines = [
        Line(
            f"latency{condition}",
            values("latency_ms", "latency"),
            units.duration,
            instead=instead,
            beats=faster,
        ),
        Line(
            f"throughput{condition}",
            values("images_per_s", "latency"),
            units.rate,
            less=False,
            beats=faster,
        ),
        Line(
            f"attained share{condition}",
            values("attained_share", "latency", "attained"),
            percent,
            less=False,
            beats=faster,
        ),
        Line(f"peak measured{condition}", values("peak_bytes"), units.size),
    ]
    return lines[:1] + [
        line for line in lines[1:] if any(value is not None for value in line.values)
    ]


def _below(group: Sequence[Row | None], i: int, j: int) -> bool:
    """Whether the i-th of rows of different runs is faster than the j-th by more than the noise:
    its interval lies below the other's.
    """
    (_, high), (low, _) = _ends(group[i]), _ends(group[j])
    return high is not None and low is not None and high < low


def _ends(row: Row | None) -> tuple[float | None, float | None]:
    """The interval of the median; none where there is no row, or an earlier version wrote it."""
    return (row.get("latency_low_ms"), row.get("latency_high_ms")) if row else (None, None)


def _condition(row: Row, rows: Sequence[Row]) -> str:
    """What tells the row from others of its network."""
    text = row_name(
        row | {"network": ""},
        [other | {"network": ""} for other in rows if other["network"] == row["network"]],
    ).strip()
    return f", {text}" if text else f", batch {row['batch']}"


def _kinds(analysis: Analysis) -> dict[str, str]:
    return {row.node.path: describe_kind(row) for row in analysis.layers}


def _stages(analysis: Analysis) -> dict[str, str]:
    return {
        row.node.path: f"1/{factor}" if factor else "head"
        for factor, rows in by_stage(analysis).items()
        for row in rows
    }


def _where(
    head: str,
    labels: Sequence[Mapping[str, str]],
    analyses: Sequence[Analysis],
    timed: Sequence[Row],
    names: Sequence[str],
) -> Table:
    """Per label the time and its share of the whole pass, beside the share of the MACs: where
    the two part, MACs mislead.
    """
    times = [_sums(found, _busy(data)) for found, data in zip(labels, timed, strict=True)]
    macs = [
        _sums(
            found,
            [
                (row.node.path, row.macs / max(1, a.totals.macs))
                for row in a.layers
                if not row.node.aux
            ],
        )
        for found, a in zip(labels, analyses, strict=True)
    ]
    known = list(
        dict.fromkeys(
            label for found in labels for label in found.values() if any(label in t for t in times)
        )
    )
    if head == "Kind":
        known.sort(
            key=lambda label: (
                -max(
                    t.get(label, 0.0) / data["whole_ms"]
                    for t, data in zip(times, timed, strict=True)
                )
            )
        )
    rows = [
        [label, *_shares([t.get(label) for t in times], [m.get(label) for m in macs], timed)]
        for label in known[:KINDS]
    ]
    if rest := known[KINDS:]:
        rows.append(
            [
                f"{len(rest)} other kinds",
                *_shares(
                    [sum(t.get(label, 0.0) for label in rest) for t in times],
                    [sum(m.get(label, 0.0) for label in rest) for m in macs],
                    timed,
                ),
            ]
        )
    none = [None for _ in names]
    rows.append(
        [
            "launch gaps, fusion",
            *_shares(
                [data["whole_ms"] - sum(t.values()) for data, t in zip(timed, times, strict=True)],
                none,
                timed,
            ),
        ]
    )
    rows.append(["whole pass", *_shares([data["whole_ms"] for data in timed], none, timed)])
    columns = [Column(head, right=False)] + [
        c for name in names for c in (Column(name, unit="ms"), Column("time"), Column("MACs"))
    ]
    about = (
        [
            (
                "gaps",
                (
                    "the whole pass, measured without looking into it, less its layers; negative"
                    " where it does with less"
                ),
            )
        ]
        if head == "Kind"
        else []
    )
    return Table(
        columns,
        rows,
        f"Where the time goes at batch {timed[0]['batch']}, by"
        f" {'kind of layer' if head == 'Kind' else 'resolution'}",
        about,
        totals=1,
    )


def _busy(data: Row) -> list[tuple[str, float]]:
    """Milliseconds of each layer: its kernels' where they are known, else its window's less what
    the stamps take.
    """
    overhead = data["timing_overhead_ms"] / max(1, len(data["layers"]))
    return [
        (
            layer["path"],
            layer["time_ms"] - overhead if layer["kernel_ms"] is None else layer["kernel_ms"],
        )
        for layer in data["layers"]
    ]


def _sums(labels: Mapping[str, str], values: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for path, value in values:
        found[labels[path]] = found.get(labels[path], 0.0) + value
    return found


def _shares(
    times: Sequence[float | None], macs: Sequence[float | None], timed: Sequence[Row]
) -> list[str]:
    """Three cells for each network."""
    cells: list[str] = []
    for taken, share, data in zip(times, macs, timed, strict=True):
        cells += (
            ["-", "-"] if taken is None else [_signed(taken), percent(taken / data["whole_ms"])]
        )
        cells.append(percent(share) if share else "-")
    return cells


def _signed(milliseconds: float) -> str:
    return (
        units.duration(milliseconds)
        if milliseconds >= 0
        else units.Figure(f"-{units.duration(-milliseconds)}", milliseconds)
    )


def loaded_tables(runs: Sequence[dict[str, Any]], names: Sequence[str]) -> list[Table]:
    """Runs side by side: every measurement that any of them has, the first one's conditions
    first.
    """
    found: list[dict[tuple[str, ...], Row]] = [
        {tuple(str(row[name]) for name in KEY): row for row in run["measurements"]} for run in runs
    ]
    keys = dict.fromkeys(key for rows in found for key in rows)
    # they become titles, which a table takes as they are
    names = [units.printable(name) for name in names]
    everything = [row for rows in found for row in rows.values()]
    lines = []
    for key in keys:
        group = [rows.get(key) for rows in found]
        named = row_name(next(row for row in group if row), everything)
        lines += [
            line._replace(label=f"{named} {line.label}")
            for line in _measured(group, "", partial(_below, group))
        ]
    return [
        side_by_side(
            lines,
            names,
            f"{' against '.join(names)}, as measured",
            [("ratio", f"to {names[0]}"), ("wins", APART_NOTE), *_told(runs, names)],
        )
    ]


def _told(runs: Sequence[dict[str, Any]], names: Sequence[str]) -> list[tuple[str, str]]:
    """Each run's device and what was unusual; where specs, versions or flags differ between
    runs.
    """
    told = [(name, device_name(run["manifest"])) for name, run in zip(names, runs, strict=True)]
    for part in ("versions", "flags"):
        for key in dict.fromkeys(key for run in runs for key in run["manifest"][part]):
            values = [run["manifest"][part].get(key) for run in runs]
            if any(value != values[0] for value in values):
                told.append(("differ", f"{key}: {' against '.join(map(str, values))}"))
    for network in dict.fromkeys(network for run in runs for network in run["manifest"]["specs"]):
        if (
            len(
                {
                    run["manifest"]["specs"][network]["sha256"]
                    for run in runs
                    if network in run["manifest"]["specs"]
                }
            )
            > 1
        ):
            told.append(("differ", f"the spec of {network}: the runs measured different texts"))
    return told + [
        (name, text)
        for name, run in zip(names, runs, strict=True)
        for label, text in notes(run)
        if label in ("limit", "unusable", "moved", "busy", "paused", "stopped")
    ]
