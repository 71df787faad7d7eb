"""Row numbers to points of a space."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.problem import Mark
from archprof.sweeping.sampling.draw import drawn, numbers_of
from archprof.sweeping.space.axis import Axis, Choices, Continuous, Steps, Values
from archprof.sweeping.space.sample import Sample, size


def axes(*values: Values) -> tuple[Axis, ...]:
    return tuple(Axis(f"a{i}", Mark("space"), one) for i, one in enumerate(values))


def steps(count: int, log: bool = False, first: int = 1) -> Steps:
    return Steps(first, 1, 1, count, True, log)


def table(of: tuple[Axis, ...], sample: Sample, rows: list[int]) -> list[tuple[float, ...]]:
    places = drawn(of, sample, np.array(rows, np.int64))
    columns = [
        numbers_of(axis.values, place).tolist() for axis, place in zip(of, places, strict=True)
    ]
    return list(zip(*columns, strict=True))


def test_rows_of_a_grid_are_nested_loops() -> None:
    of = axes(steps(2), Choices((5, 7, 6)))
    expected = [(1, 5), (1, 7), (1, 6), (2, 5), (2, 7), (2, 6)]
    assert table(of, Sample(), list(range(6))) == expected


@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_a_grid_has_every_point_once(counts: list[int]) -> None:
    of = axes(*map(steps, counts))
    rows = list(range(size(of) or 0))
    points = itertools.product(*(range(1, count + 1) for count in counts))
    assert table(of, Sample(), rows) == list(points)


@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_random_points_of_a_grid_are_all_different(counts: list[int], seed: int) -> None:
    of = axes(*map(steps, counts))
    points = size(of) or 0
    found = table(of, Sample("random", points, seed), list(range(points)))
    assert sorted(found) == table(of, Sample(), list(range(points)))


SPACES = {
    "grid": axes(steps(3), Choices((8, 1, 3))),
    "continuous": axes(Continuous(0.5, 2.0), steps(4)),
    "log": axes(Continuous(1.0, 64.0, True), steps(9, True)),
    "huge": axes(*[steps(3)] * 50),
}


@pytest.mark.parametrize("method", ["random", "sobol"])
@pytest.mark.parametrize("name", SPACES)
@given(data=st.data())
def test_a_row_does_not_depend_on_the_others(name: str, method: str, data: st.DataObject) -> None:
    of, sample = SPACES[name], Sample(method, 9, 4)
    rows = data.draw(st.lists(st.integers(0, 8), max_size=9))
    whole = table(of, sample, list(range(9)))
    assert table(of, sample, rows) == [whole[row] for row in rows]


def test_steps_are_the_floats_of_their_decimals() -> None:
    """0.25 to 2.0 by 0.05: (25 + 5 i) / 100."""
    of = axes(Steps(25, 5, 100, 36, False))
    [places] = drawn(of, Sample(), np.arange(36))
    written = [float(f"{(25 + 5 * i) // 100}.{(25 + 5 * i) % 100:02}") for i in range(36)]
    assert numbers_of(of[0].values, places).tolist() == written


@given(low=st.floats(-100, 100), more=st.floats(0, 100), log=st.booleans(), seed=st.integers(0, 9))
def test_continuous_numbers_stay_in_their_range(
    low: float, more: float, log: bool, seed: int
) -> None:
    low = abs(low) + 1e-6 if log else low
    [found] = drawn(
        axes(Continuous(low, low + more, log)), Sample("random", 50, seed), np.arange(50)
    )
    assert ((low <= found) & (found <= low + more)).all()


@pytest.mark.parametrize("name", ["log", "huge", "grid"])
def test_axes_are_drawn_independently(name: str) -> None:
    """Of 10,000 points, two axes are correlated by less than 4 / sqrt(10,000)."""
    of = SPACES[name] if name != "grid" else axes(steps(400), steps(500))
    places = drawn(of, Sample("random", 10_000, 4), np.arange(10_000))
    related = np.corrcoef(np.stack(places[:3])) - np.eye(len(places[:3]))
    assert abs(related).max() < 4 / 10_000**0.5


def test_a_logarithmic_range_is_even_by_octaves() -> None:
    """1 to 256: an eighth in each octave, 12,500 of 100,000 (binomial, sigma 105)."""
    [found] = drawn(axes(Continuous(1.0, 256.0, True)), Sample("random", 10**5), np.arange(10**5))
    octaves = np.bincount(np.floor(np.log2(found)).astype(int), minlength=8)
    assert (abs(octaves - 12_500) < 5 * 105).all()


def test_logarithmic_steps_are_the_nearest() -> None:
    """8, 16, ..., 256 drawn evenly by log: 16 is drawn from 12 to 20, log(20/12) / log(32)."""
    of = axes(Steps(8, 8, 1, 32, True, True))
    [places] = drawn(of, Sample("random", 10**5), np.arange(10**5))
    numbers = numbers_of(of[0].values, places)
    expected = 10**5 * math.log(20 / 12) / math.log(32)
    assert abs((numbers == 16).sum() - expected) < 5 * expected**0.5
    assert set(numbers.tolist()) == set(range(8, 257, 8))


def test_sobol_points_fill_every_cell() -> None:
    """64 points of a sequence in base 2 are one in each cell of 8 by 8."""
    of = axes(steps(8), steps(8))
    assert len(set(table(of, Sample("sobol", 64, 3), list(range(64))))) == 64


def test_whole_choices_are_whole_and_others_are_floats() -> None:
    for values, kind in (((1, 2), "i"), ((0.5, 2.0), "f")):
        assert numbers_of(Choices(values), np.array([0, 1])).dtype.kind == kind
