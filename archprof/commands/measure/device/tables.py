"""What a device reaches, as data and as tables: its peaks by dtype, and its transfers by size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archprof import units
from archprof.commands.measure.device.data_sheets import SHEETS, shares
from archprof.commands.measure.device.peak_notes import shortened
from archprof.commands.measure.judging.consistency import QUIET
from archprof.commands.measure.judging.roofline import TOLERANCE, Peaks
from archprof.commands.measure.writing.run_labels import percent, threads_text
from archprof.show.table import Table, TableColumn

if TYPE_CHECKING:
    from archprof.commands.measure.device.kept_peaks import Kept

Data = dict[str, Any]

SHOWN = 4  # contradictions of a dtype that are listed; the JSON has all
SOFTWARE = (("torch", "torch"), ("CUDA", "cuda"), ("driver", "driver"))
"""The software of a device: what a title calls it, and its key in the device's data."""


def peaks_data(peaks: Peaks) -> Data:
    """Return peaks as data."""
    graph_launch = peaks.graph_launch_s
    return {
        "device": peaks.device,
        "dtype": peaks.dtype,
        "flops_per_s": peaks.flops_per_s,
        "conv_flops_per_s": peaks.conv_flops_per_s,
        "convolutions": [
            {"memory_format": order, "flops_per_s": rate} for order, rate in peaks.convolutions
        ],
        "clock_share": peaks.clock_share,
        "copy_bytes_per_s": peaks.copy_bytes_per_s,
        "ridge_flops_per_byte": peaks.ridge,
        "launch_us": 1e6 * peaks.launch_s,
        "graph_launch_us": None if graph_launch is None else 1e6 * graph_launch,
        "transfers": [{"bytes": size, "bytes_per_s": rate} for size, rate in peaks.transfers],
    }


def device_data(key: Data, kept: Sequence[Kept], left_out: Sequence[str] = ()) -> Data:
    """Return the result of `archprof device` as data.

    It has the device, its peaks by dtype with the file that each is kept in, and the dtypes that
    the device does not compute natively.
    """
    peaks = [
        peaks_data(found.peaks)
        | _of_data_sheet(found.peaks)
        | {
            "kept": str(found.path) if found.path else None,
            "measured_now": not found.read,
            "partial": found.partial,
            "notes": list(found.notes),
            "contradictions": [one._asdict() for one in found.contradictions],
        }
        for found in kept
    ]
    return {"schema": 1, "device": key, "peaks": peaks, "left_out": list(left_out)}


def _of_data_sheet(peaks: Peaks) -> Data:
    share = shares(peaks)
    return {"flops_of_data_sheet": share.flops, "bandwidth_of_data_sheet": share.bandwidth}


def device_tables(key: Data, kept: Sequence[Kept], left_out: Sequence[str] = ()) -> list[Table]:
    """Return a device's peaks, and what transfers of each size reach.

    A dtype whose numbers contradict each other has none in the tables.
    """
    columns = [
        TableColumn("Dtype", right=False),
        TableColumn("Products", unit="FLOP/s"),
        TableColumn("Sheet", drop=5),
        TableColumn("Conv 3x3", unit="FLOP/s", drop=4),
        TableColumn("Copies", unit="B/s"),
        TableColumn("Sheet", drop=6),
        TableColumn("Ridge", unit="FLOP/B", drop=3),
        TableColumn("Op", unit="ms", drop=1),
        TableColumn("In graph", unit="ms", drop=2),
        TableColumn("", right=False, drop=7),
    ]
    rows = [_peak_cells(found) for found in kept]
    columns, rows = _filled(columns, rows)
    tables = [Table(columns, rows, _device_title(key), _notes(kept, left_out))]
    trusted = [found for found in kept if not found.contradictions]
    if trusted:
        tables.append(_transfers(trusted))
    return tables


def _filled(
    columns: list[TableColumn], rows: list[list[str]]
) -> tuple[list[TableColumn], list[list[str]]]:
    """Return the table without the optional columns that have no figure."""
    optional = ("Sheet", "In graph")
    kept = [
        i
        for i, column in enumerate(columns)
        if column.title not in optional or any(row[i] != "-" for row in rows)
    ]
    return [columns[i] for i in kept], [[row[i] for i in kept] for row in rows]


def _device_title(key: Data) -> str:
    threads = threads_text(key["threads"]) if key["threads"] else None
    software = [f"{name} {key[version]}" for name, version in SOFTWARE if key[version]]
    parts = (key["device"], key["capability"], threads, *software)
    return " · ".join(part for part in parts if part)


def _notes(kept: Sequence[Kept], left_out: Sequence[str]) -> list[tuple[str, str]]:
    notes = _explanations(kept)
    for found in kept:
        for one in found.contradictions[:SHOWN]:
            notes.append(("unusable", f"{found.peaks.dtype}: {one.message}"))
    if any(found.contradictions for found in kept):
        notes.append(("unusable", QUIET))
    for found in kept:
        notes += [("note", f"{found.peaks.dtype}: {shortened(note)}") for note in found.notes]
    if left_out:
        notes.append(
            (
                "left out",
                f"{', '.join(left_out)}: this processor has no instructions for it;"
                f" --dtype {','.join(left_out)} measures it all the same",
            )
        )
    files = dict.fromkeys(str(found.path) for found in kept if found.path)
    return notes + [("kept in", file) for file in files]


def _explanations(kept: Sequence[Kept]) -> list[tuple[str, str]]:
    """Return what the columns mean, as far as there are figures in them."""
    trusted = [found.peaks for found in kept if not found.contradictions]
    notes = [("ridge", "FLOPs of products per byte from which on arithmetic is the bound")]
    for peaks in trusted:
        if peaks.convolutions:
            notes.append(("conv 3x3", f"{peaks.dtype}: {_by_format(peaks)}"))
    if any(peaks.graph_launch_s is not None for peaks in trusted):
        text = "the smallest op as the host issues it, and from one to the next within a CUDA graph"
        notes.append(("op, in graph", text))
    sheets = [SHEETS[peaks.device] for peaks in trusted if peaks.device in SHEETS]
    return notes + [
        ("sheet", f"share of the data sheet, dense: {source}")
        for source in dict.fromkeys(sheet.source for sheet in sheets)
    ]


def _by_format(peaks: Peaks) -> str:
    """Return what 3x3 convolutions reach in each format, and why it may be more than products."""
    rates = ", ".join(f"{flops_rate(rate)} {order}" for order, rate in peaks.convolutions)
    fastest = peaks.conv_flops_per_s
    if fastest is None or fastest <= TOLERANCE * peaks.flops_per_s:
        return rates
    return (
        f"{rates}; more than products, for they multiply less than is counted (Winograd) or are"
        " tuned better"
    )


def _peak_cells(found: Kept) -> list[str]:
    peaks = found.peaks
    if found.contradictions:
        return [peaks.dtype, "unusable", *["-"] * 7, ""]
    origin = "kept" if found.read else "measured now"
    share, convolutions, graph_launch = shares(peaks), peaks.conv_flops_per_s, peaks.graph_launch_s
    return [
        peaks.dtype,
        flops_rate(peaks.flops_per_s),
        _share(share.flops),
        "-" if convolutions is None else flops_rate(convolutions),
        bytes_rate(peaks.copy_bytes_per_s),
        _share(share.bandwidth),
        units.three_digits(peaks.ridge),
        units.duration(1e3 * peaks.launch_s),
        "-" if graph_launch is None else units.duration(1e3 * graph_launch),
        "partial" if found.partial else origin,
    ]


def _share(value: float | None) -> str:
    return "-" if value is None else percent(value)


def _transfers(kept: Sequence[Kept]) -> Table:
    """Return the table of transfers: a row for each size, a column for each dtype."""
    rates = [dict(found.peaks.transfers) for found in kept]
    rows = []
    for size in sorted(set().union(*rates)):
        cells = [bytes_rate(rate[size]) if size in rate else "-" for rate in rates]
        rows.append([units.size(size), *cells])
    notes = [
        (
            "transfers",
            "the fastest of a copy, an update in place and a sum; a layer's roofline is that of"
            " its size or any larger",
        )
    ]
    return Table(
        [
            TableColumn("Moved", unit="bytes"),
            *(TableColumn(found.peaks.dtype, unit="B/s") for found in kept),
        ],
        rows,
        "Transfers by size",
        notes,
    )


def flops_rate(value: float) -> units.Figure:
    """Return FLOPs per second with a prefix: 1.23 TFLOP/s."""
    return units.Figure(f"{units.rate(value)}FLOP/s", value)


def bytes_rate(value: float) -> units.Figure:
    """Return bytes per second with a prefix: 1.23 GB/s."""
    return units.Figure(f"{units.rate(value)}B/s", value)
