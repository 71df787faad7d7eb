"""What of a graph the language has no words for."""

from __future__ import annotations

from collections.abc import Iterator
from keyword import iskeyword

from archprof.graph.graph import Arrived, Graph, Node
from archprof.language.words import LAYER_EXPECTED, NAME, RESERVED, WORD
from archprof.ops import OPS
from archprof.ops.elements import INTEGERS
from archprof.problem import Problem, ProblemError

NAMED = 10  # layers; of the others only the number is said
MOST_PARTS = 18  # of a path: YAML nested deeper than 40 levels is not read
WAY_OUT = "the formats json, dot, mermaid and model-explorer take every layer"


def check_operators(graph: Graph) -> None:
    """Raise ProblemError that names the layers whose op has no word, the first ten of them."""
    found = [
        _problem(node, f"the language has no op for the operator `{node.kind}`")
        for node in graph.nodes
        if not node.op.arrives and (node.kind not in OPS or OPS[node.kind] is not type(node.op))
    ]
    found += _of_inputs(graph)
    _raise(graph, found)


def _of_inputs(graph: Graph) -> Iterator[Problem]:
    """Yield a problem for each input that a spec cannot state."""
    several = len(graph.inputs) > 1
    for given in graph.inputs:
        reason = _input_fault(given, several)
        if reason:
            message = f"a spec cannot say the input `{given.name}`: {reason}"
            yield Problem(graph.network.mark, "export", message, WAY_OUT)


def _input_fault(given: Arrived, named: bool) -> str:
    """Return why a spec cannot state an input, "" where it can; `named`: by its name."""
    unusual = iskeyword(given.name) or given.name in RESERVED or not NAME.match(given.name)
    if named and unusual and given.name != "input":
        return "a name is letters, digits and _, and no word of the language or of Python"
    dtype, below = given.elements.dtype, given.elements.below
    if dtype and dtype not in INTEGERS:
        return f"it is {dtype}"
    return f"it is {dtype}, and nobody knows below which number" if dtype and not below else ""


def check_paths(graph: Graph) -> None:
    """Raise ProblemError that names the layers whose paths no layer of a spec can have."""
    groups = _groups(graph)
    seen: set[str] = set()
    found = []
    for node in graph.nodes:
        reason = _fault(node.path, groups, seen)
        seen.add(node.path)
        if reason:
            found.append(_problem(node, reason))
    _raise(graph, found)


def _raise(graph: Graph, found: list[Problem]) -> None:
    problems = found[:NAMED]
    if len(found) > NAMED:
        message = f"and {len(found) - NAMED:,} more layers that a spec cannot say"
        problems.append(Problem(graph.network.mark, "export", message, WAY_OUT))
    if problems:
        raise ProblemError(problems)


def _problem(node: Node, reason: str) -> Problem:
    message = f"a spec cannot say `{node.path}`: {reason}"
    chain = node.instance.chain() if node.instance else ()
    return Problem(node.mark, "export", message, WAY_OUT, chain)


def _groups(graph: Graph) -> set[str]:
    """Return the paths that have layers inside."""
    found: set[str] = set()
    for node in graph.nodes:
        outer = node.path.rpartition(".")[0]
        while outer and outer not in found:
            found.add(outer)
            outer = outer.rpartition(".")[0]
    return found


def _fault(path: str, groups: set[str], seen: set[str]) -> str:
    """Return why no layer of a spec can have the path, "" where one can."""
    parts = path.split(".")
    if len(parts) > MOST_PARTS:
        return f"its path has {len(parts)} parts, at most {MOST_PARTS}"
    strange = next((part for part in parts if not WORD.match(part)), None)
    if strange is not None:
        return f"`{strange[:60]}` in its path is not a name, {LAYER_EXPECTED}"
    if path in seen:
        return "another layer has the same path"
    if path in groups:
        return "other layers have paths inside it, as a group has"
    return ""
