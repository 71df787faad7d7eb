"""Text about totals before and after a change, and about how many networks and layers changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units
from archprof.analysis.receptive import Extent
from archprof.commands.diff.change_rows import MOST
from archprof.commands.diff.difference import Difference
from archprof.commands.diff.fail_conditions import OF_STEP, QUANTITIES, SIZED
from archprof.commands.diff.review import Compared, Review
from archprof.show.field import extent_text

NAMES = {
    "macs": "MACs",
    "flops": "FLOPs",
    "training_peak": "training peak",
    "step_flops": "step FLOPs",
}
"""Quantities whose heading is not their name."""

OVERVIEW = ("params", "macs", "peak", "training", "field", "depth")
"""The quantities of a table of several networks."""

MOST_NAMES = 40  # in a line

STATES = {
    "changed": "changed",
    "added": "added",
    "removed": "removed",
    "broken": "broken",
    "mended": "mended",
    "same": "with the same numbers",
}
"""The states of networks, and what a count of them says."""


def heading(quantity: str) -> str:
    """Return a quantity as the heading of a column."""
    name = NAMES.get(quantity, quantity)
    return name[0].upper() + name[1:]


def quantities(review: Review) -> list[str]:
    """Return the quantities of one network's totals."""
    return [*QUANTITIES, *(OF_STEP if review.step else ())]


def overview(review: Review) -> list[str]:
    """Return the quantities of a table of several networks."""
    return [*OVERVIEW, *(("training_peak",) if review.step else ())]


def totals(one: Compared, quantity: str) -> tuple[Any, Any]:
    """Return a total before and after, None where there is none; of `field` the extent."""
    if quantity in OF_STEP:
        before, after = (
            side and side.known_total(OF_STEP[quantity]) for side in (one.old, one.new)
        )
        return before, after
    name = "extent" if quantity == "field" else QUANTITIES[quantity]
    old, new = (getattr(side.known_totals, name) if side else None for side in (one.old, one.new))
    return old, new


def amount(quantity: str, value: Any) -> str:
    """Return a total as text, "-" for no field."""
    if quantity == "field":
        return extent_text(value) if value else "-"
    if quantity in SIZED:
        return units.size(value)
    return str(value) if quantity == "depth" else units.count(value)


def change(quantity: str, old: Any, new: Any) -> str:
    """Return the change of a total with its sign, "-" for none."""
    if quantity == "field":
        sides = smaller_sides(old, new)
        return units.signed(sides[1] - sides[0], str) if sides else "-"
    if quantity in SIZED:
        return units.signed(new - old, units.size)
    return units.signed(new - old, str if quantity == "depth" else units.count)


def smaller_sides(old: Extent | None, new: Extent | None) -> tuple[int, int] | None:
    """Return the smaller side of the largest local field before and after.

    It is None where there is nothing to compare with.
    """
    if old is None or new is None or old.sees != new.sees:
        return None
    return (min(old.local), min(new.local)) if old.local and new.local else None


def overview_change(quantity: str, old: Any, new: Any) -> str:
    """Return the change of a total for a table of several networks: relative, where it can be."""
    if quantity in ("field", "depth"):
        return change(quantity, old, new)
    return units.relative(old, new)


def nothing(review: Review) -> str:
    """Return the text for where there is nothing to show, "" where there is something."""
    if not review.networks:
        return f"From {review.old} to {review.new}: {counted(review)}"
    same = [one.name for one in review.networks if one.state == "same"]
    if len(same) == len(review.networks) > 1:
        return f"From {review.old} to {review.new}: {counted(review)}: {some_names(same)}"
    found = review.networks[0].found
    if len(review.networks) == 1 and found and found.identical:
        layers = units.number_of(found.same, "layer")
        return f"{review.old} and {review.new} are the same: {layers}, and no number differs"
    return ""


def some_names(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    return units.some(names, MOST_NAMES)


def counted_layers(found: Difference) -> str:
    """Return how many layers are in which state: 2 changed, 5 affected, 63 as they were."""
    parts = []
    for state in MOST:
        n = sum(change.state == state for change in found.changes)
        if n:
            parts.append(f"{n} {state}")
    return ", ".join([*parts, f"{found.same} as they were"])


def counted(review: Review) -> str:
    """Return how many networks are in which state: 3 networks changed, 1 added."""
    parts: list[str] = []
    for state, text in STATES.items():
        n = sum(one.state == state for one in review.networks)
        if n and parts:
            parts.append(f"{n} {text}")
        elif n:
            parts.append(f"{n} network{'' if n == 1 else 's'} {text}")
    return ", ".join(parts) or "no network touched"
