"""Predicted and measured peak memory, as data and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.show.table import Table, TableColumn

if TYPE_CHECKING:
    from archprof.commands.measure.running.measured_memory import MeasuredMemory

Data = dict[str, Any]


def memory_data(
    part: str, analysis: Analysis, measured: MeasuredMemory, context: int | None = None
) -> Data:
    """Return what was predicted and measured of `part`, "inference" or "training", in bytes.

    Weights and input are included. Predicted for training is what is alive when the forward pass
    ends, without its outputs; the measured peak may come later. `context` is what the process uses
    of the device beyond what its allocator reserved, None where that is not known.
    """
    nodes = analysis.graph.nodes
    peak = measured.traced.peak
    predicted_layer = None
    if part == "training":
        predicted_bytes = analysis.known_total("training_bytes")
    else:
        predicted_bytes = analysis.totals.peak_inference_bytes
        node = analysis.peak.node
        predicted_layer = nodes[node].path if node >= 0 else "input"
    return {
        "network": analysis.graph.network.name,
        "batch": analysis.batch,
        "part": part,
        "predicted_bytes": predicted_bytes,
        "predicted_layer": predicted_layer,
        "tensor_bytes": peak.bytes,
        "layer": nodes[peak.node].path if peak.node >= 0 else None,
        "during": peak.part,
        "between_layers_bytes": measured.traced.between.bytes,
        "forward_end_bytes": measured.traced.forward,
        "allocated_bytes": measured.allocated,
        "scratch_bytes": measured.scratch,
        "requested_bytes": measured.requested,
        "rounding_bytes": measured.rounding,
        "workspace_bytes": measured.workspace,
        "context_bytes": context,
        "reserved_bytes": measured.reserved,
    }


def memory_table(data: Sequence[Data]) -> Table:
    """Return `memory_data` of one or more runs, one row each, and where the rest of it went."""
    columns = [
        TableColumn("Peak memory", right=False),
        TableColumn("Predicted", unit="bytes"),
        TableColumn("Measured", unit="bytes"),
        TableColumn("ratio", style="cyan"),
        TableColumn("Allocated", unit="bytes", drop=1),
        TableColumn("Reserved", unit="bytes", drop=2),
        TableColumn("At", right=False, wraps=True),
    ]
    rows = [_cells(row) for row in data]
    if all(row["reserved_bytes"] is None for row in data):
        hidden = [column.title for column in columns].index("Reserved")
        del columns[hidden]
        for cells in rows:
            del cells[hidden]
    notes = [
        (
            "measured",
            "all tensors alive at once, storage by storage; allocated: with the scratch of kernels",
        ),
        *(("beyond", text) for text in map(_beyond, data) if text),
    ]
    title = f"Memory · batch {data[0]['batch']}" if data else "Memory"
    return Table(columns, rows, title, notes)


BEYOND = {
    "scratch_bytes": "of kernels' scratch",
    "rounding_bytes": "of the allocator's rounding",
    "workspace_bytes": "of libraries' workspaces, kept for the process",
    "context_bytes": "of CUDA's context",
}
"""What the device holds beyond a network's tensors, by its name in the data.

The first two are in what is allocated. The others are the process's, whichever network it runs: the
third its allocator reserved ahead of the network, the last is beyond what it reserved.
"""


def _beyond(row: Data) -> str:
    """Return what a network on a CUDA device took beyond its tensors, "" for the CPU."""
    if row.get("requested_bytes") is None:
        return ""
    known = {words: row[name] for name, words in BEYOND.items() if row[name] is not None}
    parts = ", ".join(f"{units.size(size)} {words}" for words, size in known.items())
    return f"{row['network']} {row['part']}: {parts}"


def _cells(row: Data) -> list[str]:
    ratio = row["tensor_bytes"] / row["predicted_bytes"]
    reserved = row["reserved_bytes"]
    return [
        f"{row['network']} {row['part']}",
        units.size(row["predicted_bytes"]),
        units.size(row["tensor_bytes"]),
        units.Figure(f"{ratio:.3f}", round(ratio, 6)),
        units.size(row["allocated_bytes"]),
        "-" if reserved is None else units.size(reserved),
        _peak_layer(row),
    ]


def _peak_layer(row: Data) -> str:
    """Return the layer at the peak, and the predicted one where it is another."""
    found = row["layer"] or "-"
    if row["during"] != "forward":
        found += f", {row['during']}"
    predicted = row["predicted_layer"]
    if predicted is None or predicted == row["layer"]:
        return found
    return f"{found}; predicted {predicted}"
