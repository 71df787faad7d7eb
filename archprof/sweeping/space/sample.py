"""Which points of a space a sweep takes."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archprof.record import Record
from archprof.sweeping.space.axis import Axis

MOST_POINTS = 2**63  # of a grid whose points have numbers
MOST_SOBOL = 2**30  # points of scipy's sequence
MOST_ROWS = 10**12
USUAL = 10_000  # points of a space without a grid, where none are stated
METHODS = ("grid", "random", "sobol")
SEARCHES = ("nsga2", "tpe")
"""What else has chosen the points of a table: a search, whose rows follow from no number."""


class Sample(Record):
    """Points of a space: all of the `grid`, or so many `random` or `sobol` ones of a seed."""

    method: str = "grid"
    count: int | None = None
    seed: int = 0


def size(axes: Iterable[Axis]) -> int | None:
    """Return how many points a grid has, None where a range is continuous."""
    counts = [axis.values.count for axis in axes]
    return None if None in counts else prod(count for count in counts if count is not None)


def has_grid(axes: Iterable[Axis]) -> bool:
    """Whether the points of a space can be numbered."""
    points = size(axes)
    return points is not None and points <= MOST_POINTS


def is_permuted(axes: tuple[Axis, ...]) -> bool:
    """Whether random points are taken from the grid without repeats.

    They are not where a range is continuous or drawn on a logarithmic scale, and where the grid has
    too many points to be numbered.
    """
    return has_grid(axes) and not any(axis.values.log for axis in axes)


def usual(axes: tuple[Axis, ...]) -> Sample:
    """Return the sample of a space that states none: its grid, or random points."""
    return Sample() if has_grid(axes) else Sample("random", USUAL)


def sample_fault(axes: tuple[Axis, ...], sample: Sample) -> tuple[str, str] | None:
    """Return why these points cannot be taken, and the way out; None where they can."""
    points = size(axes)
    instead = "sample: {random: 100_000, seed: 7}"
    if sample.method == "grid":
        if points is None:
            endless = next(axis.name for axis in axes if axis.values.count is None)
            return (
                f"`{endless}` is a continuous range, which has no grid",
                f"give it a `step`, or draw points: {instead}",
            )
        if points > MOST_POINTS:
            return (
                f"the grid has about {points:.2g} points, at most 2**63 can be numbered",
                f"draw points from it: {instead}",
            )
    elif sample.method == "sobol" and (sample.count or 0) > MOST_SOBOL:
        message = f"a Sobol sequence has {MOST_SOBOL:,} points, found a sample of {sample.count:,}"
        return message, instead
    elif sample.method == "random" and is_permuted(axes) and (sample.count or 0) > (points or 0):
        return (
            f"the grid has {points:,} points, found a sample of {sample.count:,} different ones",
            "sample: {grid: all}",
        )
    return None
