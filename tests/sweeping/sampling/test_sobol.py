"""Points of a Sobol sequence by their numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from archprof.sweeping.sampling.sobol import sobol


@pytest.mark.parametrize("dimensions", [1, 2, 7, 60])
def test_points_are_those_of_scipy(dimensions: int) -> None:
    engine = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(5))
    assert (sobol(np.arange(256), dimensions, 5) == engine.random(256)).all()


@given(rows=st.lists(st.integers(0, 2000), max_size=20))
def test_points_do_not_depend_on_others(rows: list[int]) -> None:
    """In any order, with gaps and repeats."""
    whole = sobol(np.arange(2001), 3, 1)
    assert (sobol(np.array(rows, np.int64), 3, 1) == whole[rows]).all()
