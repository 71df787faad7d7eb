"""Where a network's time goes, layer by layer under its roofline; memory predicted and measured;
and what a device reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.commands.measure.consistency import QUIET, usable
from archprof.commands.measure.roofline import TOLERANCE, Attained, Peaks, attained
from archprof.show.folding import describe, rows
from archprof.show.table import Column, Table

if TYPE_CHECKING:
    from archprof.commands.measure.kept_peaks import Kept
    from archprof.commands.measure.layers import LayerTimes
    from archprof.commands.measure.measured_memory import MeasuredMemory

BY = ("block", "op", "layer")
FAULTS = 4  # that are named; the JSON has all
CAUSE = "an error in the measurement, or in our count of its bytes or arithmetic"

Data = dict[str, Any]


def layers_data(
    times: LayerTimes, analysis: Analysis, peaks: Peaks | None = None, warnings: Sequence[str] = ()
) -> Data:
    """The times of a network's layers as data, under their rooflines where the device's peaks are
    known.

    The analysis must be of the batch and the storage dtype that were measured; `warnings` say what
    disturbed the measurement.
    """
    blocks = {
        id(layer): row.label + (f" ×{row.times}" if row.times > 1 else "")
        for row in rows(analysis.layers, None, False)
        for layer in row.layers
    }
    under = (
        {
            found.node: found
            for found in attained(
                analysis, [(layer.node, layer.busy) for layer in times.layers], peaks
            )
        }
        if peaks
        else {}
    )
    layers = []
    for layer in times.layers:
        row = analysis.layers[layer.node]
        entry = {
            "path": layer.path,
            "op": row.node.kind,
            "what": describe(row),
            "block": blocks[id(row)],
            "time_ms": 1e3 * layer.seconds,
            "kernel_ms": None if layer.kernel_seconds is None else 1e3 * layer.kernel_seconds,
            "flops": row.flops,
            "bytes_moved": row.bytes_moved,
        }
        layers.append(entry | _roof(under.get(layer.node)))
    return {
        "network": analysis.graph.network.name,
        "batch": analysis.batch,
        "passes": times.passes,
        "whole_ms": 1e3 * times.whole,
        "layers_ms": 1e3 * times.total,
        "timing_overhead_ms": 1e3 * times.stamping,
        "launch_gaps_and_fusion_ms": 1e3 * times.rest,
        "peaks": None if peaks is None else peaks_data(peaks),
        "warnings": list(warnings),
        "layers": layers,
    }


def _roof(found: Attained | None) -> Data:
    if found is None:
        return {"roofline_ms": None, "bound": None, "attained": None, "faster_than_roofline": False}
    return {
        "roofline_ms": 1e3 * found.roof.seconds,
        "bound": found.roof.bound,
        "attained": found.share,
        "faster_than_roofline": found.faulty,
    }


def layers_table(data: Data, by: str = "block") -> Table:
    """`layers_data` as a table, its rows blocks or layers in order, or ops by their time.

    The last rows lead from the layers to the whole.

    What contradicts itself has no shares: then the table says why.
    """
    if not usable(data, "layers"):
        return unusable_table(data)
    grouped: dict[str, list[Data]] = {}
    for layer in data["layers"]:
        grouped.setdefault(layer[{"block": "block", "op": "op", "layer": "path"}[by]], []).append(
            layer
        )
    groups = list(grouped.items())
    if by == "op":
        groups.sort(key=lambda group: -_sum(group[1], "time_ms"))
    with_kernels, with_roofs = (
        any(layer["kernel_ms"] is not None for layer in data["layers"]),
        data["peaks"] is not None,
    )
    columns = [
        Column({"block": "Block", "op": "Op", "layer": "Layer"}[by], right=False),
        (
            Column("Op", right=False, style="green", drop=6)
            if by == "layer"
            else Column("Layers", drop=6)
        ),
        Column("Time", unit="ms"),
        Column("Share", style="magenta", drop=1),
        Column("Kernels", unit="ms", drop=2),
        Column("FLOPs", drop=5),
        Column("Moved", unit="bytes", drop=4),
        Column("FLOP/B", drop=3),
        Column("Bound", right=False),
        Column("Attained", style="cyan"),
    ]
    body = [_cells(label, members, data, by) for label, members in groups]
    sums = [
        ("sum of layers", data["layers_ms"]),
        ("timing overhead", -data["timing_overhead_ms"]),
        ("launch gaps and fusion", data["launch_gaps_and_fusion_ms"]),
        ("whole", data["whole_ms"]),
    ]
    body += [
        [label, "", _signed(value), _share(value, data["whole_ms"]), *[""] * 6]
        for label, value in sums
    ]
    kept = [
        i
        for i, column in enumerate(columns)
        if (column.title != "Kernels" or with_kernels)
        and (column.title not in ("Bound", "Attained") or with_roofs)
    ]
    title = f"{data['network']} · batch {data['batch']} · where the time goes, by {by}"
    return Table(
        [columns[i] for i in kept],
        [[row[i] for i in kept] for row in body],
        title,
        _notes(data),
        totals=len(sums),
    )


def unusable_table(data: Data) -> Table:
    """Why a network's time cannot be split into layers, and what to do."""
    rows = [[found["message"]] for found in data["contradictions"]]
    notes = [("way out", QUIET), *((disturbance(warning), warning) for warning in data["warnings"])]
    return Table(
        [Column("Unusable: what was measured contradicts itself", right=False, wraps=True)],
        rows,
        f"{data['network']} · batch {data['batch']} · where the time goes",
        notes,
    )


def _cells(label: str, members: list[Data], data: Data, by: str) -> list[str]:
    flops, moved, taken = (
        _sum(members, "flops"),
        _sum(members, "bytes_moved"),
        _sum(members, "time_ms"),
    )
    return [
        label,
        members[0]["what"] if by == "layer" else str(len(members)),
        units.duration(taken),
        _share(taken, data["whole_ms"]),
        units.duration(_sum(members, "kernel_ms")),
        units.count(flops) if flops else "-",
        units.size(moved) if moved else "-",
        units.Figure(f"{flops / moved:.1f}", round(flops / moved, 3)) if moved else "-",
        *_bound(members),
    ]


def _bound(members: list[Data]) -> tuple[str, str]:
    """What bounds most of the time of these layers, and what share of it their rooflines are."""
    bounded = [layer for layer in members if layer["roofline_ms"]]
    if not bounded:
        return "-", "-"
    spent: dict[str, float] = {}
    for layer in bounded:
        spent[layer["bound"]] = spent.get(layer["bound"], 0.0) + _busy(layer)
    bound, taken = max(spent, key=lambda bound: spent[bound]), sum(spent.values())
    mark = "!" if any(layer["faster_than_roofline"] for layer in bounded) else ""
    if not taken:
        return bound, mark
    share = _sum(bounded, "roofline_ms") / taken
    return bound, units.Figure(
        f"{100 * share:.{0 if share >= 0.0995 else 1}f}%{mark}", round(share, 4)
    )


def _busy(layer: Data) -> float:
    return float(layer["time_ms"] if layer["kernel_ms"] is None else layer["kernel_ms"])


def _sum(members: Sequence[Data], quantity: str) -> Any:
    return sum(layer[quantity] or 0 for layer in members)


def _signed(milliseconds: float) -> units.Figure:
    found = units.duration(abs(milliseconds))
    return units.Figure(f"-{found}", milliseconds) if milliseconds < 0 else found


def _share(part: float, whole: float) -> units.Figure:
    return (
        units.Figure(f"{100 * part / whole:.1f}%", round(part / whole, 6))
        if whole
        else units.Figure("-", 0)
    )


def _notes(data: Data) -> list[tuple[str, str]]:
    notes = [
        (
            "time",
            (
                f"medians of {data['passes']} passes; a layer's is taken in its place, between two"
                " stamps on the device's clock"
            ),
        )
    ]
    if data["peaks"]:
        peaks = data["peaks"]
        notes.append(
            (
                "attained",
                (
                    f"what of a layer's time its roofline is: {_flops(peaks['flops_per_s'])} and"
                    f" {_bytes(peaks['copy_bytes_per_s'])} of the largest copies"
                    f" ({peaks['dtype']}), more for what fits in a cache; bound by launch where the"
                    " smallest op takes longer"
                ),
            )
        )
    notes += [(disturbance(warning), warning) for warning in data["warnings"]]
    faults = [layer for layer in data["layers"] if layer["faster_than_roofline"]]
    notes += [
        (
            (
                "fault!",
                (
                    f"{layer['path']} is {1 / (_busy(layer) / layer['roofline_ms']):.2f} times as"
                    f" fast as its roofline allows: {CAUSE}"
                ),
            )
            if _busy(layer)
            else ("fault!", f"{layer['path']} took no time at all: {CAUSE}")
        )
        for layer in faults[:FAULTS]
    ]
    if len(faults) > FAULTS:
        notes.append(
            (
                "fault!",
                (
                    f"{len(faults) - FAULTS} more such layers, more than"
                    f" {100 * (TOLERANCE - 1):.0f} % faster, which the JSON names"
                ),
            )
        )
    return notes


def disturbance(warning: str) -> str:
    """The label of what disturbed a measurement: `busy` where other work did, `moved` for the
    device's own state.
    """
    return "busy" if warning.startswith("other work") else "moved"


# --- memory ---


def memory_data(part: str, analysis: Analysis, measured: MeasuredMemory) -> Data:
    """What was predicted and measured of "inference" or "training", in bytes, weights and input
    included.

    Predicted for training is what is alive when the forward pass ends, but for its outputs; the
    measured peak may come later.
    """
    nodes, training = analysis.graph.nodes, part == "training"
    peak = measured.traced.peak
    return {
        "network": analysis.graph.network.name,
        "batch": analysis.batch,
        "part": part,
        "predicted_bytes": (
            analysis.totals.training_bytes if training else analysis.totals.peak_inference_bytes
        ),
        "predicted_layer": (
            None
            if training
            else nodes[analysis.peak.node].path
            if analysis.peak.node >= 0
            else "input"
        ),
        "tensor_bytes": peak.bytes,
        "layer": nodes[peak.node].path if peak.node >= 0 else None,
        "during": peak.part,
        "between_layers_bytes": measured.traced.between.bytes,
        "forward_end_bytes": measured.traced.forward,
        "allocated_bytes": measured.allocated,
        "scratch_bytes": measured.scratch,
        "reserved_bytes": measured.reserved,
    }


def memory_table(data: Sequence[Data]) -> Table:
    """`memory_data` of one or more runs, one row each."""
    rows = [
        [
            f"{row['network']} {row['part']}",
            units.size(row["predicted_bytes"]),
            units.size(row["tensor_bytes"]),
            units.Figure(
                f"{row['tensor_bytes'] / row['predicted_bytes']:.3f}",
                round(row["tensor_bytes"] / row["predicted_bytes"], 6),
            ),
            units.size(row["allocated_bytes"]),
            units.size(row["reserved_bytes"]) if row["reserved_bytes"] is not None else "-",
            _where(row),
        ]
        for row in data
    ]
    columns = [
        Column("Peak memory", right=False),
        Column("Predicted", unit="bytes"),
        Column("Measured", unit="bytes"),
        Column("ratio", style="cyan"),
        Column("Allocated", unit="bytes", drop=1),
        Column("Reserved", unit="bytes", drop=2),
        Column("At", right=False, wraps=True),
    ]
    shown = [
        i
        for i, column in enumerate(columns)
        if column.title != "Reserved" or any(row["reserved_bytes"] is not None for row in data)
    ]
    notes = [
        (
            "measured",
            "all tensors alive at once, storage by storage; allocated: with the scratch of kernels",
        )
    ]
    return Table(
        [columns[i] for i in shown],
        [[row[i] for i in shown] for row in rows],
        f"Memory · batch {data[0]['batch']}" if data else "Memory",
        notes,
    )


def _where(row: Data) -> str:
    """The layer at the peak, and the predicted one where it is another."""
    found = f"{row['layer'] or '-'}{'' if row['during'] == 'forward' else ', ' + row['during']}"
    return (
        found
        if row["predicted_layer"] in (None, row["layer"])
        else f"{found}; predicted {row['predicted_layer']}"
    )


# --- devices ---


def peaks_data(peaks: Peaks) -> Data:
    """Peaks as data."""
    return {
        "device": peaks.device,
        "dtype": peaks.dtype,
        "flops_per_s": peaks.flops_per_s,
        "copy_bytes_per_s": peaks.copy_bytes_per_s,
        "ridge_flops_per_byte": peaks.ridge,
        "launch_us": 1e6 * peaks.launch_s,
        "transfers": [{"bytes": size, "bytes_per_s": rate} for size, rate in peaks.transfers],
    }


def device_data(key: Data, kept: Sequence[Kept], left_out: Sequence[str] = ()) -> Data:
    """What `archprof device` found: the device, its peaks by dtype with where each is kept, and
    the dtypes it does not compute natively.
    """
    peaks = [
        peaks_data(found.peaks)
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


def device_tables(key: Data, kept: Sequence[Kept], left_out: Sequence[str] = ()) -> list[Table]:
    """A device's peaks, and what transfers of each size reach; no number of a dtype whose
    numbers contradict each other.
    """
    threads = (
        f"{key['threads']} thread{'s' if key['threads'] > 1 else ''}" if key["threads"] else None
    )
    software = [
        f"{name} {key[version]}"
        for name, version in (("torch", "torch"), ("CUDA", "cuda"), ("driver", "driver"))
        if key[version]
    ]
    about = [part for part in (key["device"], key["capability"], threads, *software) if part]
    columns = [
        Column("Dtype", right=False),
        Column("Arithmetic", unit="FLOP/s"),
        Column("Copies", unit="B/s"),
        Column("Ridge", unit="FLOP/B"),
        Column("Smallest op", unit="ms", drop=1),
        Column("", right=False, drop=2),
    ]
    notes = [("ridge", "FLOPs per byte from which on arithmetic is the bound")]
    notes += [
        ("unusable", f"{found.peaks.dtype}: {one.message}")
        for found in kept
        for one in found.contradictions[:FAULTS]
    ]
    if any(found.contradictions for found in kept):
        notes.append(("unusable", QUIET))
    notes += [("note", f"{found.peaks.dtype}: {note}") for found in kept for note in found.notes]
    if left_out:
        notes.append(
            (
                "left out",
                (
                    f"{', '.join(left_out)}: this processor has no instructions for it; --dtype"
                    f" {','.join(left_out)} measures it all the same"
                ),
            )
        )
    notes += [
        ("kept in", place)
        for place in dict.fromkeys(str(found.path) for found in kept if found.path)
    ]
    tables = [Table(columns, [_peak_cells(found) for found in kept], " · ".join(about), notes)]
    trusted = [found for found in kept if not found.contradictions]
    return [*tables, _transfers(trusted)] if trusted else tables


def _peak_cells(found: Kept) -> list[str]:
    peaks = found.peaks
    if found.contradictions:
        return [peaks.dtype, "unusable", "-", "-", "-", ""]
    origin = "kept" if found.read else "measured now"
    return [
        peaks.dtype,
        _flops(peaks.flops_per_s),
        _bytes(peaks.copy_bytes_per_s),
        units.three_digits(peaks.ridge),
        units.duration(1e3 * peaks.launch_s),
        "partial" if found.partial else origin,
    ]


def _transfers(kept: Sequence[Kept]) -> Table:
    rates = [dict(found.peaks.transfers) for found in kept]
    rows = [
        [units.size(size), *(_bytes(rate[size]) if size in rate else "-" for rate in rates)]
        for size in sorted(set().union(*rates))
    ]
    notes = [
        (
            "transfers",
            (
                "the fastest of a copy, an update in place and a sum; a layer's roofline is that of"
                " its size or any larger"
            ),
        )
    ]
    return Table(
        [Column("Moved", unit="bytes"), *(Column(found.peaks.dtype, unit="B/s") for found in kept)],
        rows,
        "Transfers by size",
        notes,
    )


def _flops(value: float) -> units.Figure:
    return units.Figure(f"{units.rate(value)}FLOP/s", value)


def _bytes(value: float) -> units.Figure:
    return units.Figure(f"{units.rate(value)}B/s", value)
