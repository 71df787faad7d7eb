"""The least time that the rooflines of a device allow each network, beside what it took.

The sum over layers of what `bench --by layer` shows for each: its arithmetic at the measured peak,
or its bytes at the bandwidth of transfers of that size, whichever takes longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import archprof
from archprof import units
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.judging.roofline import Peaks, attained
from archprof.commands.measure.writing.run_labels import percent
from archprof.show.table import Table, TableColumn

Data = dict[str, Any]

NOTES = [
    ("layers", "that do anything: views, and what is idle in inference, are not counted"),
    ("each", "the device's time over the layers"),
    ("least", "the sum of the layers' rooflines; no launches, no dependence between kernels"),
    (
        "memory",
        "the share of the least time that is of layers bound by memory; a layer whose least is less"
        " than the smallest op takes is bound by its launch, as nearly all are for one image",
    ),
    ("device", "from one replay of the graph to the next, without the host"),
]


def peaks_of(data: Data) -> Peaks:
    """Return the peaks of a dtype from the JSON of `archprof device`."""
    return Peaks(
        data["device"],
        data["dtype"],
        data["flops_per_s"],
        data["copy_bytes_per_s"],
        tuple((one["bytes"], one["bytes_per_s"]) for one in data["transfers"]),
        data["launch_us"] / 1e6,
        data["graph_launch_us"] and data["graph_launch_us"] / 1e6,
        tuple((one["memory_format"], one["flops_per_s"]) for one in data["convolutions"]),
        data["clock_share"],
    )


def with_rooflines(rows: Sequence[Data], data: Data) -> list[Data]:
    """Return the rows measured as a graph in a dtype whose peaks are whole, with what those allow.

    `data` is the JSON of `archprof device`.
    """
    peaks = {one["dtype"]: peaks_of(one) for one in data["peaks"] if not one["partial"]}
    return [
        row | _allowed(row, peaks[row["dtype"]])
        for row in rows
        if row["mode"] == "graph" and row["device_ms"] and row["dtype"] in peaks and usable(row)
    ]


def _allowed(row: Data, peaks: Peaks) -> Data:
    """Return the layers of a network, its arithmetic per byte, and the least time it can take."""
    analysis = archprof.load(row["network"]).analyze(row["batch"], row["dtype"])
    run = [(index, 1.0) for index, layer in enumerate(analysis.layers) if not layer.node.aux]
    roofs = [found.roof for found in attained(analysis, run, peaks, on_device=True)]
    moved = sum(analysis.layers[index].bytes_moved for index, _ in run)
    least = 1e3 * sum(roof.seconds for roof in roofs)
    by_memory = 1e3 * sum(roof.seconds for roof in roofs if roof.bound == "memory")
    layers = sum(roof.bound != "none" for roof in roofs)
    return {
        "layers": layers,
        "layer_ms": row["device_ms"] / layers,
        "flops_per_byte": row["flops"] / moved,
        "least_ms": least,
        "least_share": least / row["device_ms"],
        "memory_share": by_memory / least,
        "launches_ms": layers * 1e3 * (peaks.graph_launch_s or 0),
    }


def roofline_tables(rows: Sequence[Data]) -> list[Table]:
    """Return a table for each batch of rows of `with_rooflines`."""
    batches = sorted({row["batch"] for row in rows})
    return [_table(batch, [row for row in rows if row["batch"] == batch]) for batch in batches]


def _table(batch: int, rows: Sequence[Data]) -> Table:
    columns = [
        TableColumn("Network", right=False),
        *(TableColumn(name) for name in ("FLOP/B", "Layers", "Device", "Each", "Least", "Memory")),
        TableColumn("Least / device"),
    ]
    body = [
        [
            row["network"],
            units.three_digits(row["flops_per_byte"]),
            str(row["layers"]),
            units.duration(row["device_ms"]),
            units.duration(row["layer_ms"]),
            units.duration(row["least_ms"]),
            percent(row["memory_share"]),
            percent(row["least_share"]),
        ]
        for row in rows
    ]
    title = f"batch {batch} · {rows[0]['dtype']} · {rows[0]['memory_format']} · graph"
    return Table(columns, body, title, NOTES)
