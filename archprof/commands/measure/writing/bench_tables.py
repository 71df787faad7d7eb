"""The tables of `bench`: one row for each network and condition; memory; and time by layer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archprof import units
from archprof.commands.measure.judging import ranking
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.layers.kernel_tables import kernels_table
from archprof.commands.measure.layers.tables import layers_table
from archprof.commands.measure.writing.memory_tables import memory_table
from archprof.commands.measure.writing.run_labels import (
    CONDITIONS,
    Row,
    joules,
    percent,
    run_title,
    seconds,
    value_text,
)
from archprof.commands.measure.writing.run_notes import notes
from archprof.show.table import Table, TableColumn

STATUS = {"out_of_memory": "out of memory", "throttled": "throttled", "failed": "failed"}

UNUSABLE = "unusable"
"""In place of a latency that contradicts itself."""

OF_LATENCY = {
    "latency_ms",
    "latency_p10_ms",
    "latency_p90_ms",
    "latency_p99_ms",
    "batched_ms",
    "host_ms",
    "bound",
    "joules_per_image",
    "forward_ms",
    "backward_ms",
    "step_ms",
    "images_per_s",
    "attained_share",
}
"""What a time that contradicts itself makes unusable."""

OPTIONAL = {
    "latency_p99_ms",
    "batched_ms",
    "host_ms",
    "bound",
    "attained_share",
    "joules_per_image",
    "compile_s",
    "upload_ms",
    "download_ms",
    "peak_bytes",
    "reserved_bytes",
}
"""Fields that have no column where no row has a value."""


class _Field(NamedTuple):
    """A column of the table, the field of a row that it shows, and how its value becomes text."""

    column: TableColumn
    name: str
    text: Callable[[Any], str]


_CONDITION_COLUMNS = {
    "network": TableColumn("Network", right=False),
    "input": TableColumn("Input"),
    "dtype": TableColumn("Dtype", right=False),
    "memory_format": TableColumn("Format", right=False),
    "mode": TableColumn("Mode", right=False),
}

_LATENCY = [
    _Field(TableColumn("Batch"), "batch", str),
    _Field(TableColumn("Latency", unit="ms"), "latency_ms", units.duration),
    _Field(TableColumn("p10", unit="ms", drop=4), "latency_p10_ms", units.duration),
    _Field(TableColumn("p90", unit="ms", drop=4), "latency_p90_ms", units.duration),
    _Field(TableColumn("p99", unit="ms", drop=5), "latency_p99_ms", units.duration),
    _Field(TableColumn("Runs", drop=6), "runs", str),
    _Field(TableColumn("Noise", drop=1), "noise", percent),
    _Field(TableColumn("Batched", unit="ms", drop=7), "batched_ms", units.duration),
    _Field(TableColumn("Host", unit="ms", drop=7), "host_ms", units.duration),
    _Field(TableColumn("Bound", right=False, drop=7), "bound", str),
]

_TRANSFERS = [
    _Field(TableColumn("Upload", unit="ms", drop=5), "upload_ms", units.duration),
    _Field(TableColumn("Download", unit="ms", drop=5), "download_ms", units.duration),
]

_TRAINING = [
    _Field(TableColumn("Forward", unit="ms"), "forward_ms", units.duration),
    _Field(TableColumn("Backward", unit="ms"), "backward_ms", units.duration),
    _Field(TableColumn("Step", unit="ms"), "step_ms", units.duration),
]

_THROUGHPUT_AND_MEMORY = [
    _Field(TableColumn("Images/s"), "images_per_s", units.rate),
    _Field(TableColumn("Attained", drop=8), "attained_share", percent),
    _Field(TableColumn("Energy", unit="J", drop=9), "joules_per_image", joules),
    _Field(TableColumn("Compile", unit="s", drop=9), "compile_s", seconds),
    _Field(TableColumn("Peak", unit="bytes", drop=2), "peak_bytes", units.size),
    _Field(TableColumn("Predicted", unit="bytes", drop=3), "predicted_peak_bytes", units.size),
    _Field(TableColumn("Reserved", unit="bytes", drop=9), "reserved_bytes", units.size),
]


def bench_tables(run: dict[str, Any], by: str | None = None, memory: bool = False) -> list[Table]:
    """Return the table of the measurements, with `memory` those of predicted and measured memory.

    `by` ("block", "op", "layer" or "kernel") adds for each network where its time goes.
    """
    tables = [bench_table(run)]
    if memory:
        for conditions, rows in itertools.groupby(run["memory"], _conditions):
            tables.append(_titled(memory_table(list(rows)), conditions, run["memory"]))
    if by:
        for data in run["layers"]:
            table = kernels_table(data) if by == "kernel" else layers_table(data, by)
            tables.append(_titled(table, _conditions(data), run["layers"]))
    return tables


def _conditions(row: Row) -> tuple[str, ...]:
    """Return the conditions by which tables are grouped."""
    return (str(row["batch"]), row["dtype"], row["memory_format"], row["mode"])


def _titled(table: Table, conditions: tuple[str, ...], rows: Sequence[Row]) -> Table:
    """Return the table with those of its conditions in the title that differ among the rows.

    The batch, the first of the conditions, is in the title already.
    """
    differing = [
        text
        for i, text in enumerate(conditions[1:], 1)
        if len({_conditions(row)[i] for row in rows}) > 1
    ]
    return table._replace(title=" · ".join([table.title, *differing]))


def bench_table(run: dict[str, Any]) -> Table:
    """Return the measurements of a run, one row each.

    Conditions that all rows share are in the title, those that differ have a column.
    """
    rows = run["measurements"]
    groups = ranking.groups(rows)
    ranked = [(group[i], place) for group in groups for i, place in _ranked(group)]
    fields = _fields(rows)
    columns = [field.column for field in fields]
    cells = [[_cell(row, field) for field in fields] for row, _ in ranked]
    if any(len({row["network"] for row in group}) > 1 for group in groups):
        columns = [TableColumn("Place", drop=10), *columns]
        cells = [[str(place or "-"), *row] for (_, place), row in zip(ranked, cells, strict=True)]
    return Table(columns, cells, run_title(run), notes(run))


def _fields(rows: Sequence[Row]) -> list[_Field]:
    """Return the columns for these rows: conditions that differ, and what any row has."""
    differing = [name for name in CONDITIONS if len({str(row[name]) for row in rows}) > 1]
    fields = [_Field(_CONDITION_COLUMNS[name], name, value_text) for name in differing]
    fields += _LATENCY
    if any(row["train"] for row in rows):
        fields += _TRAINING
    fields += [*_TRANSFERS, *_THROUGHPUT_AND_MEMORY]
    return [
        field
        for field in fields
        if field.name not in OPTIONAL or any(_value(row, field.name) is not None for row in rows)
    ]


def _ranked(group: Sequence[Row]) -> list[tuple[int, ranking.Place | None]]:
    """Return the indices of a group's rows with their places, fastest first."""
    places = ranking.places(group)
    return [(i, places[i]) for i in ranking.ordered(group)]


def _cell(row: Row, field: _Field) -> str:
    """Return a cell; "-" where the row has no value, or none that can be used."""
    name = field.name
    if name == "latency_ms":
        if row["status"] != "measured":
            return STATUS[row["status"]]
        if not usable(row):
            return UNUSABLE
    if name in OF_LATENCY and not usable(row):
        return "-"
    if name == "attained_share" and not usable(row, "attained"):
        return "-"
    if name == "runs" and row["status"] != "measured":
        return "-"
    value = _value(row, name)
    return "-" if value is None else field.text(value)


def _value(row: Row, name: str) -> Any:
    """Return a figure of a row, None where it has none, as one of an earlier version."""
    return _known_quantile(row, 0.99) if name == "latency_p99_ms" else row.get(name)


def _known_quantile(row: Row, share: float) -> float | None:
    """Return a quantile of a row's runs, None where they are too few to know it."""
    for quantile in row.get("quantiles", ()):
        if quantile["share"] == share and quantile["high_ms"] is not None:
            return float(quantile["ms"])
    return None
