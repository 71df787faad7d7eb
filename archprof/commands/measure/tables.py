"""Runs of `bench` as tables and data: one row per network and condition, and what a sweep shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from archprof import units
from archprof.commands.measure import ranking
from archprof.commands.measure.consistency import PEAKS_AGAIN, QUIET, usable
from archprof.commands.measure.roofline_tables import disturbance, layers_table, memory_table
from archprof.show.resized import resized_notes
from archprof.show.table import Column, Table

SCHEMA = 1
Row = dict[str, Any]  # a measurement by the names of the JSON
KEY = ("network", "input", "batch", "dtype", "memory_format", "mode", "train")
"""What tells one measurement from another."""

PLATEAU = 0.95  # of the best throughput: where a sweep counts as saturated
SHOWN = 4  # notes of a kind; the JSON has all
TRAINED = ", in training those alive when the forward pass ends, but for its outputs"
STATUS = {"out_of_memory": "out of memory", "throttled": "throttled", "failed": "failed"}

UNUSABLE = "unusable"
"""In place of a latency that contradicts itself."""

Cell = Callable[[Any], str]


def run_data(manifest: dict[str, Any]) -> dict[str, Any]:
    """A run before its first measurement, as data; `archprof schema bench` prints its JSON Schema.

    `memory` and `layers` hold what report.rooflines makes of it.
    """
    return {
        "schema": SCHEMA,
        "manifest": manifest,
        "complete": False,
        "measurements": [],
        "memory": [],
        "layers": [],
    }


def bench_tables(run: dict[str, Any], by: str | None = None, memory: bool = False) -> list[Table]:
    """The measurements; where asked for, memory in detail and where the time goes, by block, op
    or layer.
    """
    found = [bench_table(run)]
    if memory:
        found += [
            _under(memory_table(list(rows)), conditions, run["memory"])
            for conditions, rows in itertools.groupby(run["memory"], _apart)
        ]
    return found + [
        _under(layers_table(data, by), _apart(data), run["layers"]) for data in run["layers"] if by
    ]


def _apart(row: Row) -> tuple[str, ...]:
    """The conditions that a table of one batch does not name by itself."""
    return (str(row["batch"]), row["dtype"], row["memory_format"], row["mode"])


def _under(table: Table, conditions: tuple[str, ...], rows: Sequence[Row]) -> Table:
    """The table, its title naming what of its conditions other rows have otherwise."""
    varied = [
        text
        for i, text in enumerate(conditions[1:], 1)
        if len({_apart(row)[i] for row in rows}) > 1
    ]
    return table._replace(title=" · ".join([table.title, *varied]))


def bench_table(run: dict[str, Any]) -> Table:
    """The measurements of a run.

    What all rows share stands in the title, what differs has a column.
    """
    rows = run["measurements"]
    groups = ranking.groups(rows)
    ranked = [(group[i], place) for group in groups for i, place in _ranked(group)]
    several = any(len({row["network"] for row in group}) > 1 for group in groups)
    varied = [
        name
        for name in ("network", "input", "dtype", "memory_format", "mode")
        if len({str(row[name]) for row in rows}) > 1
    ]
    train = any(row["train"] for row in rows)
    shown: list[tuple[Column, str, Cell]] = [
        *[(_CONDITIONS[name], name, _text) for name in varied],
        (Column("Batch"), "batch", str),
        (Column("Latency", unit="ms"), "latency_ms", units.duration),
        (Column("p10", unit="ms", drop=4), "latency_p10_ms", units.duration),
        (Column("p90", unit="ms", drop=4), "latency_p90_ms", units.duration),
        (Column("Runs", drop=6), "runs", str),
        (Column("Noise", drop=1), "noise", percent),
        (Column("Batched", unit="ms", drop=7), "batched_ms", units.duration),
    ]
    if train:
        shown += [
            (Column(part.title(), unit="ms", drop=5), f"{part}_ms", units.duration)
            for part in ("forward", "backward", "step")
        ]
    shown += [
        (Column("Images/s"), "images_per_s", units.rate),
        (Column("Attained", drop=8), "attained_share", percent),
        (Column("Peak", unit="bytes", drop=2), "peak_bytes", units.size),
        (Column("Predicted", unit="bytes", drop=3), "predicted_peak_bytes", units.size),
        (Column("Reserved", unit="bytes", drop=9), "reserved_bytes", units.size),
    ]
    shown = [
        (column, name, text)
        for column, name, text in shown
        if name not in OPTIONAL or any(row[name] is not None for row in rows)
    ]
    columns, cells = (
        [column for column, _, _ in shown],
        [[_cell(row, name, text) for _, name, text in shown] for row, _ in ranked],
    )
    if several:
        columns = [Column("Place", drop=10), *columns]
        cells = [[str(place or "-"), *row] for (_, place), row in zip(ranked, cells, strict=True)]
    return Table(columns, cells, run_title(run), notes(run))


def _ranked(group: Sequence[Row]) -> list[tuple[int, ranking.Place | None]]:
    """The indices of a group's rows with their places, fastest first."""
    places = ranking.places(group)
    return [(i, places[i]) for i in ranking.ordered(group)]


_CONDITIONS = {
    "network": Column("Network", right=False),
    "input": Column("Input"),
    "dtype": Column("Dtype", right=False),
    "memory_format": Column("Format", right=False),
    "mode": Column("Mode", right=False),
}
OF_LATENCY = {
    "latency_ms",
    "latency_p10_ms",
    "latency_p90_ms",
    "batched_ms",
    "forward_ms",
    "backward_ms",
    "step_ms",
    "images_per_s",
    "attained_share",
}
"""What a time that contradicts itself makes unusable."""

OPTIONAL = {"batched_ms", "attained_share", "peak_bytes", "reserved_bytes"}


def _text(value: Any) -> str:
    return units.shape(value) if isinstance(value, list | tuple) else str(value)


def _cell(row: Row, name: str, text: Cell) -> str:
    if name == "latency_ms" and row["status"] != "measured":
        return STATUS[row["status"]]
    if (name in OF_LATENCY and not usable(row)) or (
        name == "attained_share" and not usable(row, "attained")
    ):
        return UNUSABLE if name == "latency_ms" else "-"
    value = row[name] if name != "runs" or row["status"] == "measured" else None
    return "-" if value is None else text(value)


def percent(value: float) -> units.Figure:
    """A share in percent with one decimal."""
    return units.Figure(f"{100 * value:.1f}%", round(value, 6))


def run_title(run: dict[str, Any]) -> str:
    """What all rows share, and the device."""
    rows, manifest = run["measurements"], run["manifest"]
    shared = [
        _text(rows[0][name])
        for name in ("network", "input", "dtype", "memory_format", "mode")
        if rows and len({str(row[name]) for row in rows}) == 1
    ]
    training = ["training"] if rows and all(row["train"] for row in rows) else []
    return " · ".join([*shared, *training, device_name(manifest)])


def device_name(manifest: dict[str, Any]) -> str:
    """The device, and what of the conditions a reader asks first."""
    device, versions = manifest["device"], manifest["versions"]
    if device["type"] == "cuda":
        software = f"CUDA {versions['cuda']}, driver {device['driver'] or 'unknown'}"
        return f"{device['name']} · torch {versions['torch']}, {software}"
    threads = manifest["flags"]["threads"]
    return (
        f"CPU {device['name']}, {threads} thread{'s' if threads > 1 else ''} · torch"
        f" {versions['torch']}"
    )


def notes(run: dict[str, Any]) -> list[tuple[str, str]]:
    """What the figures do not say: sweeps, memory, what ended a measurement before its time, and
    what moved meanwhile.
    """
    rows = run["measurements"]
    found = [
        (
            "latency",
            (
                "median, 10th and 90th percentile of each"
                f" run{'; the cache emptied before' if run['manifest']['flags'].get('flush_cache') else ''};"
                " noise is the relative standard deviation"
            ),
        )
    ]
    if any(row["batched_ms"] is not None for row in rows):
        found.append(("batched", "per run, many back to back in one window"))
    if any(row["peak_bytes"] is not None for row in rows):
        found.append(
            (
                "peak",
                (
                    "measured: the allocator's most, weights, input and outputs included, with the"
                    " kernels' scratch; predicted: tensors"
                    f" alone{TRAINED if any(row['train'] for row in rows) else ''}"
                ),
            )
        )
    found += sweeps(rows)
    found += orders(rows)
    found += contradicted(rows)
    several = len({row["network"] for row in rows}) > 1
    found += _few(
        "alone",
        (
            (
                row,
                "not in turns with the others, one of which could not run or had no room beside it",
            )
            for row in rows
            if several and row["status"] == "measured" and not row["interleaved_with"]
        ),
        rows,
    )
    found += _few("refused", ((row, row["message"]) for row in rows if row["message"]), rows)
    resized = [
        (row, label, text)
        for row in rows
        for label, text in resized_notes(row.get("resized"), row["input"])
    ]
    for label in ("resized", "unchecked"):
        found += _few(label, ((row, text) for row, name, text in resized if name == label), rows)
    limit = run["manifest"]["flags"]["time_limit_s"]
    found += _few(
        "limit",
        (
            (row, f"the time limit of {limit:g} s came before: {', '.join(row['unmet'])}")
            for row in rows
            if row["unmet"]
        ),
        rows,
    )
    found += _few(
        "paused",
        (
            (
                row,
                (
                    f"{units.duration(row['paused_ms'])} for the clock to recover,"
                    f" {row['discarded_runs']} runs thrown away"
                ),
            )
            for row in rows
            if row["discarded_runs"]
        ),
        rows,
    )
    for label in ("moved", "busy"):
        said = [
            (row, "; ".join(text for text in row["warnings"] if disturbance(text) == label))
            for row in rows
        ]
        found += _few(label, ((row, text) for row, text in said if text), rows)
    if run["manifest"]["device"]["type"] == "cuda" and not any(row["before"] for row in rows):
        found.append(("clocks", "not seen, nor throttling: pip install nvidia-ml-py"))
    if not run["complete"]:
        found.append(("stopped", "interrupted: these are the measurements that were finished"))
    return found


def orders(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Per condition the networks in order, and what of it is decided."""
    found = []
    for group in ranking.groups(rows):
        line = ranking.order(group, [row["network"] for row in group])
        where = row_name(
            group[0] | {"network": "", "input": ""},
            [row | {"network": "", "input": ""} for row in rows],
        ).strip()
        if line and len({row["network"] for row in group}) > 1:
            found.append(("order", f"{where}: {line}" if where else line))
    return found[:SHOWN] + (
        [("order", f"{len(found) - SHOWN} more such lines; the JSON has every ratio")]
        if len(found) > SHOWN
        else []
    )


def contradicted(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """What is unusable, for which contradiction, and what to do."""
    found = [(row, one) for row in rows for one in row.get("contradictions", ())]
    notes = _few("unusable", ((row, one["message"]) for row, one in found), rows)
    abouts = {one["about"] for _, one in found}
    if "latency" in abouts:
        notes.append(("unusable", QUIET))
    if "attained" in abouts:
        notes.append(("unusable", PEAKS_AGAIN))
    return notes


def _few(label: str, said: Iterable[tuple[Row, str]], rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The first of many notes, rows of the same words together, and how many more there are."""
    together: dict[str, list[str]] = {}
    for row, text in said:
        together.setdefault(text, []).append(row_name(row, rows))
    lines = [
        (
            label,
            (
                f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}:"
                f" {text}"
            ),
        )
        for text, names in together.items()
    ]
    return lines[:SHOWN] + (
        [(label, f"{len(lines) - SHOWN} more such notes, which the JSON holds")]
        if len(lines) > SHOWN
        else []
    )


def row_name(row: Row, rows: Sequence[Row]) -> str:
    """A row by its network and what else differs among the network's rows."""
    varied = [
        name
        for name in KEY[1:-1]
        if len({str(other[name]) for other in rows if other["network"] == row["network"]}) > 1
    ]
    return " ".join(
        [
            row["network"],
            *(f"{name} {row[name]}" if name == "batch" else _text(row[name]) for name in varied),
        ]
    )


def sweeps(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Per network and condition, over batches or inputs: where throughput saturates and where
    memory ends.
    """
    found = []
    for axis in ("batch", "input"):
        series: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            series.setdefault(tuple(str(row[name]) for name in KEY if name != axis), []).append(row)
        for members in series.values():
            members = sorted(members, key=lambda row: row[axis])
            found += [
                ("sweep", f"{row_name(members[0] | {axis: ''}, _without(rows, axis))}: {text}")
                for text in _sweep(members, axis)
            ]
    return found


def _without(rows: Sequence[Row], axis: str) -> list[Row]:
    return [row | {axis: ""} for row in rows]


def _sweep(members: Sequence[Row], axis: str) -> list[str]:
    measured = [row for row in members if row["status"] == "measured" and usable(row)]
    found = []
    if len(measured) > 2:
        # of a sweep over batches in proportion to images per second
        speeds = [row["macs"] / row["latency_ms"] for row in measured]
        first = next(i for i, speed in enumerate(speeds) if speed >= PLATEAU * max(speeds))
        where = f"{axis} {_text(measured[first][axis])}"
        if first == len(measured) - 1:
            found.append(f"throughput still grows at {where}, the last measured")
        else:
            found.append(
                f"throughput saturates at {where}, {units.rate(measured[first]['images_per_s'])}"
                f" images/s: {100 * PLATEAU:.0f} % of the most MACs per second"
            )
    full = next((row for row in members if row["status"] == "out_of_memory"), None)
    if full is not None and len(members) > 1:
        fits = [row for row in measured if row[axis] < full[axis]]
        found.append(
            f"memory ends at {axis} {_text(full[axis])}"
            + (f", {_text(fits[-1][axis])} fits" if fits else "")
        )
    return found
