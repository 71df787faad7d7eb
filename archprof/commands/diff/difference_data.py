"""A difference as data, for JSON; plain integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Extent
from archprof.commands.diff.difference import Change, Difference, LayerSide
from archprof.commands.diff.fail_conditions import OF_STEP, QUANTITIES
from archprof.commands.diff.met_conditions import MetCondition
from archprof.commands.diff.review import Compared, Review
from archprof.commands.diff.row_text import setting_text
from archprof.commands.diff.totals_text import totals
from archprof.problem import Mark, Problem
from archprof.show.field import field_data
from archprof.show.resized import resized_data
from archprof.units import printable

SCHEMA = 1
Data = dict[str, Any]


def difference_data(review: Review, met: Sequence[MetCondition] = ()) -> Data:
    """Return each network with its totals before and after and each layer that changed.

    `met` are the conditions of --fail-on that networks meet.
    """
    return {
        "schema": SCHEMA,
        "old": printable(review.old),
        "new": printable(review.new),
        "networks": [_network(one, review.step) for one in review.networks],
        "failed": [
            {
                "condition": one.condition.text,
                "network": one.compared.name,
                "message": printable(one.problem.message),
                "source": _source(one.problem.mark),
            }
            for one in met
        ],
    }


def _network(one: Compared, step: bool) -> Data:
    found = one.found
    quantities: Data = {}
    for quantity in (*QUANTITIES, *OF_STEP):
        if quantity in OF_STEP and not step:
            quantities[quantity] = None
            continue
        old, new = totals(one, quantity)
        quantities[quantity] = {"old": _plain(old), "new": _plain(new)}
    return {
        "network": one.name,
        "state": one.state,
        "files": [printable(file) for file in one.files],
        "totals": quantities,
        "resized": {"old": _resized(one.old), "new": _resized(one.new)},
        "sees": {"old": _sees(one.old), "new": _sees(one.new)},
        "parameters": _values(found.parameters) if found else [],
        "same_layers": found.same if found else 0,
        "input_peak_bytes": found.input.peak if found else 0,
        "changes": [_change(change, found) for change in found.changes] if found else [],
        "faults": [
            *(_fault("old", problem) for problem in one.old_faults),
            *(_fault("new", problem) for problem in one.new_faults),
        ],
    }


def _resized(analysis: Analysis | None) -> Any:
    return resized_data(analysis.graph) if analysis else None


def _sees(analysis: Analysis | None) -> str | None:
    return analysis.totals.extent.sees if analysis else None


def _values(values: Sequence[tuple[str, object, object]]) -> list[Data]:
    return [{"name": name, "old": old, "new": new} for name, old, new in values]


def _fault(side: str, problem: Problem) -> Data:
    return {
        "side": side,
        "source": _source(problem.mark),
        "rule": problem.rule,
        "message": printable(problem.message),
    }


def _change(one: Change, found: Difference) -> Data:
    return {
        "state": one.state,
        "settings": [
            {"name": s.name, "old": setting_text(s.old), "new": setting_text(s.new)}
            for s in one.settings
        ],
        "old": _layer(one.old, found.old.graph.input),
        "new": _layer(one.new, found.new.graph.input),
        "change": one.share._asdict(),
    }


def _layer(layer: LayerSide | None, input_shape: tuple[int, ...]) -> Data | None:
    if layer is None:
        return None
    node = layer.row.node
    return {
        "path": node.path,
        "op": node.kind,
        "output_shape": list(node.output),
        **layer.share._asdict(),
        "receptive_field": field_data(layer.row.sight, input_shape),
        "source": _source(node.mark),
    }


def _source(mark: Mark) -> Data:
    return {"file": printable(mark.file), "line": mark.line, "column": mark.column}


def _plain(value: Any) -> Any:
    """Return a total as JSON has it: of an extent the largest local field, a tuple as a list."""
    if isinstance(value, Extent):
        value = value.local
    return list(value) if isinstance(value, tuple) else value
