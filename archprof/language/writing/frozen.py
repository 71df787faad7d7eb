"""What is frozen, said once for the largest part of a network that is so as a whole."""

from __future__ import annotations

from archprof.language.writing.tree import Leaf, Part, Subtree


def mark_frozen(root: Subtree) -> None:
    """Give every part below the root what it must say of itself to be trained as it is."""
    for part in root.parts:
        _mark(part, around=False)


def _mark(part: Part, around: bool) -> None:
    """Mark a part inside something that is frozen, or is not, as a whole."""
    states = {_is_frozen(leaf) for leaf in part.leaves()} - {None}
    inside = around
    if len(states) == 1:
        (inside,) = (state is True for state in states)
    part.frozen = None if inside == around else inside
    for inner in part.parts if isinstance(part, Subtree) else ():
        _mark(inner, inside)


def _is_frozen(leaf: Leaf) -> bool | None:
    """Return whether a layer's own parameters are frozen, None where it has none."""
    node = leaf.node
    if node.shares is not None or not node.facts.trainable:
        return None
    return bool(node.frozen)
