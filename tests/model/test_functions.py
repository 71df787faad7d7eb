"""The functions that torch has no name for, against their formulas."""

from __future__ import annotations

import math

import pytest
import torch

from archprof.model import functions


@pytest.mark.parametrize("windowed", [False, True])
@pytest.mark.parametrize("biased", [False, True])
def test_attention_by_its_formula(windowed: bool, biased: bool) -> None:
    heads, d = 2, 4
    outer = (2, 3) if windowed else (2,)
    q, k, v = torch.rand(*outer, 5, 8), torch.rand(*outer, 7, 8), torch.rand(*outer, 7, 6)
    bias = torch.rand(1, heads, 5, 7) if biased else None
    found = functions.attention(q, k, v, bias, heads=heads)
    for h in range(heads):
        scores = (
            q[..., h * d : (h + 1) * d]
            @ k[..., h * d : (h + 1) * d].transpose(-1, -2)
            / math.sqrt(d)
        )
        if bias is not None:
            scores = scores + bias[0, h]
        torch.testing.assert_close(
            found[..., h * 3 : (h + 1) * 3], scores.softmax(-1) @ v[..., h * 3 : (h + 1) * 3]
        )


def test_windows_and_back() -> None:
    x = torch.arange(2 * 4 * 6 * 3.0).reshape(2, 4, 6, 3)
    windows = functions.window_partition(x, 2)
    assert windows.shape == (2, 6, 4, 3)
    # the second window of the first row
    assert torch.equal(windows[:, 1], x[:, 0:2, 2:4].reshape(2, 4, 3))
    assert torch.equal(functions.window_reverse(windows, 4, 6), x)


def test_a_token_for_every_sample() -> None:
    token, x = torch.ones(1, 1, 4), torch.zeros(3, 2, 4)
    assert functions.cat_repeated([token, x], 1, (0,)).sum((1, 2)).tolist() == [4.0, 4.0, 4.0]


def test_sums() -> None:
    a, b, c = torch.ones(2), torch.full((2,), 2.0), torch.full((2,), 3.0)
    assert functions.add(a, b, c).tolist() == [6, 6]
    assert functions.add_(a, b, c) is a
    assert a.tolist() == [6, 6]
