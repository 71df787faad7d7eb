"""Upsampling: what each output reads, against torch's gradient."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archprof.ops.reading import Taps
from archprof.ops.resize import Interpolate


@given(st.integers(1, 7), st.integers(3, 9), st.sampled_from(["nearest", "bilinear"]))
def test_taps_are_where_the_gradient_goes(factor: int, size: int, mode: str) -> None:
    op = Interpolate(factor=[factor, 1], mode=mode)
    taps = op.reads(((1, size, 4),), (1, size * factor, 4))[0][1]  # type: ignore[index]
    assert isinstance(taps, Taps)
    image = torch.zeros(1, 1, size, 4, dtype=torch.float64, requires_grad=True)
    output = torch.nn.functional.interpolate(image, scale_factor=(factor, 1), mode=mode)
    for o in range(factor, factor * (size - 1)):  # inside: at the edges torch repeats the border
        (gradient,) = torch.autograd.grad(output[0, 0, o, 2], image, retain_graph=True)
        reached = gradient[0, 0].sum(1).nonzero().flatten()
        turns, phase = divmod(o, len(taps.taps))
        tap = taps.taps[phase]
        assert tap is not None
        assert (int(reached[0]), int(reached[-1])) == (tap[0] + turns, tap[1] + turns)


def test_doubling_bilinearly_by_hand() -> None:
    # outputs 2i and 2i + 1 lie at i - 1/4 and i + 1/4: between i - 1 and i, and between i and i + 1
    reading = Interpolate(factor=2, mode="bilinear").reads(((1, 4, 4),), (1, 8, 8))[0]
    assert reading is not None
    assert reading[1] == Taps(1, ((-1, 0), (0, 1)), 1, padding=0)


def test_unknown_modes_are_refused() -> None:
    with pytest.raises(ValueError, match="expected one of nearest, bilinear"):
        Interpolate(factor=2, mode="bicubic")
