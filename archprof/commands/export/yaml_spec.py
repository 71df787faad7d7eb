"""A graph as a spec, with its totals."""

from __future__ import annotations

from archprof.analysis.analysis import analyze
from archprof.commands.export.exported import Exported
from archprof.graph.graph import Graph
from archprof.language.writing.spec import spec

SHOWN = 5  # renamed layers; of the others only the number is said


def yaml_spec(graph: Graph) -> Exported:
    """Return the spec, and which layers have other paths in it.

    Raises ProblemError where the language cannot say the network.
    """
    totals = analyze(graph).totals
    expect = {"params": totals.params, "buffers": totals.buffers}
    if not totals.unknown.cost:
        expect["macs"] = totals.macs
    expect["depth"] = totals.depth
    made = spec(graph, expect)
    notes = [f"`{old}` is `{new}` in the spec" for old, new in made.renamed.items()]
    if len(notes) > SHOWN:
        rest = len(notes) - SHOWN
        notes = [*notes[:SHOWN], f"{rest:,} more layers without weights have other paths"]
    return Exported(made.text, tuple(notes))
