"""Which parts of a group a shorter one of the same name lacks, if they can be written as one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from archprof.language.writing.signature import Where, fixed, signature, where
from archprof.language.writing.tree import Leaf, Part, Subtree

Places = list[int | None]
"""For each part of a longer group its place in the shorter one."""

MOST_PARTS = 24  # of a block; longer ones are sequences, not variants of each other


def aligned(longer: Subtree, shorter: Subtree, known: Mapping[Subtree, Hashable]) -> Places | None:
    """Return for each part of the longer group the place of the shorter one's, None for none.

    Return None where the shorter one is not the longer with parts dropped, each of which passes on
    what it takes first.
    """
    if not len(shorter.parts) < len(longer.parts) <= MOST_PARTS:
        return None
    if len(longer.reads) != len(shorter.reads) or longer.borrows or shorter.borrows:
        return None
    if _numbered(longer) != _numbered(shorter) or _refers_by_number(longer):
        return None
    ours = [_token(part, longer, known) for part in longer.parts]
    theirs = [_token(part, shorter, known) for part in shorter.parts]
    if len(set(ours)) == 1:
        return None  # sequences of several lengths, which repeats can say
    found = [_from_left(ours, theirs), _from_right(ours, theirs)]
    fitting = [places for places in found if places is not None and _fits(longer, shorter, places)]
    return max(fitting, key=lambda places: _likeness(longer, shorter, places), default=None)


def numberings(longer: Subtree, shorter: Subtree, places: Places) -> set[str]:
    """Return how the entries of a list are to be written so that both groups' parts have their
    names: "counted" where each takes the number it has among those that are there, "named" where
    each states its own.
    """
    found = set()
    if longer.spliced or _names_if_counted(longer, places) == _names(shorter):
        found.add("counted")
    kept = [
        part.name for part, place in zip(longer.parts, places, strict=True) if place is not None
    ]
    if kept == _names(shorter):
        found.add("named")
    return found


def _names(group: Subtree) -> list[str]:
    return [part.name for part in group.parts]


def _names_if_counted(longer: Subtree, places: Places) -> list[str]:
    """Return what the parts of the shorter group are called where only those have a stated name
    that have none of the longer group's numbers in turn.
    """
    names = []
    ours = theirs = 0
    for part, place in zip(longer.parts, places, strict=True):
        spliced = isinstance(part, Subtree) and part.spliced
        taken = len(list(part.leaves())) if spliced else 1
        counted = part.name == str(ours)
        ours += taken if counted else 0
        if place is not None:
            names.append(str(theirs) if counted else part.name)
            theirs += taken if counted else 0
    return names


def _numbered(group: Subtree) -> bool:
    return any(part.name.isdigit() for part in group.parts)


def _refers_by_number(group: Subtree) -> bool:
    """Whether a part names another by a number, which would be another one where parts drop."""
    previous = -1
    for place, part in enumerate(group.parts):
        for index in part.reads:
            kind, at, _ = where(index, group)
            if kind == "part" and at != previous and group.parts[at].name.isdigit():
                return True
        if not part.aux:
            previous = place
    return False


def _token(part: Part, group: Subtree, known: Mapping[Subtree, Hashable]) -> Hashable:
    """Return what two parts in one place have in common, but for what they read."""
    name = "" if part.name.isdigit() else part.name
    if isinstance(part, Leaf):
        return "op", name, part.node.shares is None, fixed(part, group), part.frozen
    inner = known[part] if part in known else signature(part, known)
    return "group", name, part.aux, inner, part.frozen


def _from_left(ours: list[Hashable], theirs: list[Hashable]) -> Places | None:
    """Return the places of the shorter list in the longer, each as early as it can be."""
    places: Places = []
    at = 0
    for token in ours:
        if at < len(theirs) and token == theirs[at]:
            places.append(at)
            at += 1
        else:
            places.append(None)
    return places if at == len(theirs) else None


def _from_right(ours: list[Hashable], theirs: list[Hashable]) -> Places | None:
    """Return the same, each as late as it can be."""
    found = _from_left(ours[::-1], theirs[::-1])
    if found is None:
        return None
    last = len(theirs) - 1
    return [None if place is None else last - place for place in reversed(found)]


def _fits(longer: Subtree, shorter: Subtree, places: Places) -> bool:
    """Whether every part reads the same in both, what is dropped passed through."""
    back = {theirs: ours for ours, theirs in enumerate(places) if theirs is not None}

    def translated(found: Where) -> Where:
        kind, at, rest = found
        return (kind, back[at], rest) if kind == "part" else found

    def kept(found: Where) -> Where:
        kind, at, rest = found
        while kind == "part" and places[at] is None:
            if rest or not longer.parts[at].reads:
                return "lost", at, rest
            kind, at, rest = where(longer.parts[at].reads[0], longer)
        return kind, at, rest

    for part, place in zip(longer.parts, places, strict=True):
        if place is None:
            if isinstance(part, Leaf) and part.node.shares is not None:
                return False
            continue
        other = shorter.parts[place]
        ours = [kept(where(index, longer)) for index in part.reads]
        theirs = [translated(where(index, shorter)) for index in other.reads]
        if ours != theirs or not _same_weights(part, other):
            return False
    return kept(where(longer.result, longer)) == translated(where(shorter.result, shorter))


def _same_weights(part: Part, other: Part) -> bool:
    """Whether no part has the weights of another, which would have to be compared as well."""
    borrowed = [
        leaf for one in (part, other) for leaf in one.leaves() if leaf.node.shares is not None
    ]
    return not borrowed


def _likeness(longer: Subtree, shorter: Subtree, places: Places) -> int:
    """Return how many layers in the same places state the same settings."""
    count = 0
    for part, place in zip(longer.parts, places, strict=True):
        if place is None:
            continue
        pairs = zip(part.leaves(), shorter.parts[place].leaves(), strict=False)
        count += sum(a.node.op.given().keys() == b.node.op.given().keys() for a, b in pairs)
    return count
