"""archprof's few modules and functions, against their formulas."""

from __future__ import annotations

import pytest
import torch

from archprof.model import modules


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
