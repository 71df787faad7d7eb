"""Which variants a page draws."""

from __future__ import annotations

import numpy as np

from archprof.commands.sweep.answers import evenly
from archprof.commands.sweep.sweep_page import CELLS, one_in_each_cell


def test_one_variant_is_drawn_in_each_cell() -> None:
    """Of 100,000 points along a line there are as many as cells along a diagonal."""
    line = np.linspace(-1, 1, 100_000)
    kept = one_in_each_cell(line, line)
    assert len(kept) == CELLS
    assert kept[0] == 0
    assert (np.diff(kept) > 0).all()


def test_places_are_those_of_the_picture_which_is_logarithmic() -> None:
    """Half of these points are below the square root of the largest."""
    values = np.logspace(0, 6, 100_000)
    kept = values[one_in_each_cell(values, values)]
    assert len(kept) == CELLS
    assert (kept < 1e3).sum() == CELLS / 2


def test_points_in_one_place_are_one() -> None:
    assert one_in_each_cell(np.full(50, 3.0), np.full(50, 7.0)).tolist() == [0]
    assert one_in_each_cell(np.zeros(0), np.zeros(0)).tolist() == []


def test_rows_evenly_from_the_first_to_the_last() -> None:
    assert evenly(np.arange(100), 5).tolist() == [0, 25, 50, 74, 99]
    assert evenly(np.arange(3), 5).tolist() == [0, 1, 2]
    assert evenly(np.arange(9), 1).tolist() == [0]
