"""Blocks that use the weights of another one layer by layer: its module is called once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archprof.commands.export.code_tree import Path
from archprof.graph.graph import Graph, Node


class AgainCall(NamedTuple):
    """A second call of the module at `path`.

    `nodes` has the caller's node for each of the module's own, and its source for each of the
    module's inputs.
    """

    path: Path
    nodes: dict[int, int]


def called_again(
    graph: Graph, paths: Sequence[Path], members: Mapping[Path, Sequence[int]]
) -> dict[Path, AgainCall]:
    """Return by path the groups that do what another group's module does, with its weights.

    `paths` are those of the nodes, `members` the nodes below a path. Of groups inside each other
    the outermost is given.
    """
    found: dict[Path, AgainCall] = {}
    for path in sorted(members, key=len):
        if any(path[:length] in found for length in range(1, len(path))):
            continue
        owner = _owner(graph, paths, path, members[path])
        together = members[path][-1] - members[path][0] + 1 == len(members[path])
        if owner and together and len(members.get(owner, ())) == len(members[path]):
            inner = [paths[i][len(path) :] for i in members[path]]
            if inner == [paths[i][len(owner) :] for i in members[owner]]:
                nodes = _matched(graph, members[path], members[owner])
                if nodes is not None:
                    found[path] = AgainCall(owner, nodes)
    return found


def _owner(graph: Graph, paths: Sequence[Path], path: Path, nodes: Sequence[int]) -> Path:
    """Return the path of the group whose weights the first layer with weights uses, () for none."""
    for i in nodes:
        node = graph.nodes[i]
        if node.facts.weights:
            inner = paths[i][len(path) :]
            owner = () if node.shares is None else paths[node.shares]
            return owner[: -len(inner)] if owner[-len(inner) :] == inner else ()
    return ()


def _matched(graph: Graph, ours: Sequence[int], theirs: Sequence[int]) -> dict[int, int] | None:
    """Return our node for each of theirs and of those that these read, None where one differs."""
    found: dict[int, int] = {}
    for own, other in zip(ours, theirs, strict=True):
        node, owner = graph.nodes[own], graph.nodes[other]
        if not _alike(node, owner, other):
            return None
        for source, matched in zip(owner.inputs, node.inputs, strict=True):
            if found.setdefault(source, matched) != matched:
                return None
        found[other] = own
    outside = {found[source] for source in found.keys() - set(theirs)}
    return None if outside & set(ours) else found


def _alike(node: Node, owner: Node, index: int) -> bool:
    """Whether a node computes what another one does, `index` its number, with its weights."""
    if node.aux or owner.aux or len(node.inputs) != len(owner.inputs):
        return False
    weights = index if owner.shares is None else owner.shares
    return node.op == owner.op and (not node.facts.weights or node.shares == weights)
