"""Layers that a spec must call something else: those inside a path that is a layer's own.

A module that runs twice, or that computes something beside the operator that has its weights, is a
layer and a group at once. What has no weights can have another path, and a state dict is the same.
"""

from __future__ import annotations

from archprof.graph.graph import Graph, Node


def renamed(graph: Graph) -> tuple[Graph, dict[str, str]]:
    """Return the graph with paths that a spec can say, and the new ones by the old."""
    taken = {node.path for node in graph.nodes}
    inside: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for outer in _outer(node.path):
            if outer in taken:
                inside.setdefault(outer, []).append(node)
                break
    new: dict[str, str] = {}
    for node in graph.nodes:
        found = inside.get(node.path)
        if found and not node.facts.weights and any(one.facts.weights for one in found):
            new[node.path] = _free(f"{node.path}.{node.kind}", taken)
            continue
        for one in found or ():
            if not one.facts.weights:
                new[one.path] = _free(_beside(node.path, one.path), taken)
    if not new:
        return graph, {}
    nodes = tuple(node._replace(path=new.get(node.path, node.path)) for node in graph.nodes)
    return graph.replaced(nodes=nodes), new


def _outer(path: str) -> list[str]:
    """Return the paths around a path, the longest last."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _beside(outer: str, path: str) -> str:
    """Return a path beside `outer` for one in it: `relu.relu_1` is `relu_2`, `bn.act` `bn_act`."""
    inner = path.removeprefix(f"{outer}.").replace(".", "_")
    last = outer.rpartition(".")[2]
    if inner.rstrip("0123456789").rstrip("_") == last:
        return f"{outer}_2"
    return f"{outer}_{inner}"


def _free(path: str, taken: set[str]) -> str:
    """Return the path, with another number where it is taken, and take it."""
    base = path.rstrip("0123456789") if path.endswith("_2") else f"{path}_"
    count = 2
    while path in taken:
        path = f"{base}{count}"
        count += 1
    taken.add(path)
    return path
