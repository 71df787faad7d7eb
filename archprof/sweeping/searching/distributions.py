"""The axes of a space as Optuna's distributions, and what it suggests as points of the space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from archprof.sweeping.sampling.draw import place
from archprof.sweeping.space.axis import Axis, Choices, Values

Array = NDArray[Any]


def distributions(axes: Sequence[Axis]) -> dict[str, BaseDistribution]:
    """Return by axis what is suggested for it.

    Of steps and of numbers written out that is an index, so that near ones are near; of texts an
    index without an order; of a range that is continuous or logarithmic a share of it, from 0 to 1
    on its scale.
    """
    return {axis.name: _distribution(axis.values) for axis in axes}


def places(axes: Sequence[Axis], suggested: Sequence[Mapping[str, Any]]) -> list[Array]:
    """Return where each axis is in each point that was suggested, as `drawn` has it.

    An axis whose `when` is false there is set to its first value with the variants, as in a sweep.
    """
    return [_places(axis.values, [point[axis.name] for point in suggested]) for axis in axes]


def _distribution(values: Values) -> BaseDistribution:
    if values.count is None or values.log:
        return FloatDistribution(0.0, 1.0)
    if isinstance(values, Choices) and not values.numbers:
        return CategoricalDistribution(tuple(range(values.count)))
    return IntDistribution(0, values.count - 1)


def _places(values: Values, suggested: Sequence[float]) -> Array:
    if values.count is None or values.log:
        return place(values, np.array(suggested, np.float64))
    return np.array(suggested, np.int64)
