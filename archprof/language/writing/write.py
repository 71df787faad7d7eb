"""A graph as the text of a spec, from which the same graph can be read again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archprof import units
from archprof.graph.graph import Graph
from archprof.language.writing.drafting import Drafts
from archprof.language.writing.folding import Folding
from archprof.language.writing.initial import of_ops, own
from archprof.language.writing.kinds import kinds
from archprof.language.writing.literals import literal, number, quoted
from archprof.language.writing.names import UnreachableError
from archprof.language.writing.rows import block_rows, body_rows, mapping, shown
from archprof.language.writing.tree import tree

STATED = ("title", "family", "source", "year")
_STRANGE = re.compile(r"[^A-Za-z0-9_.\-]+")


def written(graph: Graph, expect: Mapping[str, int], plain: bool = False) -> str:
    """Return the text of a spec of a graph that `sayable` has nothing against.

    `expect` are totals that it shall state; with `plain` every layer is written out.
    """
    bases = of_ops(graph.nodes)
    root = tree(graph, [own(node, bases) for node in graph.nodes])
    found = kinds(root)
    while True:
        drafts = Drafts(graph, found, Folding(found, plain))
        try:
            body = drafts.network(root)
            break
        except UnreachableError as error:
            kind = found[error.group]
            if error.hidden:
                kind.names_inputs = True
            else:
                kind.must_be_block = True
    rows = [f"name: {quoted(_name(graph.network.name))}", *_about(graph)]
    rows.append(f"input: {units.shape(graph.input)}")
    if bases:
        rows += ["init:", *(f"  {op}: {literal(dict(init))}" for op, init in bases.items())]
    if drafts.blocks:
        rows.append("blocks:")
        for block in drafts.blocks.values():
            rows += block_rows(block)
    rows += ["layers:", *body_rows(body, "")]
    if body.output:
        rows.append(f"output: {shown(body.output)}")
    if expect:
        rows.append(f"expect: {mapping({name: number(value) for name, value in expect.items()})}")
    return "\n".join(rows) + "\n"


def _name(name: str) -> str:
    """Return the name with what a network's name cannot have replaced."""
    return _STRANGE.sub("_", name).strip("_") or "network"


def _about(graph: Graph) -> list[str]:
    """Return the lines of what the network states of itself."""
    rows = []
    for key in STATED:
        value = graph.network.stated(key)
        if key == "year" and isinstance(value, int) and 1900 < value < 2200:
            rows.append(f"{key}: {value}")
        elif key != "year" and isinstance(value, str) and value.strip():
            rows.append(f"{key}: {quoted(value, inside=False)}")
    return rows
