"""Groups that are alike: those of one kind can be written as one block."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

from archprof.language.words import WORD
from archprof.language.writing.alignment import aligned, numberings
from archprof.language.writing.signature import signature
from archprof.language.writing.tree import Part, Subtree

CONTAINERS = frozenset({"", "sequential", "module_list", "module_dict"})
"""Classes that say nothing of what is in them."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^A-Za-z0-9]+")


class BlockKind:
    """Groups with the same layers, in the same places, that read each other in the same way.

    `pattern` is the one that has every part; `aligned` has for each member its parts in the places
    of the pattern's, None where it lacks one.
    """

    def __init__(self, called: str, pattern: Subtree):
        self.called, self.pattern = called, pattern
        self.origin = ""  # the class whose code may leave parts out, "" where it is none's
        self.members: list[Subtree] = []
        self.numbers: dict[Subtree, int] = {}  # of each member its place among them
        self.aligned: dict[Subtree, list[Part | None]] = {}
        self.must_be_block = False  # because its layers read what a group in place could not name
        self.numberings = {"counted", "named"}  # how the entries of a list can have their names
        self.names_inputs = False  # because a group inside hides its `input`

    def add(self, member: Subtree, places: list[Part | None]) -> None:
        """Take one more group."""
        self.numbers[member] = len(self.members)
        self.members.append(member)
        self.aligned[member] = places

    def optional(self) -> list[int]:
        """Return the places that some members lack."""
        return [
            place
            for place in range(len(self.pattern.parts))
            if any(self.aligned[member][place] is None for member in self.members)
        ]

    def names_behind(self, place: int) -> bool:
        """Whether in a list what is behind this place states its name: some members lack what is
        here, and their other parts have their names all the same.
        """
        return "counted" not in self.numberings and place in self.optional()


Kinds = dict[Subtree, BlockKind]


def kinds(root: Subtree) -> Kinds:
    """Return the kind of every group, the root's among them."""
    called: dict[str, list[Subtree]] = {}
    for group in root.groups():
        called.setdefault(name_of(group), []).append(group)
    origins = _origins(root)
    found: Kinds = {}
    for name in _inner_first(called):
        alike: dict[Hashable, BlockKind] = {}
        for group in called[name]:
            kind = alike.setdefault(signature(group, found), BlockKind(name, group))
            kind.add(group, list(group.parts))
        for kind in alike.values():
            made_by = {origins[group] for group in kind.members}
            kind.origin = made_by.pop() if len(made_by) == 1 else ""
        for kind in _merged(alike.values(), found):
            found.update(dict.fromkeys(kind.members, kind))
    return found


def _origins(root: Subtree) -> dict[Subtree, str]:
    """Return whose code made each group: its own class, or the class that its container is in."""
    found: dict[Subtree, str] = {root: ""}
    for group in reversed(list(root.groups())):
        for part in group.parts:
            if isinstance(part, Subtree):
                own = snake(part.block)
                around = snake(group.block)
                found[part] = own
                if own in CONTAINERS:
                    found[part] = "" if around in CONTAINERS else f"{around}.{part.name}"
    return found


def name_of(group: Subtree) -> str:
    """Return the name of a block for the group: that of its class, or of its place."""
    name = snake(group.block)
    if name not in CONTAINERS:
        return name
    parts = [part for part in group.path.split(".") if part and not part.isdigit()]
    return snake(parts[-1]) if parts else "block"


def snake(name: str) -> str:
    """Return a class's name as blocks are called: `_DenseLayer` is dense_layer."""
    words = _OTHER.sub("_", _HUMP.sub("_", name)).strip("_").lower()
    if words[:1].isdigit():
        words = f"block_{words}"
    return words if WORD.match(words) else words[:60]


def _inner_first(called: Mapping[str, Sequence[Subtree]]) -> list[str]:
    """Return the names in an order in which those of inner groups come first, as far as that goes.

    Where names contain each other, what is inside is compared layer by layer instead.
    """
    inside: dict[str, dict[str, None]] = {}
    for name, groups in called.items():
        parts = [part for group in groups for part in group.parts]
        inside[name] = {name_of(part): None for part in parts if isinstance(part, Subtree)}
    order: list[str] = []
    seen: set[str] = set()
    for start in called:
        waiting = [(start, iter(inside[start]))] if start not in seen else []
        seen.add(start)
        while waiting:
            name, rest = waiting[-1]
            inner = next((one for one in rest if one not in seen), None)
            if inner is None:
                order.append(name)
                waiting.pop()
            else:
                seen.add(inner)
                waiting.append((inner, iter(inside[inner])))
    return order


def _merged(alike: Iterable[BlockKind], known: Kinds) -> list[BlockKind]:
    """Return the kinds, those that lack parts of another put into it."""
    found: list[BlockKind] = []
    for kind in sorted(alike, key=lambda one: -len(one.pattern.parts)):
        for larger in found:
            if kind.origin != larger.origin or not kind.origin or _nested(larger, kind):
                continue
            places = aligned(larger.pattern, kind.pattern, known)
            if places is None:
                continue
            ways = larger.numberings & numberings(larger.pattern, kind.pattern, places)
            if ways:
                larger.numberings = ways
                for member in kind.members:
                    larger.add(member, _placed(member, places))
                break
        else:
            found.append(kind)
    return found


def _nested(larger: BlockKind, kind: BlockKind) -> bool:
    """Whether a member of one stands inside a member of the other: no block contains itself."""
    spans = sorted((group.starts[0], group.end) for group in (*larger.members, *kind.members))
    return any(following[0] < before[1] for before, following in pairwise(spans))


def _placed(member: Subtree, places: list[int | None]) -> list[Part | None]:
    return [None if place is None else member.parts[place] for place in places]
