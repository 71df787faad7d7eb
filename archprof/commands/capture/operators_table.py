"""The operators of a tape: how many of each, what is known of them, what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.totals import Sum
from archprof.capturing.call import Captured
from archprof.capturing.operators import row
from archprof.capturing.tape import Tape
from archprof.show.sums import total_text
from archprof.show.table import Table, TableColumn


class UsedOperator(NamedTuple):
    """Layers that are one operator. `known`: an op of archprof's, described, or unknown."""

    name: str
    known: str
    layers: int
    params: int
    macs: Sum
    counted_as: str


def used(analysis: Analysis) -> list[UsedOperator]:
    """Return the operators, those with the most multiply-accumulates first."""
    groups: dict[tuple[str, str, str], list[LayerAnalysis]] = {}
    for layer in analysis.layers:
        groups.setdefault(_kind(layer), []).append(layer)
    found = [
        UsedOperator(
            name, known, len(layers), _params(layers), Sum.of(r.macs for r in layers), formula
        )
        for (name, known, formula), layers in groups.items()
    ]
    return sorted(found, key=lambda one: (one.known != "unknown", -one.macs.known, -one.layers))


def _kind(layer: LayerAnalysis) -> tuple[str, str, str]:
    op = layer.node.op
    if not isinstance(op, Captured):
        return layer.node.kind, "archprof's op", ""
    if layer.macs is None:
        return layer.node.kind, "unknown", ""
    found = row(f"aten.{layer.node.kind}")
    return layer.node.kind, "described", found.formula if found else ""


def _params(layers: Iterable[LayerAnalysis]) -> int:
    return sum(layer.params for layer in layers)


def operators_table(tape: Tape, analysis: Analysis) -> Table:
    """Return the operators as a table."""
    rows = [
        [
            one.name,
            one.known,
            str(one.layers),
            units.exact(one.params) if one.params else "-",
            _macs(one.macs),
            one.counted_as,
        ]
        for one in used(analysis)
    ]
    totals = analysis.totals
    macs = total_text(units.count, totals, "macs")
    rows.append(["Total", "", str(len(analysis.layers)), units.exact(totals.params), macs, ""])
    columns = [
        TableColumn("Operator", right=False),
        TableColumn("Known as", right=False),
        TableColumn("Layers"),
        TableColumn("Params"),
        TableColumn("MACs"),
        TableColumn("FLOPs counted as", right=False, wraps=True, drop=1),
    ]
    inputs = ", ".join(
        f"{name} {units.shape(tape.tensors[number].shape)}" for name, number in tape.inputs.items()
    )
    return Table(columns, rows, f"{tape.name} · {tape.heading}", [("inputs", inputs)], totals=1)


def _macs(found: Sum) -> str:
    if not found.complete:
        return units.UNKNOWN
    return units.count(found.known) if found.known else "-"


def operators_data(tape: Tape, analysis: Analysis) -> dict[str, Any]:
    """Return the operators as the data of commands/capture/contract.py."""
    totals = analysis.totals
    return {
        "schema": 1,
        "name": tape.name,
        "heading": tape.heading,
        "made_by": tape.made_by,
        "inputs": {name: list(tape.tensors[n].shape) for name, n in tape.inputs.items()},
        "stopped": tape.stopped._asdict() if tape.stopped else None,
        "params": totals.params,
        "buffers": totals.buffers,
        "macs": totals.macs,
        "flops": totals.flops,
        "lower_bound": bool(totals.unknown.cost),
        "operators": [
            {
                "name": one.name,
                "known": one.known,
                "layers": one.layers,
                "params": one.params,
                "macs": one.macs.known if one.macs.complete else None,
                "counted_as": one.counted_as,
            }
            for one in used(analysis)
        ],
    }
