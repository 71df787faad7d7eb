"""Receptive fields of merged branches: their union, and the smallest of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import lcm

from archprof.analysis.field import (
    MAX_PERIOD,
    MAX_WORK,
    Axis,
    Field,
    Seen,
    Span,
    hull,
    ratio,
    reduced,
    settled,
    trimmed,
)


def union(axes: Sequence[Axis], most_work: int = MAX_WORK) -> Axis:
    """Return what units see that read the unit at their own place of each of these."""
    first = axes[0]
    if all(axis is first or axis == first for axis in axes[1:]):
        return first
    if "unknown" in axes:
        return "unknown"
    if "whole" in axes:
        return "whole"
    fields = [axis for axis in axes if isinstance(axis, Field)]
    return _joined(fields, most_work) if len(fields) > 1 else fields[0]


def _joined(fields: Sequence[Field], most_work: int) -> Axis:
    """Return the hull, unit by unit, of what the branches' units see.

    "unknown" where the branches have other numbers of units, or where the hull takes more than
    `most_work` spans.
    """
    units = fields[0].units
    common = _common_period(fields)
    comes_round = common is not None
    period = common or units
    heads = max(len(field.head) for field in fields)
    tails = max(len(field.tail) for field in fields)
    work = (period + heads + tails) * len(fields)
    if work > most_work or period > MAX_PERIOD or any(field.units != units for field in fields):
        return "unknown"
    looks = [field.pattern if comes_round else field.of for field in fields]
    seen = [tuple(map(look, range(period))) for look in looks]
    found = Field(
        units,
        tuple(map(hull, zip(*seen, strict=True))),
        max(field.step * period // len(field.phases) for field in fields),
        aligned=_have_one_centre(seen) and all(field.aligned for field in fields),
        repeats=comes_round and all(field.repeats for field in fields),
    )
    if comes_round:
        found = reduced(found)
    head = tuple(_seen_by(fields, range(heads)))
    behind = min(tails, units - heads)
    tail = tuple(_seen_by(fields, (units - left for left in range(behind, 0, -1))))
    return settled(trimmed(found, head, tail))


def _common_period(fields: Sequence[Field]) -> int | None:
    """Return after how many units the branches' patterns are where they started relative to each
    other; None where they drift apart, or come round too late.
    """
    period = lcm(*(len(field.phases) for field in fields))
    steps = {ratio(field.step, len(field.phases)) for field in fields}
    return period if period <= MAX_PERIOD and len(steps) == 1 else None


def _seen_by(fields: Sequence[Field], places: Iterable[int]) -> Iterator[Span | None]:
    """Yield the hull of what all branches see at each of these units."""
    return (hull(field.of(unit) for field in fields) for unit in places)


def _have_one_centre(seen: Sequence[Seen]) -> bool:
    """Whether the branches look at one centre, at those units where each of them sees something."""
    return len({sum(first + last for first, last in spans) for spans in _where_all_see(seen)}) <= 1


def _where_all_see(seen: Sequence[Seen]) -> list[list[Span]]:
    """Return for each branch what its units see, at those units where every branch sees
    something.
    """
    together = [unit for unit, spans in enumerate(zip(*seen, strict=True)) if all(spans)]
    return [[span for unit in together if (span := branch[unit])] for branch in seen]


def least(axes: Iterable[Axis]) -> Axis:
    """Return the smallest of the fields; one that is not known makes the answer unknown."""
    known = [axis for axis in axes if axis != "nothing"]
    if "unknown" in known:
        return "unknown"
    local = [axis for axis in known if isinstance(axis, Field)]
    if local:
        return min(local, key=lambda field: field.size)
    return known[0] if known else "nothing"
