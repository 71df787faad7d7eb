"""Which groups are written as blocks, and which of these stand in a row."""

from __future__ import annotations

from archprof.language.writing.kinds import BlockKind, Kinds
from archprof.language.writing.runs import name_pattern
from archprof.language.writing.tree import Part, Subtree

LEAST = 2  # entries of a block: a shorter group is written in place


class Folding:
    """Decides what is folded; with `plain` nothing is that need not be."""

    def __init__(self, found: Kinds, plain: bool):
        self.kinds, self.plain = found, plain
        self._blocks: dict[BlockKind, bool] = {}
        self._runs: dict[BlockKind, dict[int, int]] = {}
        self._places: dict[BlockKind, set[tuple[BlockKind, int]]] = {}
        for kind in dict.fromkeys(found.values()):
            for member in kind.members:
                for place, part in enumerate(kind.aligned[member]):
                    if isinstance(part, Subtree):
                        self._places.setdefault(found[part], set()).add((kind, place))

    def is_block(self, kind: BlockKind) -> bool:
        """Whether groups of the kind are uses of a block."""
        if kind not in self._blocks:
            self._blocks[kind] = kind.must_be_block or self._is_worth_it(kind)
        return self._blocks[kind]

    def _is_worth_it(self, kind: BlockKind) -> bool:
        if self.plain or len(kind.members) < 2:
            return False
        if len(self._places.get(kind, ())) < 2:  # the group around it is written once anyway
            return False
        return self._entries(kind) >= max(LEAST, len(kind.pattern.sources) + 1)

    def _entries(self, kind: BlockKind) -> int:
        """Return how many entries it takes to write a group, those of groups in it included."""
        runs, count, place = self.runs(kind), 0, 0
        parts = kind.pattern.parts
        while place < len(parts):
            part = parts[place]
            inner = self.kinds[part] if isinstance(part, Subtree) else None
            if inner is None or self.is_block(inner):
                count += 1
            else:
                count += self._entries(inner)
            place = runs.get(place, place + 1)
        return count

    def runs(self, kind: BlockKind) -> dict[int, int]:
        """Return where in a body uses of one block stand in a row, with the place behind each."""
        if kind not in self._runs:
            self._runs[kind] = dict(self._found(kind))
        return self._runs[kind]

    def _found(self, kind: BlockKind) -> list[tuple[int, int]]:
        parts = kind.pattern.parts
        optional = set(kind.optional())
        in_list = all(part.name.isdigit() for part in parts)
        found: list[tuple[int, int]] = []
        start = 0
        while start < len(parts):
            end = start + 1
            while end < len(parts) and self._goes_on(parts, start, end):
                end += 1
            held = optional.isdisjoint(range(start, end)) and not kind.pattern.flat
            # in a mapping only a body that is nothing but a repeat can name its turns
            placed = in_list or end - start == len(parts)
            if end - start > 1 and held and placed:
                found.append((start, end))
            start = end
        return found

    def _goes_on(self, parts: list[Part], start: int, end: int) -> bool:
        """Whether the part at `end` is one more turn of what begins at `start`."""
        first, last, part = parts[start], parts[end - 1], parts[end]
        if not isinstance(first, Subtree) or not isinstance(part, Subtree):
            return False
        kind = self.kinds[part]
        if self.kinds[first] is not kind or first.aux or not self.is_block(kind):
            return False
        if first.frozen != part.frozen:
            return False
        if kind.names_inputs or part.reads != (last.result,) or part.borrows or first.borrows:
            return False
        return len(first.reads) == 1 and _follows(last, part)


def _follows(part: Part, other: Part) -> bool:
    """Whether the name of a part is the one behind another's."""
    if isinstance(part, Subtree) and part.spliced:
        return int(other.name) == int(part.name) + len(part.parts)
    return name_pattern([part.name, other.name], None) is not None
