"""The JSON of `summary`: plain integers, units in the names of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.dropped_branches import dropped_branches
from archprof.show.field import field_data
from archprof.show.network_inputs import inputs_data
from archprof.show.resized import resized_data
from archprof.units import printable

if TYPE_CHECKING:
    from archprof.training.stochastic_depth import Expected

SCHEMA = 1


def summary_data(analysis: Analysis, step: bool = False) -> dict[str, Any]:
    """Return the analysis as data; `archprof schema summary` prints its JSON Schema.

    `step`: with the peak of a step of training, which takes its time.
    """
    graph, totals = analysis.graph, analysis.totals
    paths = {i: graph.called(i) for i in range(-1, len(graph.nodes))}
    return {
        "schema": SCHEMA,
        "network": graph.network.name,
        "overrides": dict(graph.network.overrides),
        "input": list(graph.input),
        "inputs": inputs_data(graph),
        "resized": resized_data(graph),
        "output": [list(shape) for shape in analysis.output],
        "batch": analysis.batch,
        "dtype": analysis.dtype,
        "count": analysis.count,
        "optimizer": analysis.optimizer,
        "ema": analysis.ema,
        "freeze": list(analysis.freeze),
        "layers": [_layer(row, paths, graph.input) for row in analysis.layers],
        "totals": {
            "params": totals.params,
            "trainable_params": totals.trainable_params,
            "frozen_params": totals.frozen_params,
            "aux_params": totals.aux_params,
            "buffers": totals.buffers,
            "macs": totals.macs,
            "flops": totals.flops,
            "counted": totals.counted,
            "weight_bytes": totals.weight_bytes,
            "sum_outputs_bytes": totals.sum_outputs_bytes,
            "lecture_outputs_bytes": totals.lecture_outputs_bytes,
            "peak_inference_bytes": totals.peak_inference_bytes,
            "bytes_moved": totals.bytes_moved,
            "saved_bytes": totals.saved_bytes,
            "training_bytes": totals.training_bytes,
            "training_peak_bytes": analysis.training_peak_bytes if step else None,
            "depth": totals.depth,
            "receptive_field": list(totals.receptive_field) if totals.receptive_field else None,
            "sees": totals.extent.sees,
            "unknown": {"cost": list(totals.unknown.cost), "saved": list(totals.unknown.saved)},
        },
        "stochastic_depth": _dropped(analysis),
        "peak": {
            "layer": paths[analysis.peak.node],
            "inside_bytes": analysis.peak.inside,
            "alive": [{"layer": paths[i], "bytes": size} for i, size in analysis.peak.alive],
        },
    }


def _dropped(analysis: Analysis) -> dict[str, Any] | None:
    found = dropped_branches(analysis)
    if found is None:
        return None
    return {
        "branches": found.branches.worst,
        "expected_branches": found.branches.expected,
        "macs": found.macs.worst,
        "expected_macs": _rounded(found.macs),
        "flops": found.flops.worst,
        "expected_flops": _rounded(found.flops),
        "saved_bytes": found.saved_bytes.worst,
        "expected_saved_bytes": _rounded(found.saved_bytes),
    }


def _rounded(of: Expected) -> int | None:
    return None if of.expected is None else round(of.expected)


def _layer(
    row: LayerAnalysis, paths: dict[int, str], input_shape: tuple[int, ...]
) -> dict[str, Any]:
    node = row.node
    return {
        "path": node.path,
        "op": node.kind,
        "inputs": [paths[i] for i in node.inputs],
        "output_shape": list(node.output),
        "params": row.params,
        "frozen_params": node.frozen_params,
        "buffers": row.buffers,
        "macs": row.macs,
        "flops": row.flops,
        "counted": row.counted,
        "weight_bytes": row.weight_bytes,
        "output_bytes": row.output_bytes,
        "bytes_moved": row.bytes_moved,
        "saved_bytes": row.saved_bytes,
        "receptive_field": field_data(row.sight, input_shape),
        "aux": node.aux,
        "notes": [*node.facts.notes, *node.remarks],
        "source": {"file": printable(node.mark.file), "line": node.mark.line},
    }
