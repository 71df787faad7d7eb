"""A graph as a spec that is known to say the same: it is read again before it is given out."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.graph.graph import Graph, Node
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import pick
from archprof.language.text import MAX_BYTES
from archprof.language.writing.sayable import WAY_OUT, check_sayable
from archprof.language.writing.write import written
from archprof.problem import Problem, ProblemError


def spec(graph: Graph, expect: Mapping[str, int]) -> str:
    """Return the text of a spec of the graph; `expect` are the totals that it shall state.

    Where folding into blocks would not give the same layers again, all are written out. Raises
    ProblemError where the language cannot say the network.
    """
    check_sayable(graph)
    fault = None
    for plain in (False, True):
        text = written(graph, expect, plain)
        fault = _fault(graph, text)
        if fault is None:
            return text
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
        for what in _FACTS:
            if what(ours) != what(theirs):
                return f"`{ours.path}` would have {_FACTS[what]}"
    if len(graph.nodes) != len(again.nodes):
        return f"it would have {len(again.nodes):,} layers instead of {len(graph.nodes):,}"
    if (graph.input, graph.outputs) != (again.input, again.outputs):
        return "it would have another input or output"
    if graph.aux_outputs != again.aux_outputs:
        return "its auxiliary heads would give something else"
    return ""


def _init(node: Node) -> object:
    return node.init or {}


_FACTS = {
    (lambda node: node.op): "other settings",
    (lambda node: node.inputs): "other inputs",
    (lambda node: node.output): "another output",
    (lambda node: node.aux): "another place, in or out of an auxiliary head",
    (lambda node: node.shares): "other weights",
    _init: "other initial weights",
}
"""What two layers must have in common, with how a message calls what differs."""
