"""Modules of one class that begin in many ways and end in one: the end becomes a block.

So are DenseNet's layers where each concatenates what all before it gave: no two have as many
inputs, and what follows the concatenation is the same in all.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from archprof.language.writing.signature import fixed, signature
from archprof.language.writing.tree import Leaf, Part, Subtree

LEAST_KINDS = 4  # ways in which a class begins: fewer are written as a block each
LEAST_PARTS = 3  # of an end that is worth a name
NAME = "rest"


def split(root: Subtree) -> bool:
    """Put the common ends of modules of one class into flat groups; return whether any was."""
    by_class: dict[str, list[Subtree]] = {}
    for group in root.groups():
        if group.block and not group.flat:
            by_class.setdefault(group.block, []).append(group)
    found = False
    for alike in by_class.values():
        if len({signature(group, {}) for group in alike}) < LEAST_KINDS:
            continue
        length = _common(alike)
        if length >= LEAST_PARTS:
            found = True
            for group in alike:
                _wrap(group, length)
    return found


def _common(groups: Sequence[Subtree]) -> int:
    """Return how many last parts all of the groups have in common, none of which is the first."""
    shortest = min(len(group.parts) for group in groups)
    length = 0
    while length < shortest - 1:
        tokens = {_token(group, len(group.parts) - 1 - length) for group in groups}
        if None in tokens or len(tokens) > 1:
            break
        length += 1
    return length


def _token(group: Subtree, place: int) -> Hashable:
    """Return what the part at a place is, None where it reads more than the part before it."""
    part = group.parts[place]
    if part.reads != (group.parts[place - 1].result,) or part.aux or not isinstance(part, Leaf):
        return None
    if part.node.shares is not None or part.name == NAME:
        return None
    return part.name, fixed(part, group)


def _wrap(group: Subtree, length: int) -> None:
    rest = Subtree(NAME, group.path, group.block)
    rest.flat = True
    parts: list[Part] = group.parts[-length:]
    rest.parts, rest.starts = parts, group.starts[-length:]
    group.parts[-length:] = [rest]
    group.starts[-length:] = [rest.starts[0]]
