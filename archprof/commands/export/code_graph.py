"""What the tree of exported modules goes by: blocks, and what is the same for every sample."""

from __future__ import annotations

from archprof.commands.export.code_tree import Path
from archprof.graph.graph import Graph, Node
from archprof.problem import ProblemError


def blocks_by_path(graph: Graph) -> dict[Path, str]:
    """Return the block by the path where one is used. A flat one has no module of its own."""
    found: dict[Path, str] = {}
    for node in graph.nodes:
        use = node.instance
        while use is not None:
            if use.block and not use.path.endswith("."):
                found[tuple(use.path.split("."))] = use.block
            use = use.parent
    return found


def learned(graph: Graph) -> set[int]:
    """Return the nodes that give the same for every sample, as archprof's own build finds them."""
    found: set[int] = set()
    for i, node in enumerate(graph.nodes):
        fixed = node.op.constant or all(source in found for source in node.inputs)
        if fixed and not node.op.arrives:
            found.add(i)
    return found


def two_at(node: Node, path: str) -> ProblemError:
    """Return the error for a path that is both a layer's and a group's."""
    return ProblemError.of(
        node.mark,
        "export",
        f"`{path}` is a layer with weights, and others lie below it",
        "choose another name",
    )
