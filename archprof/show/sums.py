"""Sums of which some parts may be unknown, as text."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.analysis.totals import Sum


def sum_text(text: Callable[[int], units.Figure], found: Sum) -> str:
    """Return a sum as text: 3.86 G, ≥ 3.86 G where parts are unknown, ? where nothing is known."""
    if found.complete:
        return text(found.known)
    return units.at_least(text(found.known)) if found.known else units.UNKNOWN


def number_text(text: Callable[[int], units.Figure], value: int | None) -> str:
    """Return a number as text, ? where it is unknown."""
    return units.UNKNOWN if value is None else text(value)
