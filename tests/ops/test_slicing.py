"""Slices against torch's."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archprof.ops.base import ShapeError
from archprof.ops.slicing import Slice


@given(st.integers(1, 9), st.integers(-12, 12), st.none() | st.integers(-12, 12), st.integers(1, 4))
def test_slice_is_torchs(length: int, start: int, stop: int | None, step: int) -> None:
    expected = torch.zeros(2, length)[:, start:stop:step].shape[1]
    op = Slice(dim=0, start=start, stop=stop, step=step)
    if expected:
        assert op.output_shape((length,)) == (expected,)
    else:
        with pytest.raises(ShapeError, match="is empty"):
            op.output_shape((length,))


@pytest.mark.parametrize(
    ("op", "reaches"),
    [
        (Slice(start=1), True),
        (Slice(start=0, step=2), True),
        (Slice(start=1, stop=3), False),
        (Slice(start=-2), False),  # the last two of whatever arrives
    ],
)
def test_what_goes_on_to_the_end_of_a_longer_input(op: Slice, reaches: bool) -> None:
    assert op.reaches_end() is reaches
