"""A graph as a spec that is known to say the same: it is read again before it is given out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from archprof.graph.graph import Graph, Node
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import pick
from archprof.language.text import MAX_BYTES
from archprof.language.writing.renaming import renamed
from archprof.language.writing.sayable import WAY_OUT, check_operators, check_paths
from archprof.language.writing.write import written
from archprof.problem import Problem, ProblemError


class Spec(NamedTuple):
    """The text of a spec, and the new paths by the old of layers that it calls something else."""

    text: str
    renamed: Mapping[str, str]


def spec(graph: Graph, expect: Mapping[str, int]) -> Spec:
    """Return the spec of a graph; `expect` are the totals that it shall state.

    Where folding into blocks would not give the same layers again, all are written out. Raises
    ProblemError where the language cannot say the network.
    """
    check_operators(graph)
    graph, new = renamed(graph)
    check_paths(graph)
    fault = None
    for plain in (False, True):
        text = written(graph, expect, plain)
        fault = _fault(graph, text)
        if fault is None:
            return Spec(text, new)
    raise ProblemError([fault] if fault else [])


def _fault(graph: Graph, text: str) -> Problem | None:
    """Return why the text is not a spec of the graph, None where it is one."""
    place = graph.network.mark
    if len(text.encode()) > MAX_BYTES:
        message = f"the spec would be larger than {MAX_BYTES:,} bytes, which nobody could read"
        return Problem(place, "export", message, WAY_OUT)
    try:
        again = expand(pick(load_text(text, "the spec"), "", "the spec"))
        problems = again.problems
    except ProblemError as error:
        problems = error.problems
    if problems:
        first = problems[0]
        message = f"a spec of this network would have a fault: {first.message}"
        return Problem(place, "export", message, first.hint or WAY_OUT)
    difference = first_difference(graph, again)
    if difference:
        message = f"a spec cannot say this network: {difference}"
        return Problem(place, "export", message, WAY_OUT)
    return None


def first_difference(graph: Graph, again: Graph) -> str:
    """Return where two graphs are not the same network, "" where they are."""
    for ours, theirs in zip(graph.nodes, again.nodes, strict=False):
        if ours.path != theirs.path:
            return f"in the place of `{ours.path}` would stand `{theirs.path}`"
        for what, ours_is, theirs_is in _facts(ours, theirs):
            if ours_is != theirs_is:
                return f"`{ours.path}` would have {what}"
    if len(graph.nodes) != len(again.nodes):
        return f"it would have {len(again.nodes):,} layers instead of {len(graph.nodes):,}"
    given = [[(one.shape, one.elements) for one in each.inputs] for each in (graph, again)]
    if given[0] != given[1] or graph.outputs != again.outputs:
        return "it would have another input or output"
    # a spec gives its heads in the order of execution, a module as its code returns them
    if sorted(graph.aux_outputs) != sorted(again.aux_outputs):
        return "its auxiliary heads would give something else"
    return ""


def _facts(ours: Node, theirs: Node) -> Iterator[tuple[str, object, object]]:
    """Yield what two layers must have in common, as a message calls it where it differs."""
    if not ours.op.arrives:
        yield "other settings", ours.op, theirs.op
    yield "other inputs", ours.inputs, theirs.inputs
    yield "another output", ours.output, theirs.output
    yield "its place in an auxiliary head changed", ours.aux, theirs.aux
    yield "the weights of another layer", ours.shares, theirs.shares
    yield "other frozen parameters", ours.frozen, theirs.frozen
    yield "other initial weights", ours.init or {}, theirs.init or {}
