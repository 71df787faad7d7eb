"""Slices that make up a tensor: `query, key, value = x.chunk(3, dim=-1)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archprof.commands.export.code_expressions import Expression
from archprof.commands.export.code_forms import TensorCut, slice_of, taken_apart
from archprof.commands.export.code_tree import ForwardStep, Path
from archprof.graph.graph import Graph, Node
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


def name_beside(nodes: Sequence[Node], paths: list[Path]) -> None:
    """Give functions of the same input that stand side by side under one name, as the parts of a
    split do, names in the module around them.
    """
    together: dict[Path, list[int]] = {}
    for i, path in enumerate(paths):
        together.setdefault(path[:-1], []).append(i)
    for above, members in together.items():
        held = any(nodes[i].op.is_module or nodes[i].facts.weights for i in members)
        alike = len({nodes[i].inputs for i in members}) == 1
        numbered = all(paths[i][-1].isdigit() for i in members)
        if above and numbered and alike and len(members) > 1 and not held:
            for i in members:
                paths[i] = (*above[:-1], f"{above[-1]}_{paths[i][-1]}")


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
