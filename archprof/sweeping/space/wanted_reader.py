"""What a space demands: a budget, a sample and a front, read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from archprof.language.budget import COUNTS, exact_number
from archprof.language.pieces import Pieces
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import nearest
from archprof.sweeping.space.axis import Axis
from archprof.sweeping.space.bounds import (
    BOUNDS,
    DIRECTIONS,
    QUANTITIES,
    Bound,
    Objective,
    bound,
    expected,
    objective,
)
from archprof.sweeping.space.sample import (
    METHODS,
    MOST_ROWS,
    Sample,
    sample_fault,
    usual,
)
from archprof.sweeping.space.words import (
    LIMITS,
    SAMPLE,
    SAMPLES,
)

MOST_OBJECTIVES = 10
_EXAMPLES = "{grid: all}, {random: 1M, seed: 7} or {sobol: 65536, seed: 7}"


def read_bounds(value: Value | None, pieces: Pieces) -> tuple[Bound, ...]:
    """Return the limits of `budget:`."""
    found = []
    if value is None:
        return ()
    for word, item in pieces.keys(value, BOUNDS, "`budget`", LIMITS).items():
        limit = bound(word, item.plain())
        if limit is None:
            message = f"the budget `{word}` is {shown(item.plain())}, expected {expected(word)}"
            pieces.complain(item.mark, "kind", message)
        else:
            found.append(limit)
    return tuple(found)


def read_sample(value: Value | None, axes: tuple[Axis, ...], pieces: Pieces) -> Sample:
    """Return which points are taken; the usual ones where it is not stated."""
    if value is None:
        return usual(axes)
    if not isinstance(value.data, dict):
        message = f"`sample` is {shown(value.plain())}, expected a mapping"
        pieces.complain(value.mark, "kind", message, _EXAMPLES)
        return usual(axes)
    entries = pieces.keys(value, SAMPLE, "`sample`", SAMPLES)
    methods = [name for name in METHODS if name in entries]
    if len(methods) != 1:
        if value.data.keys() <= set(SAMPLE):
            message = f"`sample` has {' and '.join(methods) or 'no method'}, expected one"
            pieces.complain(value.mark, "kind", message, _EXAMPLES)
        return usual(axes)
    [method] = methods
    before = len(pieces.problems)
    sample = Sample(method, _points(method, entries[method], pieces), _seed(entries, pieces))
    if method == "grid" and "seed" in entries:
        message = "a grid has no seed: it has every point"
        pieces.complain(value.places()["seed"], "kind", message, "omit it")
    if len(pieces.problems) == before and (fault := sample_fault(axes, sample)):
        pieces.complain(entries[method].mark, "sample", *fault)
    return sample


def _points(method: str, value: Value, pieces: Pieces) -> int | None:
    """Return how many points are drawn, None for all."""
    plain = value.plain()
    if method == "grid":
        if plain != "all":
            message = f"`grid` is {shown(plain)}, expected all"
            hint = "" if type(plain) is not int else f"some of its points are {{random: {plain}}}"
            pieces.complain(value.mark, "kind", message, hint)
        return None
    number = exact_number(plain, COUNTS)
    if number is None or not 1 <= number <= MOST_ROWS:
        range_ = f"a whole number from 1 to {MOST_ROWS:,}, or one such as 1M"
        pieces.complain(value.mark, "kind", f"`{method}` is {shown(plain)}, expected {range_}")
    return number


def _seed(entries: dict[str, Value], pieces: Pieces) -> int:
    if "seed" not in entries:
        return 0
    plain = entries["seed"].plain()
    if type(plain) is int and plain >= 0:
        return plain
    message = f"`seed` is {shown(plain)}, expected a whole number of at least 0"
    pieces.complain(entries["seed"].mark, "kind", message)
    return 0


def read_front(
    value: Value | None, columns: Collection[str], pieces: Pieces
) -> tuple[Objective, ...]:
    """Return the objectives that a front is of."""
    if value is None:
        return ()
    items = value.data if isinstance(value.data, list) else [value]
    found: list[Objective] = []
    if not 1 <= len(items) <= MOST_OBJECTIVES:
        message = f"`front` has {len(items)} objectives, expected 1 to {MOST_OBJECTIVES}"
        pieces.complain(value.mark, "kind", message, "[min macs, max params]")
    for item in items[:MOST_OBJECTIVES]:
        one = objective(item.data, columns) if isinstance(item.data, str) else None
        if one is None:
            message = f"`front` has {shown(item.plain())}, expected min or max of a total"
            pieces.complain(item.mark, "kind", message, _objective_hint(item.data, columns))
        elif one.quantity in [other.quantity for other in found]:
            message = f"`front` compares {one.quantity} twice"
            pieces.complain(item.mark, "duplicate", message, "remove one of them")
        else:
            found.append(one)
    return tuple(found)


def _objective_hint(data: Any, columns: Collection[str]) -> str:
    """Return the way out for what is not an objective."""
    if not isinstance(data, str):
        return "[min macs, max params]"
    direction, _, name = data.strip().partition(" ")
    if direction not in DIRECTIONS:
        direction, name = "min", data.strip().rpartition(" ")[2]
        known = name in (*QUANTITIES, *columns)
        return f"write min {name} or max {name}" if known else "[min macs, max params]"
    return nearest(name.strip(), (*QUANTITIES, *columns)) or f"totals: {', '.join(QUANTITIES)}"
