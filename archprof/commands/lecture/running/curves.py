"""Experiments on one activation as torch computes it: its gain, continuity, slope and formula."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from archprof.commands.lecture.running.arguments import (
    PRECISION,
    ExperimentArguments,
    alike,
    single,
)
from archprof.model.compile import build
from archprof.ops import OPS
from archprof.problem import nearest

Curve = Callable[[Tensor], Tensor]

ACTIVATIONS = tuple(
    name
    for name, op in OPS.items()
    if op.family == "activation" and name not in ("softmax", "log_softmax", "glu")
)
"""Functions of one number, which those three are not."""
LOGITS = 1000
"""Differences of logits are below this."""
REACH = 8.0
"""Curves are sampled from -8 to 8."""
COARSE, MIDDLE, FINE = 4, 6, 16
"""Grids have 2**4 to 2**16 points per unit.

A jump below 1/64 of the coarsest grid's largest step is not seen.
"""


def _curve(arguments: ExperimentArguments) -> Curve:
    op = arguments.text("op")
    if op not in ACTIVATIONS:
        raise arguments.refuse(f"`{op}` is not an activation", nearest(op, ACTIVATIONS))
    module = build(single(op, (1, 1, 1)), dtype=torch.float64).eval()
    return lambda x: module(x.view(-1, 1, 1, 1)).flatten()


def gain(arguments: ExperimentArguments) -> str:
    """Return 1/sqrt(Var f(X)) for a standard normal X, with all its digits.

    It is the gamma of Brock et al. 2021, arXiv 2101.08692. With a formula, in which pi is the
    number, return equal or different.
    """
    found = normal_gain(_curve(arguments))
    if arguments.argument("formula") is None:
        return repr(found)
    expected = arguments.worked(arguments.text("formula"), {"pi": [math.pi]})
    return alike(torch.tensor([found], dtype=torch.float64), expected)


def normal_gain(curve: Curve) -> float:
    """Return the gain by Simpson's rule from -12 to 12 in steps of 1/1000.

    A kink at a whole number lies between two panels.
    """
    panels, reach = 12_000, 12
    x = torch.linspace(-reach, reach, 2 * panels + 1, dtype=torch.float64)
    weights = torch.ones_like(x)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    density = torch.exp(-x * x / 2) / math.sqrt(2 * math.pi) * weights * (reach / panels / 3)
    y = curve(x)
    mean = float((density * y).sum())
    return 1 / math.sqrt(float((density * (y - mean) ** 2).sum()))


def continuous(arguments: ExperimentArguments) -> str:
    """Return continuous or discontinuous: does the largest step shrink with the grid?"""
    return "continuous" if steps_shrink(_curve(arguments)) else "discontinuous"


def smooth(arguments: ExperimentArguments) -> str:
    """Return smooth or kinked: the same for the derivative by autograd."""
    return "smooth" if steps_shrink(derivative(_curve(arguments))) else "kinked"


def steps_shrink(curve: Curve) -> bool:
    """Return whether a grid 4096 times finer has steps at least 64 times smaller.

    It has even where a curve rises as steeply as a square root does.
    """
    coarse, fine = (float(curve(_points(power)).diff().abs().max()) for power in (COARSE, FINE))
    return fine <= coarse / 2 ** ((FINE - COARSE) / 2)


def _points(power: int) -> Tensor:
    """Return the points of a grid, 2**power per unit."""
    return torch.linspace(-REACH, REACH, int(2 * REACH) * 2**power + 1, dtype=torch.float64)


def derivative(curve: Curve) -> Curve:
    """Return the curve's slope by autograd."""

    def slope(x: Tensor) -> Tensor:
        x = x.clone().requires_grad_()
        (result,) = torch.autograd.grad(curve(x).sum(), x)
        return result

    return slope


def slope(arguments: ExperimentArguments) -> str:
    """Return which way the derivative goes: rising, falling, rising and falling, or constant.

    It is rising for a convex curve.
    """
    return direction(derivative(_curve(arguments)))


def direction(curve: Curve) -> str:
    """Return which way a curve goes, in steps of 1/64; steps of rounding alone do not count."""
    x = _points(MIDDLE)
    steps = curve(x).diff()
    ways = []
    if steps.max() > PRECISION:
        ways.append("rising")
    if steps.min() < -PRECISION:
        ways.append("falling")
    return " and ".join(ways) or "constant"


def follows(arguments: ExperimentArguments) -> str:
    """Return equal or different: the activation and a formula of x.

    Phi(x) in it is the normal distribution's (1 + erf(x/sqrt(2)))/2.
    """
    x = _points(MIDDLE)
    phi = [(1 + math.erf(value / math.sqrt(2))) / 2 for value in x.tolist()]
    formula = arguments.text("formula").replace("Phi(x)", "Phi")
    return alike(_curve(arguments)(x), arguments.worked(formula, {"x": x.tolist(), "Phi": phi}))


def saturates(arguments: ExperimentArguments) -> str:
    """Return the least whole difference of two logits at which softmax gives exactly 1, or never.

    In real numbers it is 1/(1 + exp(-d)), which no d reaches; in a `dtype` it is 1 as soon as
    1 + exp(-d) is rounded to 1. Differences below 1,000 are tried.
    """
    dtype = getattr(torch, arguments.choice("dtype"))
    differences = torch.arange(LOGITS, dtype=dtype)
    logits = torch.stack([differences, torch.zeros_like(differences)], 1)
    module = build(single("softmax", (2,)), dtype=dtype).eval()
    reached = (module(logits)[:, 0] == 1).nonzero()
    return str(int(reached[0])) if len(reached) else "never"
