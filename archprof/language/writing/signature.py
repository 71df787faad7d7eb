"""What makes two groups alike: the same layers, which read each other in the same way."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from archprof.language.writing.tree import Leaf, Part, Subtree

Where = tuple[str, int, tuple[str, ...]]
"""A node as a group sees it: "input" and which, or "part", its place and the names inside it."""


def signature(group: Subtree, known: Mapping[Subtree, Hashable]) -> Hashable:
    """Return what groups that can be written as one block have in common."""
    result = where(group.result, group)
    parts = tuple(_part_signature(part, group, known) for part in group.parts)
    return len(group.reads), len(group.borrows), result, parts


def _part_signature(part: Part, group: Subtree, known: Mapping[Subtree, Hashable]) -> Hashable:
    reads = tuple(where(index, group) for index in part.reads)
    if isinstance(part, Leaf):
        name = "" if group.spliced else part.name
        return "op", name, fixed(part, group), reads, part.frozen
    borrows = tuple(where(index, group) for index in part.borrows)
    inner = known[part] if part in known else signature(part, known)
    return "group", part.name, part.aux, part.flat, inner, reads, borrows, part.frozen


def fixed(leaf: Leaf, group: Subtree) -> Hashable:
    """Return what of a layer cannot be a block's parameter."""
    node = leaf.node
    shares = None if node.shares is None else where(node.shares, group)
    init = tuple((name, _scheme(how)) for name, how in leaf.init.items())
    if is_activation(leaf):
        return "activation", tuple(node.op.given().items()), node.aux
    nothing = tuple(name for name in node.op.settings if getattr(node.op, name) is None)
    return node.kind, nothing, shares, node.aux, init


def is_activation(leaf: Leaf) -> bool:
    """Whether a layer is a function of each element, in whose place another one could stand."""
    return leaf.node.op.family == "activation" and not leaf.node.facts.weights


def _scheme(how: object) -> Hashable:
    return tuple(how) if isinstance(how, dict) else None


def where(index: int, group: Subtree) -> Where:
    """Return where a node is, as seen from inside a group: which input, or which part."""
    if index in group.sources:
        return "input", group.sources.index(index), ()
    steps = group.steps(index)
    return "part", steps[0][0], tuple(part.name for _, part in steps[1:])
