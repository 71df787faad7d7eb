"""A network's measurements in one row: what it has, what it takes alone, what in a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import archprof
from archprof import units
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.measurement_options import DTYPES, MEMORY_FORMATS, MODES
from archprof.commands.measure.writing.run_labels import percent, run_title
from archprof.show.table import Table, TableColumn

Data = dict[str, Any]

STATUS = {"out_of_memory": "out of memory", "throttled": "throttled", "failed": "failed"}
CONDITION = ("Dtype", "Format", "Mode")
NEAR = 2**16  # bytes by which two amounts of memory may differ
NOTES = [
    ("order", "that of the lectures; all at the native input, so that sides differ"),
    ("latency", "what one caller waits, the device idle before: the median and the 99th of 100"),
    ("graph", "the same pass replayed as one CUDA graph, which leaves the host out"),
    ("host", "the time to queue one pass; the host is the bound where the device waits for it"),
    ("attained", "the share of the peak arithmetic that archprof device measured"),
]


class _Figure(NamedTuple):
    """A column: of the rows in which mode, which field, and how it becomes text."""

    title: str
    mode: str
    text: Callable[[Data], str | None]


def network_tables(run: Data) -> list[Table]:
    """Return a table for each batch of the run, a row for each network."""
    rows = run["measurements"]
    return [_table(run, batch) for batch in sorted({row["batch"] for row in rows})]


def headline_table(rows: Sequence[Data]) -> Table:
    """Return two networks under each condition, by batch: latencies, the second's over the first's.

    A condition under which one of them has no latency is left out.
    """
    names = list(dict.fromkeys(row["network"] for row in rows))
    found: dict[tuple[Any, ...], dict[str, Data]] = {}
    for row in rows:
        condition = (row["batch"], row["dtype"], row["memory_format"], row["mode"])
        found.setdefault(condition, {})[row["network"]] = row
    columns = [TableColumn("Batch"), *(TableColumn(name, right=False) for name in CONDITION)]
    columns += [*(TableColumn(name) for name in names), TableColumn("ratio")]
    body = []
    for condition in sorted(found, key=_place):
        first, second = (_median(found[condition].get(name)) for name in names)
        if first and second:
            times = [units.duration(first), units.duration(second)]
            body.append([*map(str, condition), *times, f"{second / first:.2f}"])
    return Table(columns, body, f"{' and '.join(names)}: what one caller waits")


def float8_table(rows: Sequence[Data]) -> Table:
    """Return networks in bfloat16 and in float8, by mode, where both were measured."""
    found: dict[tuple[str, str], dict[str, Data]] = {}
    for row in rows:
        found.setdefault((row["network"], row["mode"]), {})[row["dtype"]] = row
    body = []
    for (network, mode), pair in found.items():
        before, after = (_median(pair.get(name)) for name in ("bfloat16", "float8"))
        if before and after:
            share = percent(pair["float8"]["float8_share"])
            times = [units.duration(before), units.duration(after)]
            body.append([network, mode, share, *times, f"{after / before:.2f}"])
    columns = [
        TableColumn("Network", right=False),
        TableColumn("Mode", right=False),
        *(TableColumn(name) for name in ("MACs in float8", "bfloat16", "float8", "ratio")),
    ]
    return Table(columns, body)


def _place(condition: tuple[Any, ...]) -> tuple[int, ...]:
    """Return where a condition stands in the table: by batch, then in the order of the options."""
    batch, dtype, memory_format, mode = condition
    # the later dtypes are the smaller and faster ones
    return batch, -DTYPES.index(dtype), -MEMORY_FORMATS.index(memory_format), MODES.index(mode)


def _median(row: Data | None) -> float | None:
    """Return the latency of a row in milliseconds, None where it cannot be used."""
    if row is None or row["status"] != "measured" or not usable(row):
        return None
    return float(row["latency_ms"])


def requested_table(memory: Sequence[Data]) -> Table:
    """Return where more or less was requested of the allocator than was predicted."""
    known = [row for row in memory if row["requested_bytes"] is not None]
    differing = [
        row for row in known if abs(row["requested_bytes"] - row["predicted_bytes"]) > NEAR
    ]
    columns = [
        TableColumn("Network", right=False),
        *(TableColumn(name) for name in ("Batch", "Predicted", "Requested", "Apart", "Scratch")),
    ]
    body = [
        [
            row["network"],
            str(row["batch"]),
            units.size(row["predicted_bytes"]),
            units.size(row["requested_bytes"]),
            units.size(row["requested_bytes"] - row["predicted_bytes"]),
            units.size(row["scratch_bytes"]),
        ]
        for row in differing
    ]
    title = f"{len(differing)} of {len(known)} measurements differ by more than {units.size(NEAR)}"
    return Table(columns, body, title)


def _table(run: Data, batch: int) -> Table:
    rows = [row for row in run["measurements"] if row["batch"] == batch]
    modes = list(dict.fromkeys(row["mode"] for row in rows))
    figures = _figures(sorted(modes))
    columns = [TableColumn("Network", right=False), TableColumn("Params"), TableColumn("MACs")]
    body = []
    for name in dict.fromkeys(row["network"] for row in rows):
        found = {row["mode"]: row for row in rows if row["network"] == name}
        totals = archprof.load(name).analyze().totals
        cells = [name, units.count(totals.params), units.count(totals.macs)]
        body.append([*cells, *(_cell(found.get(figure.mode), figure) for figure in figures)])
    # a column in which no row has a value says nothing
    kept = [i for i in range(len(figures)) if any(row[i + 3] != "-" for row in body)]
    columns += [TableColumn(figures[i].title) for i in kept]
    cells = [[*row[:3], *(row[i + 3] for i in kept)] for row in body]
    title = f"batch {batch} · {run_title(run | {'measurements': rows})}"
    return Table(columns, cells, title, NOTES)


def _figures(modes: Sequence[str]) -> list[_Figure]:
    """Return the columns: latencies in each mode, then what the last mode shows best."""
    figures = []
    for mode in modes:
        figures.append(_Figure(f"{mode} p50", mode, _latency))
        figures.append(_Figure(f"{mode} p99", mode, lambda row: _timed(quantile(row, 0.99))))
    first, last = modes[0], modes[-1]
    return [
        *figures,
        _Figure("host", first, lambda row: _timed(row.get("host_ms"))),
        _Figure("bound", first, lambda row: row.get("bound")),
        _Figure("images/s", last, lambda row: _known(throughput(row), units.rate)),
        _Figure("attained", last, lambda row: _known(row["attained_share"], percent)),
        _Figure("J/image", last, lambda row: _known(row.get("joules_per_image"), _joules)),
        _Figure("W", last, lambda row: _known(row.get("power_w"), units.three_digits)),
        _Figure("clock", last, lambda row: _known(row.get("clock_share"), percent)),
        _Figure("peak", last, lambda row: _known(row["peak_bytes"], units.size)),
    ]


def _cell(row: Data | None, figure: _Figure) -> str:
    """Return a cell; "-" for what was not measured or cannot be used."""
    if row is None:
        return "-"
    if row["status"] != "measured":
        return STATUS[row["status"]] if figure.text is _latency else "-"
    if not usable(row):
        return "unusable" if figure.text is _latency else "-"
    return figure.text(row) or "-"


def _latency(row: Data) -> str | None:
    return _timed(row["latency_ms"])


def quantile(row: Data, share: float) -> float | None:
    """Return the latency that this share of the runs keep, in milliseconds; None if unknown."""
    for found in row.get("quantiles", []):
        if abs(found["share"] - share) < 1e-6:
            return float(found["ms"])
    return None


def throughput(row: Data) -> float | None:
    """Return images per second of runs back to back, or alone where no others were kept."""
    milliseconds = row["batched_ms"] or row["latency_ms"]
    return 1e3 * row["batch"] / milliseconds if milliseconds else None


def _timed(milliseconds: float | None) -> str | None:
    return _known(milliseconds, units.duration)


def _joules(value: float) -> str:
    return f"{1e3 * value:.3g} m" if value < 1 else units.three_digits(value)


def _known(value: Any, text: Callable[[Any], str]) -> str | None:
    return None if value is None else text(value)
