"""What is frozen, said once for the largest part of a network that is so as a whole."""

from __future__ import annotations

from archprof.language.writing.tree import Frozen, Leaf, Part, Subtree


def mark_frozen(root: Subtree) -> None:
    """Give every part below the root what it must say of itself to be trained as it is."""
    for part in root.parts:
        _mark(part, around=False)


def _mark(part: Part, around: bool) -> None:
    """Mark a part inside something that is frozen, or is not, as a whole."""
    states = {_frozen(leaf) for leaf in part.leaves()} - {None}
    if isinstance(part, Leaf):
        own = states.pop() if states else around
        part.frozen = None if own == around else own
        return
    inside = around
    if states in ({True}, {False}):
        inside = True in states
    part.frozen = None if inside == around else inside
    for inner in part.parts:
        _mark(inner, inside)


def _frozen(leaf: Leaf) -> Frozen:
    """Return what is frozen of a layer's own parameters, None where it has none."""
    node = leaf.node
    if node.shares is not None or not node.facts.trainable:
        return None
    return node.frozen_setting
