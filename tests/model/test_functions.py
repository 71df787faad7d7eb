"""The functions that torch has no name for, against their formulas."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from archprof.model import functions

SHAPES = {
    "no bias": None,
    "one for all": (1, 2, 5, 7),
    "one for each window": (1, 3, 2, 5, 7),
    "one for each sample": (4, 2, 5, 7),
    "one for each window of each sample": (4, 3, 2, 5, 7),
}
"""Of 4 samples of 3 windows: 2 heads, 5 queries, 7 keys."""


def by_its_formula(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, windows: tuple[int, ...]
) -> Tensor:
    """softmax(Q K^T/sqrt(d) + bias) V of 2 heads, each sample, window and head by itself."""
    d, e = q.shape[-1] // 2, v.shape[-1] // 2
    out = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for place in itertools.product(range(q.shape[0]), *map(range, windows)):
        for h in range(2):
            scores = q[place][:, h * d : (h + 1) * d] @ k[place][:, h * d : (h + 1) * d].T
            scores = scores / math.sqrt(d)
            if bias is not None:
                sample = min(place[0], bias.shape[0] - 1)
                window = place[1:] if bias.ndim > 4 else ()
                scores = scores + bias[(sample, *window, h)]
            weights = scores.exp() / scores.exp().sum(-1, keepdim=True)
            out[place][:, h * e : (h + 1) * e] = weights @ v[place][:, h * e : (h + 1) * e]
    return out


def tokens(*shape: int) -> Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("width", [6, 8])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_attention_by_its_formula(shape: tuple[int, ...] | None, width: int, learned: bool) -> None:
    """Values as wide as the queries, for the fused algorithm, and narrower, for the math; a bias
    that wants a gradient, for the math, and one that does not.
    """
    bias = None if shape is None else tokens(*shape).requires_grad_(learned)
    given = tokens(4, 3, 5, 8), tokens(4, 3, 7, 8), tokens(4, 3, 7, width)
    found = functions.attention(*given, bias, heads=2)
    torch.testing.assert_close(found, by_its_formula(*given, bias, (3,)), rtol=1e-12, atol=1e-12)
    half = functions.attention(
        *(x.bfloat16() for x in given), None if bias is None else bias.bfloat16(), heads=2
    )
    # bfloat16 rounds by 2^-9: two factors and a score of at most 2 by 2^-7, weights by as much
    torch.testing.assert_close(half.double(), found, rtol=0, atol=2**-6)


@pytest.mark.parametrize("shape", [None, (1, 2, 5, 7), (4, 2, 5, 7)])
def test_attention_of_one_sequence(shape: tuple[int, ...] | None) -> None:
    bias = None if shape is None else tokens(*shape)
    given = tokens(4, 5, 8), tokens(4, 7, 8), tokens(4, 7, 6)
    found = functions.attention(*given, bias, heads=2)
    torch.testing.assert_close(found, by_its_formula(*given, bias, ()), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [None, (1, 2, 5, 7), (1, 2, 3, 2, 5, 7)])
def test_attention_of_windows_of_windows(shape: tuple[int, ...] | None) -> None:
    bias = None if shape is None else tokens(*shape)
    given = tokens(4, 2, 3, 5, 8), tokens(4, 2, 3, 7, 8), tokens(4, 2, 3, 7, 8)
    found = functions.attention(*given, bias, heads=2)
    torch.testing.assert_close(found, by_its_formula(*given, bias, (2, 3)), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [None, (1, 2, 5, 7), (1, 3, 2, 5, 7), (4, 2, 5, 7)])
def test_a_learned_query_is_for_every_sample(shape: tuple[int, ...] | None) -> None:
    bias = None if shape is None else tokens(*shape)
    query, key, value = tokens(1, 3, 5, 8), tokens(4, 3, 7, 8), tokens(4, 3, 7, 8)
    found = functions.attention(query, key, value, bias, heads=2)
    expected = by_its_formula(query.expand(4, -1, -1, -1), key, value, bias, (3,))
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_windows_reach_torch_in_four_dimensions(
    shape: tuple[int, ...] | None, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fused kernels take no more: windows folded into the batch, 4 * 3 = 12, and a bias that is
    the same for all of them is not multiplied.
    """
    seen: list[tuple[int, ...]] = []
    torchs_own = torch.nn.functional.scaled_dot_product_attention

    def noted(*given: Tensor, attn_mask: Tensor | None, **others: Any) -> Tensor:
        seen.extend(tuple(x.shape) for x in given)
        if attn_mask is not None:
            seen.append(tuple(attn_mask.shape))
        return torchs_own(*given, attn_mask=attn_mask, **others)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", noted)
    q, k = tokens(4, 3, 5, 8).to(dtype), tokens(4, 3, 7, 8).to(dtype)
    bias = None if shape is None else tokens(*shape).to(dtype)
    functions.attention(q, k, k, bias, heads=2)
    assert seen[:3] == [(12, 2, 5, 4), (12, 2, 7, 4), (12, 2, 7, 4)]
    assert seen[3:] == ([] if shape is None else [((1 if shape == (1, 2, 5, 7) else 12), 2, 5, 7)])


def test_the_mask_of_a_shifted_window() -> None:
    """A map of 4x4 rolled by 1 and cut into windows of 2x2. In the last window only the tokens
    of its first column and row came from there; in the first all did.
    """
    mask = functions.window_mask(torch.zeros(1, dtype=torch.float64), 4, 4, 2, 1)
    assert mask.shape == (1, 4, 1, 4, 4)
    assert mask.dtype == torch.float64
    assert not mask[0, 0].any()
    # the second: left column before the edge, right column rolled in from the other side
    sides = torch.tensor([0, 1, 0, 1])
    assert torch.equal(mask[0, 1, 0], -100.0 * (sides[:, None] != sides).double())
    # the last: all four corners are of different regions
    assert torch.equal(mask[0, 3, 0], -100.0 * (1 - torch.eye(4, dtype=torch.float64)))


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
