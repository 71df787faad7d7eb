"""A graph as the text of a spec, from which the same graph can be read again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archprof import units
from archprof.graph.graph import Arrived, Graph
from archprof.language.writing.drafting import Drafts
from archprof.language.writing.entries import BodyText
from archprof.language.writing.folding import Folding
from archprof.language.writing.frozen import mark_frozen
from archprof.language.writing.initial import of_ops, own
from archprof.language.writing.kinds import Kinds, kinds
from archprof.language.writing.literals import literal, number, quoted
from archprof.language.writing.names import UnreachableError
from archprof.language.writing.rows import block_rows, body_rows, mapping, shown
from archprof.language.writing.sayable import WAY_OUT
from archprof.language.writing.tails import split
from archprof.language.writing.tree import Subtree, complete, tree
from archprof.language.writing.units import splice
from archprof.problem import ProblemError

STATED = ("title", "family", "source", "year")
_STRANGE = re.compile(r"[^A-Za-z0-9_.\-]+")


def written(graph: Graph, expect: Mapping[str, int], plain: bool = False) -> str:
    """Return the text of a spec of a graph that `sayable` has nothing against.

    `expect` are totals that it shall state; with `plain` every layer is written out. Raises
    ProblemError where what a layer reads has no name.
    """
    bases = of_ops(graph.nodes)
    root = tree(graph, [own(node, bases) for node in graph.nodes])
    for fold in () if plain else (split, splice):
        if fold(root):
            complete(graph, root)
    mark_frozen(root)
    found = kinds(root)
    drafts, body = _drafted(graph, root, found, plain)
    rows = [f"name: {quoted(_name(graph.network.name))}", *_about(graph)]
    rows += _inputs(graph)
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


def _drafted(graph: Graph, root: Subtree, found: Kinds, plain: bool) -> tuple[Drafts, BodyText]:
    """Return the entries, after what cannot be named from inside a group has made it a block."""
    while True:
        drafts = Drafts(graph, found, Folding(found, plain))
        try:
            return drafts, drafts.network(root)
        except UnreachableError as error:
            kind = found[error.group]
            if error.hidden and not kind.names_inputs:
                kind.names_inputs = True
            elif not kind.must_be_block:
                kind.must_be_block = True
            else:
                message = f"a spec has no name for what `{error.group.path}` reads"
                raise ProblemError.of(graph.network.mark, "export", message, WAY_OUT) from None


def _inputs(graph: Graph) -> list[str]:
    """Return the lines of what the network is given."""
    given = {one.name: _input(one) for one in graph.inputs}
    if len(given) == 1:
        return [f"input: {text}" for text in given.values()]
    return ["inputs:", *(f"  {name}: {text}" for name, text in given.items())]


def _input(given: Arrived) -> str:
    shape, elements = units.shape(given.shape), given.elements
    if not elements.dtype:
        return shape
    stated: dict[str, Any] = {"shape": shape, "dtype": elements.dtype}
    if elements.dtype != "bool":
        stated["below"] = elements.below
    return mapping(stated)


def _name(name: str) -> str:
    """Return the name with what a network's name cannot have replaced."""
    return _STRANGE.sub("_", name).strip("_.-") or "network"


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
