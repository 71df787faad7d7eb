"""Where a network's time goes, as a table: by block, op or layer, each under its roofline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units
from archprof.commands.measure.device.tables import bytes_rate, flops_rate
from archprof.commands.measure.judging.consistency import QUIET, usable
from archprof.commands.measure.judging.roofline import TOLERANCE
from archprof.commands.measure.writing.run_labels import disturbance, percent, signed_duration
from archprof.show.table import Table, TableColumn

Data = dict[str, Any]

FAULTS = 4  # faults that are listed; the JSON has all
CAUSE = "an error in the measurement, or in our count of its bytes or arithmetic"
FINE = 0.0995  # shares below it have a decimal in percent

BETWEEN, LAUNCH_GAPS = "gaps and fusion", "launch gaps and fusion"
"""What is between the layers: with the device held, no launch is waited for."""

HELD = (
    "the device's own time: it is held until the pass is queued; as run, the host queues while the"
    " device works, and the device waits for launches"
)
NOT_HELD = (
    "queueing the pass outlasted every hold of the device: windows, the whole or both contain what"
    " the host takes to launch"
)
TENSOR = (
    "what of the kernels' time is that of kernels on tensor cores, by their names; a range where a"
    " name does not tell"
)

GROUPED_BY = {"block": "block", "op": "op", "layer": "path"}
"""By the choice of the user, the field of a layer by which rows are grouped."""


def layers_table(data: Data, by: str = "block") -> Table:
    """Return `layers_data` as a table, its rows blocks or layers in order, or ops by their time.

    A layer's time is that of its kernels where they are known, else its window. The last rows add
    up to the whole pass. Of data that contradicts itself no shares are shown: the table then says
    why.
    """
    if not usable(data, "layers"):
        return unusable_table(data)
    groups = _grouped(data["layers"], by)
    columns = _columns(by)
    body = [_cells(label, members, data, by) for label, members in groups]
    sums = last_rows(data, len(columns))
    hidden = set()
    if not kernels_known(data):
        hidden |= {"Window", "Tensor", "Moved/s"}
    if data["peaks"] is None:
        hidden |= {"Bound", "Attained"}
    kept = [i for i, column in enumerate(columns) if column.title not in hidden]
    return Table(
        [columns[i] for i in kept],
        [[row[i] for i in kept] for row in [*body, *sums]],
        layers_title(data, by),
        _notes(data),
        totals=len(sums),
    )


def layers_title(data: Data, by: str) -> str:
    """Return whose time the table divides, and by what."""
    return f"{data['network']} · batch {data['batch']} · where the time goes, by {by}"


def kernels_known(data: Data) -> bool:
    """Return whether the times of kernels were seen."""
    return any(layer["kernel_ms"] is not None for layer in data["layers"])


def last_rows(data: Data, width: int) -> list[list[str]]:
    """Return the rows that lead from the layers to the whole pass, of so many cells.

    Of kernels nothing is taken off; of windows, what the stamps take. On CUDA the waits for
    launches, which are what the host costs, come on top of the device's own time.
    """
    whole, unheld = data["whole_ms"], data.get("unheld_ms")
    layers = sum(busy_ms(layer) for layer in data["layers"])
    found = [("sum of layers", layers)]
    between = whole - layers
    if not kernels_known(data):
        found.append(("timing overhead", -data["timing_overhead_ms"]))
        between = data["launch_gaps_and_fusion_ms"]
    found += [(BETWEEN if data.get("device_held") else LAUNCH_GAPS, between), ("whole", whole)]
    if unheld is not None:
        found += [("launch gaps", unheld - whole), ("whole as run", unheld)]
    rows = []
    for label, value in found:
        figures = [label, "", signed_duration(value), share(value, whole)]
        rows.append([*figures, *[""] * (width - len(figures))])
    return rows


def _grouped(layers: Sequence[Data], by: str) -> list[tuple[str, list[Data]]]:
    """Return the layers by the label of their row."""
    grouped: dict[str, list[Data]] = {}
    for layer in layers:
        grouped.setdefault(layer[GROUPED_BY[by]], []).append(layer)
    groups = list(grouped.items())
    if by == "op":
        groups.sort(key=lambda group: -_busy(group[1]))
    return groups


def _columns(by: str) -> list[TableColumn]:
    second = TableColumn("Layers", drop=6)
    if by == "layer":
        second = TableColumn("Op", right=False, style="green", drop=6)
    return [
        TableColumn(by.title(), right=False),
        second,
        TableColumn("Time", unit="ms"),
        TableColumn("Share", style="magenta", drop=1),
        TableColumn("Window", unit="ms", drop=8),
        TableColumn("Tensor", drop=2),
        TableColumn("FLOPs", drop=5),
        TableColumn("Moved", unit="bytes", drop=4),
        TableColumn("Moved/s", unit="bytes/s", drop=7),
        TableColumn("FLOP/B", drop=3),
        TableColumn("Bound", right=False),
        TableColumn("Attained", style="cyan"),
    ]


def unusable_table(data: Data) -> Table:
    """Return why a network's time cannot be split into layers, and what to do."""
    rows = [[found["message"]] for found in data["contradictions"]]
    notes = [("way out", QUIET), *((disturbance(warning), warning) for warning in data["warnings"])]
    return Table(
        [TableColumn("Unusable: what was measured contradicts itself", right=False, wraps=True)],
        rows,
        f"{data['network']} · batch {data['batch']} · where the time goes",
        notes,
    )


def _cells(label: str, members: list[Data], data: Data, by: str) -> list[str]:
    """Return the row of these layers."""
    flops, moved = _sum(members, "flops"), _sum(members, "bytes_moved")
    time = _busy(members)
    intensity = "-"
    if moved:
        intensity = units.Figure(f"{flops / moved:.1f}", round(flops / moved, 3))
    return [
        label,
        members[0]["what"] if by == "layer" else str(len(members)),
        units.duration(time),
        share(time, data["whole_ms"]),
        units.duration(_sum(members, "time_ms")),
        tensor_share([kernel for layer in members for kernel in layer.get("kernels", ())]),
        units.count(flops) if flops else "-",
        units.size(moved) if moved else "-",
        bytes_rate(1e3 * moved / time) if moved and time else "-",
        intensity,
        *_bound(members),
    ]


def _bound(members: list[Data]) -> tuple[str, str]:
    """Return what bounds most of the time of these layers, and their rooflines' share of it."""
    bounded = [layer for layer in members if layer["roofline_ms"]]
    if not bounded:
        return "-", "-"
    spent: dict[str, float] = {}
    for layer in bounded:
        spent[layer["bound"]] = spent.get(layer["bound"], 0.0) + busy_ms(layer)
    bound = max(spent, key=lambda bound: spent[bound])
    total = sum(spent.values())
    mark = "!" if any(layer["faster_than_roofline"] for layer in bounded) else ""
    if not total:
        return bound, mark
    share = _sum(bounded, "roofline_ms") / total
    decimals = 0 if share >= FINE else 1
    return bound, units.Figure(f"{100 * share:.{decimals}f}%{mark}", round(share, 4))


def busy_ms(layer: Data) -> float:
    """Return the milliseconds of a layer's kernels where they are known, else of its window."""
    return float(layer["time_ms"] if layer["kernel_ms"] is None else layer["kernel_ms"])


def _sum(members: Sequence[Data], quantity: str) -> Any:
    return sum(layer[quantity] or 0 for layer in members)


def _busy(members: Sequence[Data]) -> float:
    return sum(busy_ms(layer) for layer in members)


def share(part: float, whole: float) -> units.Figure:
    """Return a part of a whole in percent."""
    return percent(part / whole) if whole else units.Figure("-", 0)


def tensor_share(kernels: Sequence[Data]) -> str:
    """Return which share of these kernels' time is on tensor cores.

    It is a range where the names of some kernels do not tell, "?" where none does, and "-" of no
    kernels.
    """
    total = sum(kernel["time_us"] for kernel in kernels)
    if not total:
        return "-"
    known = sum(kernel["time_us"] for kernel in kernels if kernel["tensor_cores"])
    unknown = sum(kernel["time_us"] for kernel in kernels if kernel["tensor_cores"] is None)
    if unknown == total:
        return "?"
    least = 100 * known / total
    if not unknown:
        return units.Figure(f"{least:.0f}%", round(known / total, 4))
    return f"{least:.0f}-{100 * (known + unknown) / total:.0f}%"


def held_notes(data: Data) -> list[tuple[str, str]]:
    """Return what was measured on a CUDA device, and what could not be."""
    found = []
    if data.get("device_held"):
        found.append(("whole", HELD))
    if data.get("device_held") is False:
        found.append(("not held", NOT_HELD))
    if data.get("kernels_unseen"):
        found.append(("kernels", f"not seen, times are windows: {data['kernels_unseen']}"))
    return found


def _time_note(data: Data) -> tuple[str, str]:
    place = "taken in its place, between two stamps on the device's clock"
    if kernels_known(data):
        place = f"that of its kernels, its window {place}"
    return ("time", f"medians of {data['passes']} passes; a layer's is {place}")


def _notes(data: Data) -> list[tuple[str, str]]:
    notes = [_time_note(data), *held_notes(data)]
    if kernels_known(data):
        notes.append(("tensor", TENSOR))
    if peaks := data["peaks"]:
        flops, copies = flops_rate(peaks["flops_per_s"]), bytes_rate(peaks["copy_bytes_per_s"])
        notes.append(
            (
                "attained",
                f"what of a layer's time its roofline is: {flops} and {copies} of the largest"
                f" copies ({peaks['dtype']}), more for what fits in a cache; bound by launch where"
                " the smallest op takes longer",
            )
        )
    notes += [(disturbance(warning), warning) for warning in data["warnings"]]
    faults = [layer for layer in data["layers"] if layer["faster_than_roofline"]]
    notes += [("fault!", _fault(layer)) for layer in faults[:FAULTS]]
    if len(faults) > FAULTS:
        notes.append(
            (
                "fault!",
                f"{len(faults) - FAULTS} more such layers, more than"
                f" {100 * (TOLERANCE - 1):.0f} % faster, which the JSON names",
            )
        )
    return notes


def _fault(layer: Data) -> str:
    """Return by how much a layer is faster than its roofline allows."""
    if not busy_ms(layer):
        return f"{layer['path']} took no time at all: {CAUSE}"
    times = busy_ms(layer) / layer["roofline_ms"]
    return f"{layer['path']} is {1 / times:.2f} times as fast as its roofline allows: {CAUSE}"
