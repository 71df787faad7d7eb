"""Slices that share a tensor out evenly: `query, key, value = x.chunk(3, dim=-1)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archprof.commands.export.code_expressions import Expression
from archprof.commands.export.code_forms import TensorCut, chunks, slice_of
from archprof.commands.export.code_tree import ForwardStep
from archprof.graph.graph import Graph
from archprof.ops.answers import Function

Built = Mapping[int, Expression | Function]
"""How torch makes or computes each node."""


def shared_out(steps: Sequence[ForwardStep], graph: Graph, built: Built) -> list[ForwardStep]:
    """Return the steps, slices in a row that are equal parts of one tensor as one of them."""
    found = []
    position = 0
    while position < len(steps):
        cuts = _cuts(steps[position:], built)
        count = _equal_parts(cuts, steps[position].outputs, graph)
        if count > 1:
            same = steps[position : position + count]
            outputs = tuple(step.outputs[0] for step in same)
            names = tuple(step.names[0] for step in same)
            expression = chunks(count, cuts[0].dim)
            found.append(ForwardStep(same[0].path, same[0].inputs, outputs, names, expression))
        else:
            found.append(steps[position])
        position += max(count, 1)
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


def _equal_parts(cuts: Sequence[TensorCut], outputs: Sequence[int], graph: Graph) -> int:
    """Return how many slices make up the whole tensor, 0 where they are not its equal parts."""
    if not cuts:
        return 0
    facts = graph.nodes[outputs[0]].facts
    along = cuts[0].dim if cuts[0].dim < 0 else cuts[0].dim - 1
    whole, part = facts.inputs[0][along], facts.output[along]
    if whole % part:
        return 0
    wanted = whole // part
    for number, cut in enumerate(cuts[:wanted]):
        stop = whole if cut.stop is None else cut.stop
        if (cut.dim, cut.start, stop, cut.step) != (
            cuts[0].dim,
            number * part,
            (number + 1) * part,
            1,
        ):
            return 0
    return wanted if len(cuts) >= wanted else 0
