"""Receptive fields as text and as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from archprof import units
from archprof.analysis.field import Axis, Field
from archprof.analysis.receptive import Extent, Sight

if TYPE_CHECKING:
    from fractions import Fraction


def axis_pair(sight: Sight, part: Callable[[Field], int | Fraction]) -> str:
    """Return one part of a receptive field along all axes: 11, 3x1, all, ?."""

    def text(axis: Axis) -> str:
        return (
            units.fraction(part(axis))
            if isinstance(axis, Field)
            else {"whole": "all", "nothing": "-", "unknown": "?"}[axis]
        )

    return units.pair(*map(text, sight.axes))


def field_text(sight: Sight) -> str:
    """Return a receptive field for people: 35, 3x1, "all" where it is everything, "?" where it is
    not known; ~ where branches are unaligned.
    """
    unaligned = any(isinstance(axis, Field) and not axis.aligned for axis in sight.axes)
    return axis_pair(sight, lambda f: f.size) + ("~" if unaligned else "")


def extent_text(extent: Extent) -> str:
    """Return a network's receptive field for people: 427, "all (28 local)" where layers that keep
    places apart see everything, "? (4 local)".
    """
    if extent.local is None:
        return "?" if extent.sees == "unknown" else "all"
    local = units.pair(*extent.local)
    if extent.sees == "local":
        return local
    everything = "all" if extent.sees == "all" else "?"
    return f"{everything} ({local} local)"


def field_data(sight: Sight, input_shape: tuple[int, ...]) -> dict[str, Any] | None:
    """Return size, jump and start per axis.

    An axis seen whole has the input's size, jump 0 and start 0; null: no answer.
    """
    if any(axis in ("unknown", "nothing") for axis in sight.axes):
        return None
    sizes, jumps, starts, least = [], [], [], []
    for axis, (full, smallest) in enumerate(zip(sight.axes, sight.least, strict=True)):
        whole = input_shape[axis + 1]
        sizes.append(full.size if isinstance(full, Field) else whole)
        jumps.append(_rational(full.jump) if isinstance(full, Field) else 0)
        starts.append(full.start if isinstance(full, Field) else 0)
        least.append(smallest.size if isinstance(smallest, Field) else whole)
    return {
        "size": sizes,
        "jump": jumps,
        "start": starts,
        "least": least,
        "whole": [not isinstance(a, Field) for a in sight.axes],
        "aligned": all(a.aligned for a in sight.axes if isinstance(a, Field)),
    }


def _rational(value: int | Fraction) -> int | str:
    """Return a whole number as such, anything else exactly as "p/q"."""
    return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
