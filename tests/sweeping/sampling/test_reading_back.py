"""Values of a table back to where their axes were."""

import numpy as np
import pytest

from archprof.problem import Mark
from archprof.sweeping.sampling.draw import numbers_of
from archprof.sweeping.sampling.reading_back import place_of
from archprof.sweeping.space.axis import Axis, Choices, Continuous, Steps, Values


def axis(values: Values) -> Axis:
    return Axis("x", Mark("space.yaml"), values)


@pytest.mark.parametrize(
    "values",
    [
        Steps(16, 8, 1, 9, True),
        Steps(25, 5, 100, 36, False),  # 0.25 to 2 by 0.05
        Steps(1, 1, 3, 7, False),  # thirds, which no float is
        Choices((1, 2, 4, 32)),
        Choices((0.25, 0.5)),
    ],
)
def test_a_number_is_where_it_was(values: Values) -> None:
    places = np.arange(values.count or 0)
    numbers = numbers_of(values, places).tolist()
    assert [place_of(axis(values), one) for one in numbers] == places.tolist()


def test_texts_lists_and_continuous_ranges() -> None:
    assert place_of(axis(Choices(("A", "B"))), "B") == 1
    assert place_of(axis(Choices((False, True))), True) == 1
    assert place_of(axis(Choices(([1, 2], [3, 4]))), "[3, 4]") == 1
    assert place_of(axis(Continuous(0.0, 1.0)), 0.125) == 0.125
