"""Layers that come again and again within a numbered list: a block that is spliced into it.

So is VGG's convolution with its activation, thirteen times in one nn.Sequential.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from itertools import pairwise

from archprof.language.writing.signature import fixed
from archprof.language.writing.tree import Leaf, Subtree

LONGEST = 6  # layers of a unit
TRIED = 16  # units of each length, the most frequent first
HEADER = 4  # lines of a block besides its layers
WORTH = 8  # lines that a unit must save


def splice(root: Subtree) -> bool:
    """Put layers that come again into flat groups of their own; return whether any were."""
    found = False
    for group in list(root.groups()):
        names = [part.name for part in group.parts]
        if group.flat or names != [str(number) for number in range(len(names))]:
            continue
        unit = _best([_token(group, place) for place in range(len(group.parts))])
        if unit:
            found = True
            _wrap(group, unit)
    return found


def _token(group: Subtree, place: int) -> Hashable:
    """Return what a layer has in common with others, None for one that cannot be in a unit."""
    part = group.parts[place]
    before = group.parts[place - 1].result if place else group.reads[:1]
    if not isinstance(part, Leaf) or part.aux or part.node.shares is not None:
        return None
    if part.reads not in ((before,), before):
        return None
    return fixed(part, group)


def _best(tokens: list[Hashable]) -> list[int]:
    """Return where the unit begins that saves most lines, and behind these its length.

    Empty where none saves any.
    """
    numbers: dict[Hashable, int] = {None: 0}  # which are compared faster than tokens
    kinds = [numbers.setdefault(token, len(numbers)) for token in tokens]
    best: list[int] = []
    most = WORTH - 1
    for length in range(2, LONGEST + 1):
        runs = (tuple(kinds[start : start + length]) for start in range(len(kinds) - length + 1))
        counts = Counter(run for run in runs if 0 not in run)
        for unit, _ in counts.most_common(TRIED):
            places = _places(kinds, list(unit))
            in_a_row = sum(after == before + length for before, after in pairwise(places))
            saved = length * len(places) - (len(places) - in_a_row) - length - HEADER
            if saved > most:
                most, best = saved, [*places, length]
    return best


def _places(kinds: list[int], unit: list[int]) -> list[int]:
    """Return where a unit begins, none overlapping another."""
    found, at = [], 0
    while at + len(unit) <= len(kinds):
        if kinds[at : at + len(unit)] == unit:
            found.append(at)
            at += len(unit)
        else:
            at += 1
    return found


def _wrap(group: Subtree, unit: list[int]) -> None:
    *places, length = unit
    first = group.parts[places[0] : places[0] + length]
    name = "_".join(leaf.node.kind for part in first for leaf in part.leaves())
    for place in reversed(places):
        parts = group.parts[place : place + length]
        spliced = Subtree(parts[0].name, group.path, name)
        spliced.flat = spliced.spliced = True
        spliced.parts = parts
        spliced.starts = group.starts[place : place + length]
        group.parts[place : place + length] = [spliced]
        group.starts[place : place + length] = spliced.starts[:1]
