"""Graphs of short specs, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.problem import ProblemError


def graph(text: str, folder: Path | None = None) -> Graph:
    """The graph of the first network of a spec; it must have no problems."""
    found = expand(
        next(networks(load_text("name: net\ninput: 3x8x8\n" + text, "net.yaml", folder)))
    )
    assert not found.problems, "\n".join(map(str, found.problems))
    return found


def paths(text: str) -> list[str]:
    return [node.path for node in graph(text).nodes]


def wiring(text: str) -> dict[str, list[str]]:
    """What each layer reads."""
    found = graph(text)
    return {
        node.path: [found.nodes[i].path if i >= 0 else "input" for i in node.inputs]
        for node in found.nodes
    }


def faults(text: str) -> list[str]:
    """What is wrong, without hints."""
    try:
        problems = expand(
            next(networks(load_text("name: net\ninput: 3x8x8\n" + text, "net.yaml")))
        ).problems
    except ProblemError as error:
        problems = error.problems
    return [f"{p.mark.line}:{p.mark.column} {p.message}" for p in problems]


CONV = "{op: conv2d, out: 4, kernel: 1}"
TWO = "blocks:\n  two: {layers: {a: {op: relu}, b: {op: relu}}}\n"
LIST = (
    "blocks:\n  list: {params: {extra: true}, layers: [{op: relu}, {op: sigmoid, when: $extra},"
    " {op: tanh}]}\n"
)
