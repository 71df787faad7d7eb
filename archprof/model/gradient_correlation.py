"""How alike the gradients of neighbouring inputs are at initialisation.

Balduzzi, Frean, Leary, Lewis, Ma, McWilliams 2017, The Shattered Gradients Problem: If resnets are
the answer, then what is the question? (arXiv 1702.08591).
"""

from __future__ import annotations

import torch
from torch import Tensor

from archprof.graph.graph import Graph
from archprof.model.compile import build

SEEDS = 5
POINTS = 256
REACH = 2.0
LAGS = 15
"""256 inputs from -2 to 2, where standard normal inputs are, and neighbours up to 15 apart."""


def gradient_correlation(graph: Graph) -> list[float]:
    """Return the autocorrelation of the gradient along a line of inputs, at lags from 0 to 15.

    The inputs are t d for a random direction d, whose elements have a root mean square of 1, and
    t from -2 to 2. They are one batch in training mode, so that batch norm centres over them; the
    gradient is that of a random sum of the outputs with respect to t. The mean over seeds.
    """
    found = []
    with torch.random.fork_rng():
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            found.append(_autocorrelation(_gradients(graph)))
    mean: list[float] = torch.stack(found).mean(0).tolist()
    return mean


def _gradients(graph: Graph) -> Tensor:
    """Return the derivative by t at each point of the line."""
    direction = torch.randn(graph.input, dtype=torch.float64)
    direction /= direction.square().mean().sqrt()
    places = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64).view(
        -1, *[1] * direction.ndim
    )
    x = (places * direction).requires_grad_()
    result = build(graph, dtype=torch.float64)(x.clone())
    output = result[0] if isinstance(result, tuple) else result
    seed = torch.randn(output.shape[1:], dtype=torch.float64).expand_as(output)
    (gradient,) = torch.autograd.grad(output, x, seed)
    return (gradient * direction).flatten(1).sum(1)


def _autocorrelation(values: Tensor) -> Tensor:
    """Return sum of (v[i] - mean)(v[i + lag] - mean) over sum of (v[i] - mean)^2, by lag.

    Values that are all the same are alike at every lag: 1.
    """
    centred = values - values.mean()
    total = centred.square().sum()
    if float(total) <= 1e-12 * float(values.square().sum()):
        return torch.ones(LAGS + 1, dtype=values.dtype)
    sums = [(centred[: len(centred) - lag] * centred[lag:]).sum() for lag in range(LAGS + 1)]
    return torch.stack(sums) / total
