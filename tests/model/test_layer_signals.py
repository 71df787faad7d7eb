"""Signals of layers, by hand."""

import pytest
import torch

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.gradient_correlation import LAGS, POINTS, _autocorrelation, _gradients
from archprof.model.layer_signals import layer_signals


def graph(layers: str, size: str = "4000") -> Graph:
    return expand(next(networks(load_text(f"name: n\ninput: {size}\nlayers: {{{layers}}}\n"))))


def test_signals_of_factors() -> None:
    """A standard normal input, three times as large, then half of that: 3 and 1.5; the gradient at
    the output of 4,000 elements is sqrt(4000) = 63.2, and half of it one layer before.
    """
    found = layer_signals(
        graph(
            "a: {op: scale_by, factor: 3}, b: {op: scale_by, factor: 0.5}, r: {op: relu, inplace:"
            " true}"
        )
    )
    assert [signal.layer for signal in found] == [0, 1, 2]
    # 3 seeds of 4 images: 48,000 elements, within 1/sqrt(2*48000) = 0.3 %; a relu keeps half of the
    # square, of gradients too
    half = 0.5**0.5
    assert [s.activation for s in found] == pytest.approx([3, 1.5, 1.5 * half], rel=0.02)
    assert [s.gradient for s in found] == pytest.approx([31.6 * half, 63.2 * half, 63.2], rel=0.02)


def test_words_have_no_gradient() -> None:
    """What looks up whole numbers is the first layer that a gradient is of."""
    words = "{shape: 5, dtype: int64, below: 9}"
    found = layer_signals(graph("e: {op: embedding, num: 9, dim: 3}, r: {op: relu}", words))
    assert [signal.layer for signal in found] == [0, 1]


def test_random_state_stays_as_it_was() -> None:
    torch.manual_seed(5)
    first = layer_signals(graph("l: {op: linear, out: 3}"))
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(1))
    torch.manual_seed(6)
    assert layer_signals(graph("l: {op: linear, out: 3}")) == first


def test_autocorrelation_by_hand() -> None:
    """Of 1, -1, 1, -1, …, 256 of them: at lag k all 256 - k products are (-1)^k."""
    values = torch.ones(POINTS, dtype=torch.float64)
    values[1::2] = -1
    expected = [(-1) ** lag * (POINTS - lag) / POINTS for lag in range(LAGS + 1)]
    assert _autocorrelation(values).tolist() == pytest.approx(expected)
    assert _autocorrelation(torch.full((POINTS,), 3.0)).tolist() == [1.0] * (LAGS + 1)


def test_gradient_along_the_line_by_hand() -> None:
    """Of |t d| times a weight, d being 1 or -1, it is the weight times the sign of t."""
    torch.manual_seed(0)
    found = _gradients(graph("a: {op: abs}", size="1"))
    assert found[:128].tolist() == pytest.approx([-float(found[-1])] * 128)
    assert found[128:].tolist() == pytest.approx([float(found[-1])] * 128)
