"""The times of a network's layers as data, each under its roofline: `layers` of a run's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archprof.analysis.analysis import Analysis
from archprof.commands.measure.device.tables import peaks_data
from archprof.commands.measure.judging.roofline import Attained, Peaks, attained
from archprof.commands.measure.layers.tensor_cores import tensor_cores
from archprof.show.folding import describe, rows

if TYPE_CHECKING:
    from archprof.commands.measure.layers.times import LayerTime, LayerTimes

Data = dict[str, Any]


def layers_data(
    times: LayerTimes, analysis: Analysis, peaks: Peaks | None = None, warnings: Sequence[str] = ()
) -> Data:
    """Return the times of a network's layers, under their rooflines where `peaks` are known.

    The analysis must be of the batch and the storage dtype that were measured; `warnings` say what
    disturbed the measurement.
    """
    blocks = _blocks(analysis)
    roofs = _roofs(times, analysis, peaks) if peaks else {}
    layers = []
    for layer in times.layers:
        row = analysis.layers[layer.node]
        entry = {
            "path": layer.path,
            "op": row.node.kind,
            "what": describe(row),
            "block": blocks[id(row)],
            "time_ms": 1e3 * layer.seconds,
            "kernel_ms": _milliseconds(layer.kernel_seconds),
            "flops": row.known("flops"),
            "bytes_moved": row.bytes_moved,
            "bytes_per_s": _rate(row.bytes_moved, layer.kernel_seconds),
            "kernels": _kernels(layer),
        }
        layers.append(entry | roof_data(roofs.get(layer.node)))
    return {
        "network": analysis.graph.network.name,
        "batch": analysis.batch,
        "passes": times.passes,
        "whole_ms": 1e3 * times.whole,
        "unheld_ms": _milliseconds(times.unheld),
        "device_held": times.held,
        "layers_ms": 1e3 * times.total,
        "kernels_ms": _milliseconds(times.kernels),
        "kernels_unseen": times.unseen,
        "timing_overhead_ms": 1e3 * times.stamping,
        "launch_gaps_and_fusion_ms": 1e3 * times.rest,
        "peaks": None if peaks is None else peaks_data(peaks),
        "warnings": list(warnings),
        "layers": layers,
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else 1e3 * seconds


def _rate(moved: int, seconds: float | None) -> float | None:
    """Return the bytes per second that a layer's kernels reach, None where they are not known."""
    return moved / seconds if seconds else None


def _kernels(layer: LayerTime) -> list[Data]:
    """Return the kernels of a layer in a pass, those of one name together."""
    return [
        {
            "name": kernel.name,
            "launches": kernel.launches,
            "time_us": 1e6 * kernel.seconds,
            "tensor_cores": tensor_cores(kernel.name),
        }
        for kernel in layer.kernels
    ]


def _blocks(analysis: Analysis) -> dict[int, str]:
    """Return for each layer, by its identity, the row that it is folded into in `summary`."""
    blocks = {}
    for row in rows(analysis.layers, None, False, hidden=True):
        times = f" ×{row.times}" if row.times > 1 else ""
        for layer in row.layers:
            blocks[id(layer)] = row.label + times
    return blocks


def _roofs(times: LayerTimes, analysis: Analysis, peaks: Peaks) -> dict[int, Attained]:
    """Return for each layer, by its index in the graph, what it attains of its roofline."""
    seconds = [(layer.node, layer.busy) for layer in times.layers]
    on_device = any(layer.kernel_seconds is not None for layer in times.layers)
    return {found.node: found for found in attained(analysis, seconds, peaks, on_device)}


def roof_data(found: Attained | None) -> Data:
    """Return a layer's roofline as data, nothing known of it where `found` is None."""
    if found is None:
        return {"roofline_ms": None, "bound": None, "attained": None, "faster_than_roofline": False}
    return {
        "roofline_ms": 1e3 * found.roof.seconds,
        "bound": found.roof.bound,
        "attained": found.share,
        "faster_than_roofline": found.faulty,
    }
