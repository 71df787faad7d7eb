"""Sums of which some parts may be unknown, as text."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.analysis.totals import Sum, Totals, Unknown

MOST_UNKNOWN = 8  # layers that are named


def sum_text(text: Callable[[int], str], found: Sum) -> str:
    """Return a sum as text: 3.86 G, ≥ 3.86 G where parts are unknown, ? where nothing is known."""
    if found.complete:
        return text(found.known)
    return units.at_least(text(found.known)) if found.known else units.UNKNOWN


def number_text(text: Callable[[int], str], value: int | None) -> str:
    """Return a number as text, ? where it is unknown."""
    return units.UNKNOWN if value is None else text(value)


def total_text(text: Callable[[int], str], totals: Totals, name: str) -> str:
    """Return a total as text, with ≥ where it lacks layers."""
    return sum_text(text, Sum(getattr(totals, name), not totals.unknown.of(name)))


def unknown_notes(unknown: Unknown) -> list[tuple[str, str]]:
    """Return which layers the totals lack, so that these are lower bounds."""
    notes = []
    for answer, paths in (("cost", unknown.cost), ("saved memory", unknown.saved)):
        if paths:
            listed = units.some(paths, MOST_UNKNOWN)
            them = "it" if len(paths) == 1 else "them"
            notes.append(("unknown", f"the {answer} of {listed}: ≥ leaves {them} out"))
    return notes
