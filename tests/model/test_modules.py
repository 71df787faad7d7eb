"""archprof's few modules and functions, against their formulas."""

from __future__ import annotations

import math

import pytest
import torch

from archprof.model import functions, modules


def test_layer_norm_over_channels() -> None:
    x, norm = torch.rand(2, 5, 3, 4), modules.LayerNorm2d(5)
    torch.nn.init.uniform_(norm.weight)
    centred = x - x.mean(1, keepdim=True)
    expected = centred / (
        x.var(1, unbiased=False, keepdim=True) + norm.eps
    ).sqrt() * norm.weight.view(-1, 1, 1) + norm.bias.view(-1, 1, 1)
    torch.testing.assert_close(norm(x), expected)


@pytest.mark.parametrize("first", [False, True])
def test_global_response_norm(first: bool) -> None:
    norm = modules.GlobalResponseNorm2d(5) if first else modules.GlobalResponseNorm(5)
    torch.nn.init.uniform_(norm.weight)
    torch.nn.init.uniform_(norm.bias)
    x = torch.rand(2, 3, 4, 5)
    g = (x**2).sum((1, 2)).sqrt()  # Woo et al. 2023, algorithm 1
    n = g / (g.mean(-1, keepdim=True) + norm.eps)
    expected = norm.weight * (x * n[:, None, None]) + norm.bias + x
    found = norm(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1) if first else norm(x)
    torch.testing.assert_close(found, expected)


def test_drop_path_drops_whole_samples_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    x, drop = torch.ones(4000, 2, 3), modules.DropPath(0.25)
    out = drop.train()(x)
    assert out.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert torch.equal(out.amin((1, 2)), out.amax((1, 2)))
    assert out.mean().item() == pytest.approx(1, abs=0.05)
    assert drop.eval()(x) is x
    assert modules.DropPath(0).train()(x) is x
    assert not modules.DropPath(1).train()(x).any()


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
