"""Axes as Optuna's distributions, and back."""

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from archprof.problem import Mark
from archprof.sweeping.sampling.draw import numbers_of
from archprof.sweeping.searching.distributions import distributions, places
from archprof.sweeping.space.axis import Axis, Choices, Continuous, Steps, Values


def axis(values: Values) -> Axis:
    return Axis("x", Mark("space.yaml"), values)


def of(values: Values) -> object:
    return distributions([axis(values)])["x"]


def numbers(values: Values, *suggested: float) -> list[float]:
    (found,) = places([axis(values)], [{"x": one} for one in suggested])
    listed: list[float] = numbers_of(values, found).tolist()
    return listed


def test_steps_and_numbers_are_indices_in_their_order() -> None:
    steps = Steps(16, 8, 1, 5, True)
    assert of(steps) == IntDistribution(0, 4)
    assert numbers(steps, 0, 4) == [16, 48]
    assert of(Choices((1, 2, 4, 32))) == IntDistribution(0, 3)
    assert numbers(Choices((1, 2, 4, 32)), 3, 0) == [32, 1]


def test_texts_have_no_order() -> None:
    assert of(Choices(("A", "B", "C"))) == CategoricalDistribution((0, 1, 2))
    assert of(Choices((True, False))) == CategoricalDistribution((0, 1))


def test_a_continuous_range_is_a_share_of_it() -> None:
    assert of(Continuous(0.25, 2.25)) == FloatDistribution(0.0, 1.0)
    assert numbers(Continuous(0.25, 2.25), 0.0, 0.5, 1.0) == [0.25, 1.25, 2.25]


def test_a_logarithmic_range_is_a_share_of_its_scale() -> None:
    assert of(Continuous(1.0, 100.0, log=True)) == FloatDistribution(0.0, 1.0)
    assert np.allclose(numbers(Continuous(1.0, 100.0, log=True), 0.0, 0.5, 1.0), [1, 10, 100])
    steps = Steps(8, 8, 1, 16, True, log=True)  # 8 to 128, in the middle 32
    assert of(steps) == FloatDistribution(0.0, 1.0)
    assert numbers(steps, 0.0, 0.5, 1.0) == [8, 32, 128]
