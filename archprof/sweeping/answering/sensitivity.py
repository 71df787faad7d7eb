"""What a step costs: a row's totals beside those where one parameter has its next value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.space.points import Points
from archprof.sweeping.space.sample import Sample, has_grid
from archprof.sweeping.space.space import REPEATED, Space
from archprof.sweeping.storing.tabulating import MESSAGE, WHY, column_of, tabulated
from archprof.sweeping.variants import TOTALS

NUMBERS = tuple(name for name in TOTALS if name != "sees")


class Step(Record):
    """A parameter moved from a value to the next one up or down, and by total what that adds.

    `why`: the message of the problem of what would be there, which then has no totals.
    """

    parameter: str
    before: Any
    after: Any
    added: Mapping[str, int]
    why: str = ""


def steps(space: Space, row: int) -> list[Step]:
    """Return what the totals of a row become where one parameter is moved one step.

    A step goes to another row of the space's grid. Those to the same variant by another name are
    left out. Raises ProblemError where the space has no grid, or the row has no totals.
    """
    axes = space.axes
    if not has_grid(axes):
        message = "a step goes to the next value, and a range of the space is continuous"
        raise ProblemError.of(Mark(space.file), "space", message, "give each range a `step`")
    digits = [int(place[0]) for place in Points(space, np.array([row])).places]
    points, moved = [digits], [""]
    for place, axis in enumerate(axes):
        for digit in (digits[place] - 1, digits[place] + 1):
            if 0 <= digit < (axis.values.count or 0):
                points.append([*digits[:place], digit, *digits[place + 1 :]])
                moved.append(column_of(axis.name))
    grid = space.replaced(sample=Sample())
    table, _ = tabulated(grid, np.array([_number(space, point) for point in points], np.int64))
    base, *others = table.to_pylist()
    if base[WHY] is not None:
        message = f"row {row:,} has no totals: {base[MESSAGE]}"
        raise ProblemError.of(Mark("row"), "row", message)
    found = zip(moved[1:], others, strict=True)
    return [_step(name, base, other) for name, other in found if other[WHY] != REPEATED]


def _number(space: Space, point: Sequence[int]) -> int:
    """Return the number of a point of the grid, whose last axis changes fastest."""
    number = 0
    for digit, axis in zip(point, space.axes, strict=True):
        number = number * (axis.values.count or 1) + digit
    return number


def _step(name: str, base: Mapping[str, Any], other: Mapping[str, Any]) -> Step:
    if other[WHY] is not None:
        return Step(name, base[name], other[name], {}, other[MESSAGE])
    pairs = {total: (base[total], other[total]) for total in NUMBERS}
    added = {total: b - a for total, (a, b) in pairs.items() if None not in (a, b)}
    return Step(name, base[name], other[name], added)
