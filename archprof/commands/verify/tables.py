"""A verification as tables and data: the analysis beside its witnesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archprof import units
from archprof.show.resized import resized_data, resized_notes
from archprof.show.table import Table, TableColumn

if TYPE_CHECKING:
    from archprof.commands.verify.verification import Check, Value, Verification
    from archprof.graph.graph import Graph


LABELS = {
    ("torch", "output_shape"): "output shape",
    ("FlopCounterMode", "flops"): "torch FLOPs",
    ("fvcore", "flops"): "fvcore flops",
    ("autograd", "saved_bytes"): "saved bytes (×2)",
    ("gradient", "receptive_field"): "receptive field",
    ("unit by unit", "receptive_field"): "receptive field",
}
"""How a quantity is called in a table, where it is not by its own name; autograd runs a batch of
2.
"""

HEADS = (
    TableColumn("Quantity", right=False),
    TableColumn("Witness", right=False, style="green", drop=1),
    TableColumn("archprof"),
    TableColumn("Witness says"),
)


def _label(witness: str, quantity: str) -> str:
    return LABELS.get((witness, quantity), quantity)


def _text(value: Value, quantity: str) -> str:
    if isinstance(value, int):
        return units.exact(value)
    if quantity.startswith("field "):
        return f"{value[0]} to {value[1]}"
    if quantity == "receptive_field":
        return units.pair(*value)
    return units.shape(value)


def totals_table(graph: Graph, found: Verification) -> Table:
    """Return a row per witness and quantity: the total on both sides, and how many layers agree."""
    rows = []
    for witness, quantity in found.quantities:
        checks = found.of(witness, quantity)
        total = next((c for c in checks if not c.path), None)
        layers = [c for c in checks if c.path]
        agree = sum(c.holds for c in layers)
        rows.append(
            [
                _label(witness, quantity),
                witness,
                _text(total.ours, quantity) if total else "",
                _text(total.theirs, quantity) if total else "",
                f"{agree}/{len(layers)}" if layers else "",
                "agrees" if all(c.holds for c in checks) else "DIFFERS",
            ]
        )
    verdict = (
        f"{len(found.checks)} checks, {len(found.differing) or 'none'} differing"
        if found.checks
        else "nothing could be checked"
    )
    heads = [*HEADS, TableColumn("Layers", drop=2), TableColumn("Verdict", right=False)]
    notes = [("note", note) for note in found.notes] + resized_notes(
        resized_data(graph), graph.input
    )
    return Table(heads, rows, f"{graph.network.name}: {verdict}", notes)


def layers_table(found: Verification, full: bool) -> Table:
    """Return every check of every layer, or only those that differ."""
    checks: list[Check] = [c for c in found.checks if full or not c.holds]
    order = {path: i for i, path in enumerate(found.layers)}
    checks.sort(key=lambda c: (not c.path, order[c.path]))
    rows = [
        [
            c.path or "Total",
            _label(c.witness, c.quantity),
            c.witness,
            _text(c.ours, c.quantity),
            _text(c.theirs, c.quantity),
            "agrees" if c.holds else "DIFFERS",
        ]
        for c in checks
    ]
    return Table(
        [TableColumn("Layer", right=False), *HEADS, TableColumn("Verdict", right=False)], rows
    )


def verification_data(graph: Graph, found: Verification) -> dict[str, Any]:
    """Return all checks as data."""
    checks = [
        {
            "witness": c.witness,
            "quantity": c.quantity,
            "layer": c.path or None,
            "archprof": c.ours,
            "says": c.theirs,
            "holds": c.holds,
        }
        for c in found.checks
    ]
    return {
        "network": graph.network.name,
        "input": list(graph.input),
        "resized": resized_data(graph),
        "holds": found.holds,
        "notes": list(found.notes),
        "checks": checks,
    }
