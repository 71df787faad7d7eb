"""Slices that make up a tensor: `query, key, value = x.chunk(3, dim=-1)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archprof.commands.export.code_expressions import Expression
from archprof.commands.export.code_forms import TensorCut, slice_of, taken_apart
from archprof.commands.export.code_tree import ForwardStep
from archprof.graph.graph import Graph
from archprof.ops.answers import Function

Built = Mapping[int, Expression | Function]
"""How torch makes or computes each node."""


def shared_out(steps: Sequence[ForwardStep], graph: Graph, built: Built) -> list[ForwardStep]:
    """Return the steps, slices in a row that make up one tensor as one of them."""
    found = []
    position = 0
    while position < len(steps):
        cuts = _cuts(steps[position:], built)
        sizes = _sizes(cuts, steps[position].outputs, graph)
        if len(sizes) > 1:
            same = steps[position : position + len(sizes)]
            outputs = tuple(step.outputs[0] for step in same)
            names = tuple(step.names[0] for step in same)
            expression = taken_apart(sizes, cuts[0].dim)
            found.append(ForwardStep(same[0].path, same[0].inputs, outputs, names, expression))
        else:
            found.append(steps[position])
        position += max(len(sizes), 1)
    return found


def _cuts(steps: Sequence[ForwardStep], built: Built) -> list[TensorCut]:
    """Return the first steps that are slices of one tensor."""
    found: list[TensorCut] = []
    for step in steps:
        cut = slice_of(built[step.outputs[0]]) if step.expression is not None else None
        if cut is None or step.inputs != steps[0].inputs:
            break
        found.append(cut)
    return found


def _sizes(cuts: Sequence[TensorCut], outputs: Sequence[int], graph: Graph) -> tuple[int, ...]:
    """Return the sizes of the first slices that make up the whole tensor, () where they do not."""
    if not cuts:
        return ()
    facts = graph.nodes[outputs[0]].facts
    along = cuts[0].dim if cuts[0].dim < 0 else cuts[0].dim - 1
    whole = facts.inputs[0][along]
    found: list[int] = []
    for cut in cuts:
        before = sum(found)
        stop = whole if cut.stop is None else cut.stop
        if (cut.dim, cut.start, cut.step) != (cuts[0].dim, before, 1) or not before < stop <= whole:
            return ()
        found.append(stop - before)
        if stop == whole:
            return tuple(found)
    return ()
