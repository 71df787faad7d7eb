"""Receptive fields of merged branches: their union, and the smallest of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    units = fields[0].units
    period = lcm(*(len(field.phases) for field in fields))
    comes_round = (
        period <= MAX_PERIOD
        and len({ratio(field.step, len(field.phases)) for field in fields}) == 1
    )
    if not comes_round:
        period = units
    heads, tails = (
        max(len(field.head) for field in fields),
        max(len(field.tail) for field in fields),
    )
    if (
        (period + heads + tails) * len(fields) > most_work
        or period > MAX_PERIOD
        or any(field.units != units for field in fields)
    ):
        return "unknown"
    seen = [
        tuple(map(field.pattern if comes_round else field.of, range(period))) for field in fields
    ]
    centres = {sum(first + last for first, last in spans) for spans in _where_all_see(seen)}
    found = Field(
        units,
        tuple(map(hull, zip(*seen, strict=True))),
        max(field.step * period // len(field.phases) for field in fields),
        aligned=len(centres) <= 1 and all(field.aligned for field in fields),
        repeats=comes_round and all(field.repeats for field in fields),
    )
    head = tuple(hull(field.of(unit) for field in fields) for unit in range(heads))
    tail = tuple(
        hull(field.of(unit) for field in fields) for unit in range(max(heads, units - tails), units)
    )
    return settled(trimmed(reduced(found) if comes_round else found, head, tail))


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
