"""Experiments on one activation as torch computes it: its gain, its steps, kinks and slope, its
formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from archprof.commands.lecture.experiment_arguments import PRECISION, Asked, alike, single
from archprof.model.compile import build
from archprof.ops import OPS
from archprof.problem import nearest

Curve = Callable[[Tensor], Tensor]

ACTIVATIONS = tuple(
    name for name, op in OPS.items() if op.family == "activation" and name != "softmax"
)
"""Functions of one number, which softmax is not."""
REACH = 8.0
"""Curves are looked at from -8 to 8."""
COARSE, FINE = 4, 16
"""Grids have 2**4 to 2**16 points per unit; a jump below 1/64 of the coarsest grid's largest
step is not seen.
"""


def _curve(asked: Asked) -> Curve:
    op = asked.text("op")
    if op not in ACTIVATIONS:
        raise asked.refuse(f"`{op}` is no activation", nearest(op, ACTIVATIONS))
    module = build(single(op, (1, 1, 1)), dtype=torch.float64).eval()
    return lambda x: module(x.view(-1, 1, 1, 1)).flatten()


def gain(asked: Asked) -> str:
    """1/sqrt(Var f(X)) for a standard normal X, the gamma of Brock et al.

    2021, arXiv 2101.08692; all digits of the number.
    """
    return repr(normal_gain(_curve(asked)))


def normal_gain(curve: Curve) -> float:
    """By Simpson's rule from -12 to 12 in steps of 1/1000, so that a kink at a whole number lies
    between two panels.
    """
    panels, reach = 12_000, 12
    x = torch.linspace(-reach, reach, 2 * panels + 1, dtype=torch.float64)
    weights = torch.ones_like(x)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    density = torch.exp(-x * x / 2) / math.sqrt(2 * math.pi) * weights * (reach / panels / 3)
    y = curve(x)
    mean = float((density * y).sum())
    return 1 / math.sqrt(float((density * (y - mean) ** 2).sum()))


def continuous(asked: Asked) -> str:
    """continuous or discontinuous: whether the largest step between neighbours shrinks as the
    grid is refined.
    """
    return "continuous" if steps_shrink(_curve(asked)) else "discontinuous"


def smooth(asked: Asked) -> str:
    """smooth or kinked: the same of the derivative that autograd gives."""
    return "smooth" if steps_shrink(derivative(_curve(asked))) else "kinked"


def steps_shrink(curve: Curve) -> bool:
    """Whether a grid 4096 times finer has steps at least 64 times smaller: even where a curve
    rises as steeply as a square root does.
    """
    coarse, fine = (_largest_step(curve, 2**power) for power in (COARSE, FINE))
    return fine <= coarse / 2 ** ((FINE - COARSE) / 2)


def _largest_step(curve: Curve, per_unit: int) -> float:
    x = torch.linspace(-REACH, REACH, int(2 * REACH) * per_unit + 1, dtype=torch.float64)
    return float(curve(x).diff().abs().max())


def derivative(curve: Curve) -> Curve:
    """The curve's slope by autograd."""

    def slope(x: Tensor) -> Tensor:
        x = x.clone().requires_grad_()
        (result,) = torch.autograd.grad(curve(x).sum(), x)
        return result

    return slope


def slope(asked: Asked) -> str:
    """rising where the derivative never falls (a convex curve), falling where it never rises,
    rising and falling, or constant.
    """
    return direction(derivative(_curve(asked)))


def direction(curve: Curve) -> str:
    """Which way a curve goes, in steps of 1/64; steps that are rounding alone do not count."""
    x = torch.linspace(-REACH, REACH, int(2 * REACH) * 64 + 1, dtype=torch.float64)
    steps = curve(x).diff()
    ways = (bool(steps.max() > PRECISION) * ["rising"]) + (
        bool(steps.min() < -PRECISION) * ["falling"]
    )
    return " and ".join(ways) or "constant"


def follows(asked: Asked) -> str:
    """equal or different: the activation and a formula of x, in which Phi(x) is the normal
    distribution's (1 + erf(x/sqrt(2)))/2.
    """
    x = torch.linspace(-REACH, REACH, int(2 * REACH) * 64 + 1, dtype=torch.float64)
    phi = [(1 + math.erf(value / math.sqrt(2))) / 2 for value in x.tolist()]
    formula = asked.text("formula").replace("Phi(x)", "Phi")
    return alike(_curve(asked)(x), asked.worked(formula, {"x": x.tolist(), "Phi": phi}))
