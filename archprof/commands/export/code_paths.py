"""Where each node of a graph lies in the tree of modules that is written."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.commands.export.code_names import unused
from archprof.commands.export.code_tree import Path
from archprof.graph.graph import Graph, Node


def settled_paths(graph: Graph) -> list[Path]:
    """Return where each node lies, so that none lies below another.

    A captured module has its path, and so has what else it does, below it: where that has no
    weights, it goes beside the module.
    """
    paths = [tuple(node.path.split(".")) for node in graph.nodes]
    _name_beside(graph.nodes, paths)
    used = set(paths)
    for i, path in enumerate(paths):
        above = next((n for n in range(1, len(path)) if path[:n] in used), None)
        if above is not None and not _holds_weights(graph.nodes[i]):
            name = unused("_".join(path[above - 1 :]), {p[-1] for p in used})
            paths[i] = (*path[: above - 1], name)
            used.add(paths[i])
    return paths


def _holds_weights(node: Node) -> bool:
    return node.shares is None and bool(node.facts.weights)


def _name_beside(nodes: Sequence[Node], paths: list[Path]) -> None:
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
