"""Which layers of two networks a page marks as different."""

from __future__ import annotations

from archprof.commands.diff.difference import Difference


def marks(found: Difference) -> list[dict[str, list[int]]]:
    """Return for the old and the new network the places of the layers whose own attributes changed,
    and of those that only it has.
    """
    old = [(change.state, change.old.row.place) for change in found.changes if change.old]
    new = [(change.state, change.new.row.place) for change in found.changes if change.new]
    return [
        {"changed": _places(old, "changed"), "only": _places(old, "removed")},
        {"changed": _places(new, "changed"), "only": _places(new, "added")},
    ]


def _places(layers: list[tuple[str, int]], state: str) -> list[int]:
    return sorted(place for found, place in layers if found == state)
