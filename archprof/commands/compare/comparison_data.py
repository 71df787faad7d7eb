"""A comparison as data: totals, stages, kinds of layers, and the changes from the first network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import OF_STEP, Sum
from archprof.commands.compare.comparison import (
    StructureDifference,
    kinds,
    stages,
    structure_difference,
)
from archprof.show.resized import resized_data

Quantity = tuple[str, str, Callable[[Any], str]]  # its label, its name in Totals, its text

QUANTITIES: tuple[Quantity, ...] = (
    ("params", "params", units.count),
    ("trainable", "trainable_params", units.count),
    ("buffers", "buffers", units.count),
    ("MACs", "macs", units.count),
    ("FLOPs", "flops", units.count),
    ("depth", "depth", str),
    ("weights", "weight_bytes", units.size),
    ("outputs", "sum_outputs_bytes", units.size),
    ("peak inference", "peak_inference_bytes", units.size),
    ("saved", "saved_bytes", units.size),
    ("training", "training_bytes", units.size),
    ("bytes moved", "bytes_moved", units.size),
)


STEP_QUANTITIES: tuple[Quantity, ...] = (
    ("training peak", "training_peak_bytes", units.size),
    ("step FLOPs", "step_flops", units.count),
)
"""Those of a step of training, with --train."""


def shown_quantities(analyses: Sequence[Analysis]) -> list[Quantity]:
    """Return the quantities of a table: the trainable parameters where some are frozen, those of a
    step of training where one is asked about.
    """
    some = any(analysis.totals.frozen_params for analysis in analyses)
    shown = [each for each in QUANTITIES if some or each[1] != "trainable_params"]
    return [*shown, *(STEP_QUANTITIES if with_step(analyses) else ())]


def with_step(analyses: Sequence[Analysis]) -> bool:
    """Return whether a step of training is asked about."""
    return all(analysis.step is not None for analysis in analyses)


def known_part(analysis: Analysis, name: str) -> Sum:
    """Return what is known of a total, or of a number of a step, and whether that is all."""
    of = analysis if name in OF_STEP else analysis.totals
    return Sum(getattr(of, name), not analysis.lacking(name))


def named(analyses: Sequence[Analysis]) -> list[str]:
    """Return the networks' names, with a number where several have the same name."""
    names = [a.graph.network.name for a in analyses]
    return [name if names.count(name) == 1 else f"{name} #{i + 1}" for i, name in enumerate(names)]


def comparison_data(analyses: Sequence[Analysis]) -> dict[str, Any]:
    """Return the comparison as data; differences are from the first network to each other one.

    Totals that lack the layers in `unknown` are lower bounds; MACs elsewhere are then None.
    """
    names = named(analyses)
    first = analyses[0]
    return {
        "networks": [_network(name, a) for name, a in zip(names, analyses, strict=True)],
        "differences": [
            _difference(names[0], name, structure_difference(first, other))
            for name, other in zip(names[1:], analyses[1:], strict=True)
        ],
    }


def _network(name: str, analysis: Analysis) -> dict[str, Any]:
    totals = analysis.totals
    field = totals.receptive_field
    return {
        "network": name,
        "input": list(analysis.graph.input),
        "resized": resized_data(analysis.graph),
        "freeze": list(analysis.freeze),
        "step": _step(analysis),
        "totals": {
            **{attribute: getattr(totals, attribute) for _, attribute, _ in QUANTITIES},
            **{
                attribute: None if analysis.step is None else getattr(analysis, attribute)
                for _, attribute, _ in STEP_QUANTITIES
            },
            "receptive_field": list(field) if field else None,
            "sees": totals.extent.sees,
            "unknown": {"cost": list(totals.unknown.cost), "saved": list(totals.unknown.saved)},
        },
        "stages": [
            {
                "factor": stage.factor,
                "layers": stage.layers,
                "params": stage.params,
                "macs": stage.macs if stage.complete else None,
                "output_shape": list(stage.output),
            }
            for stage in stages(analysis)
        ],
        "kinds": {kind: counts[0] for kind, counts in kinds([analysis]).items()},
    }


def _step(analysis: Analysis) -> dict[str, Any] | None:
    """Return how a step of training is run, and which layers its numbers lack."""
    words = analysis.step
    if words is None:
        return None
    return {
        "optimizer": words.optimizer,
        "amp": words.amp or None,
        "checkpoint": words.checkpoint or None,
        "accumulate": words.accumulate,
        "device": words.device,
        "unknown": {
            "cost": list(analysis.asked_step.without_cost),
            "saved": list(analysis.asked_step.without_bytes),
        },
    }


def _difference(first: str, second: str, found: StructureDifference) -> dict[str, Any]:
    return {
        "from": first,
        "to": second,
        "shared_layers": found.shared,
        "renamed_layers": found.renamed,
        "same": found.same,
        "parameters": _before_and_after(found.parameters),
        "changes": [
            {
                "op": change.kind,
                "settings": _before_and_after(change.settings),
                "layers": list(change.paths),
                "params": change.params,
                "macs": change.macs,
            }
            for change in found.changes
        ],
        "gone": [_only(*one) for one in found.only_first],
        "new": [_only(*one) for one in found.only_second],
    }


def _before_and_after(values: Sequence[tuple[str, object, object]]) -> list[dict[str, object]]:
    return [{"name": name, "before": before, "after": after} for name, before, after in values]


def _only(kind: str, layers: int, params: int, macs: int | None) -> dict[str, Any]:
    return {"kind": kind, "layers": layers, "params": params, "macs": macs}
