"""Graphs that the pictures are drawn of."""

from __future__ import annotations

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find

HOSTILE = (
    'a"];end',
    "b\\",
    "end",
    "<script>alert(1)</script>",
    "c`x`",
    "#quot;",
    "d\ne",
    "x|y",
    "[[z]]",
    "é{}",
    "%%{init}%%",
    "`**bold**`",
    'click n0 "http://x"',
    "\u202e",
)
"""Names that a module may have, each a word or a sign of a language that draws."""


def hostile() -> Graph:
    """LeNet under names that would mean something if they were not written as texts."""
    graph = expand(find("lenet5"))
    names = [*HOSTILE, *HOSTILE]
    nodes = tuple(
        node._replace(path=f"{names[i % 14]}.{names[i % 14 + 3]}")
        for i, node in enumerate(graph.nodes)
    )
    return graph.replaced(nodes=nodes)
