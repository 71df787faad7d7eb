"""What a step costs: a row's totals beside those where one parameter has its next value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.space.points import batches_at
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.tabulating import MESSAGE, WHY, column_of, table_of
from archprof.sweeping.variants import OF_STEP, TOTALS

NUMBERS = tuple(name for name in (*TOTALS, *OF_STEP) if name != "sees")


class ParameterStep(Record):
    """A parameter moved from a value to the next one up or down, and by total what that adds.

    `why`: the message of the problem of what would be there, which then has no totals.
    """

    parameter: str
    before: Any
    after: Any
    added: Mapping[str, int]
    why: str = ""


def steps(space: Space, row: int, base: Sequence[float]) -> list[ParameterStep]:
    """Return what the totals of a row become where one parameter is moved one step; `base` is by
    axis where the row is in it.

    A continuous range has no steps, and those to the same variant by another name are left out.
    Raises ProblemError where the row has no totals.
    """
    points, moved = [[*base]], [""]
    for at, axis in enumerate(space.axes):
        for place in (base[at] - 1, base[at] + 1):
            if axis.values.count is not None and 0 <= place < axis.values.count:
                points.append([*base[:at], place, *base[at + 1 :]])
                moved.append(column_of(axis.name))
    batches = batches_at(space, [np.array(column) for column in zip(*points, strict=True)])
    unlimited = space.replaced(budget=())  # outside of which a step is not simulated
    table, _ = table_of(unlimited, np.arange(len(points)), batches)
    first, *others = table.to_pylist()
    if first[WHY] is not None:
        message = f"row {row:,} has no totals: {first[MESSAGE]}"
        raise ProblemError.of(Mark("row"), "row", message)
    found = zip(moved[1:], others, strict=True)
    return [_step(name, first, other) for name, other in found if other[name] != first[name]]


def _step(name: str, base: Mapping[str, Any], other: Mapping[str, Any]) -> ParameterStep:
    if other[WHY] is not None:
        return ParameterStep(name, base[name], other[name], {}, other[MESSAGE])
    pairs = {total: (base[total], other[total]) for total in NUMBERS if total in base}
    added = {total: b - a for total, (a, b) in pairs.items() if None not in (a, b)}
    return ParameterStep(name, base[name], other[name], added)
