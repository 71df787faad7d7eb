"""Row numbers of a sample to the values that each axis has in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archprof.problem import Mark, ProblemError
from archprof.sweeping.sampling.mixing import uniform
from archprof.sweeping.sampling.permutation import permuted
from archprof.sweeping.sampling.sobol import sobol
from archprof.sweeping.space.axis import Axis, Choices, Continuous, Steps, Values
from archprof.sweeping.space.sample import SEARCHES, Sample, is_permuted, size

Array = NDArray[Any]


def drawn(axes: tuple[Axis, ...], sample: Sample, rows: Array) -> list[Array]:
    """Return for each axis where each row is in it: the index of one of its values, or of a
    continuous range the number itself.

    Rows of a grid are in the order of nested loops: those of the last axis change fastest. Raises
    ProblemError for rows of a search, which follow from no number.
    """
    if sample.method in SEARCHES:
        message = f"its rows were found by a search ({sample.method}), and follow from no number"
        raise ProblemError.of(Mark("row"), "sample", message, "draw a sweep of the space")
    if sample.method == "grid":
        return digits(rows, axes)
    if sample.method == "sobol":
        points = sobol(rows, len(axes), sample.seed)
        return [place(axis.values, points[:, i]) for i, axis in enumerate(axes)]
    if is_permuted(axes):
        return digits(permuted(rows, size(axes) or 1, sample.seed), axes)
    return [place(axis.values, uniform(rows, sample.seed, i)) for i, axis in enumerate(axes)]


def digits(numbers: Array, axes: Sequence[Axis]) -> list[Array]:
    """Return the index that each axis has in points of a grid with these numbers."""
    rest, found = numbers, []
    for axis in reversed(axes):
        rest, index = np.divmod(rest, np.int64(axis.values.count or 1))
        found.append(index)
    return found[::-1]


def place(values: Values, shares: Array) -> Array:
    """Return where shares of an axis are, of 0 to 1: an index, of a continuous range a number."""
    if isinstance(values, Continuous):
        return _between(values, shares)
    if isinstance(values, Steps) and values.log:
        step = values.step if values.whole else values.step / values.over
        index = np.rint((_between(values, shares) - values.low) / step)
    else:
        index = np.floor(shares * values.count)
    return np.clip(index.astype(np.int64), 0, values.count - 1)


def _between(values: Continuous | Steps, shares: Array) -> Array:
    """Return the numbers at these shares of a range, on its scale.

    Exponentials are Python's: numpy's may differ from machine to machine in the last bit.
    """
    low, high = values.low, values.high
    if not values.log:
        return np.clip(low + shares * (high - low), low, high)
    least, most = math.log(low), math.log(high)
    numbers = [math.exp(x) for x in (least + shares * (most - least)).tolist()]
    return np.clip(np.array(numbers, np.float64), low, high)


def numbers_of(values: Values, places: Array) -> Array:
    """Return the numbers that an axis of numbers has at these places."""
    if isinstance(values, Continuous):
        return places
    if isinstance(values, Choices):
        table = np.array(values.values, np.int64 if values.whole else np.float64)
        return table[places]
    numerators = values.first + places * values.step
    return numerators if values.whole else numerators / values.over
