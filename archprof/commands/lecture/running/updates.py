"""Experiments on steps of training: how far weights move, and how gradients are clipped."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn

from archprof.commands.lecture.running.arguments import PRECISION, ExperimentArguments, sample

ROWS, COLUMNS = 3, 5
"""The sides of W and G: two numbers, so that no formula mistakes one for the other."""
SCALES = (0.5, 3.0)
RATES = (0.01, 0.2)
"""What W and G are multiplied by, and the learning rates."""
LIMITS = (0.01, 0.5, 40.0)
"""Thresholds λ: of the norms and ratios here some lie above and some below."""
CLIPPED = 1e-6
"""Largest relative difference of clipped gradients: torch adds 1e-6 to the norm it divides by."""
LEAST_NORM = 1e-3
"""The ε of adaptive clipping, below which a unit's weights do not count as smaller."""


def moves(arguments: ExperimentArguments) -> str:
    """Return equal, proportional, inversely proportional or different.

    A step of torch.optim.SGD changes W by dW; the relative change ‖dW‖/‖W‖ is compared with a
    formula of h, the learning rate, and of W and G, the Frobenius norms of the weights and of their
    gradient. Proportional: over several W and G at each h, their ratio is the same; inversely
    proportional: their product is.
    """
    cases = [
        (h, w * sample("W", ROWS, COLUMNS), g * sample("G", ROWS, COLUMNS))
        for h, w, g in itertools.product(RATES, SCALES, SCALES)
    ]
    changes = torch.tensor([_relative_change(*case) for case in cases], dtype=torch.float64)
    letters = {
        "h": [h for h, _, _ in cases],
        "W": [float(weight.norm()) for _, weight, _ in cases],
        "G": [float(gradient.norm()) for _, _, gradient in cases],
    }
    formula = arguments.worked(arguments.text("formula"), letters)
    if not bool((formula != 0).all()):
        return "different"
    if _constant(changes / formula, at=1):
        return "equal"
    ratios, products = ((changes * power).view(len(RATES), -1) for power in (1 / formula, formula))
    if all(map(_constant, ratios)):
        return "proportional"
    return "inversely proportional" if all(map(_constant, products)) else "different"


def _relative_change(rate: float, weight: Tensor, gradient: Tensor) -> float:
    """Return ‖dW‖/‖W‖ of a step of SGD."""
    parameter = nn.Parameter(weight.clone())
    parameter.grad = gradient.clone()
    torch.optim.SGD([parameter], lr=rate).step()
    return float((parameter.detach() - weight).norm() / weight.norm())


def _constant(values: Tensor, at: float | None = None) -> bool:
    """Return whether all values are the same up to rounding, and `at` where one is given."""
    expected = float(values[0]) if at is None else at
    return bool(((values - expected).abs() <= PRECISION * abs(expected)).all())


def clips(arguments: ExperimentArguments) -> str:
    """Return equal or different: clipped gradients, and a formula of each element.

    `rule` is norm, torch.nn.utils.clip_grad_norm_, or adaptive, of each unit. In the formula G is
    an element of the gradient, limit the threshold, and norm the gradient's Frobenius norm, of
    adaptive clipping the unit's, beside which weight is that of the unit's weights.
    """
    adaptive = arguments.choice("rule") == "adaptive"
    found: list[Tensor] = []
    letters: dict[str, list[float]] = {"G": [], "limit": [], "norm": []}
    if adaptive:
        letters["weight"] = []
    for limit, scale in itertools.product(LIMITS, SCALES):
        weight, gradient = sample("W", ROWS, COLUMNS), 20 * scale * sample("G", ROWS, COLUMNS)
        norms = _norm_of_units(gradient) if adaptive else gradient.norm().expand(ROWS, 1)
        letters["G"] += gradient.flatten().tolist()
        letters["limit"] += [limit] * gradient.numel()
        letters["norm"] += norms.expand_as(gradient).flatten().tolist()
        if adaptive:
            weights = _norm_of_units(weight).clamp(min=LEAST_NORM)
            letters["weight"] += weights.expand_as(gradient).flatten().tolist()
            found.append(adaptively_clipped(weight, gradient, limit))
        else:
            found.append(_clipped(gradient, limit))
    expected = arguments.worked(arguments.text("formula"), letters)
    clipped = torch.cat([one.flatten() for one in found])
    largest = float((clipped - expected).abs().div(clipped.abs()).max())
    return "equal" if math.isfinite(largest) and largest <= CLIPPED else "different"


def _clipped(gradient: Tensor, limit: float) -> Tensor:
    parameter = nn.Parameter(torch.zeros_like(gradient))
    parameter.grad = clipped = gradient.clone()
    nn.utils.clip_grad_norm_([parameter], limit)  # in place
    return clipped


def adaptively_clipped(weight: Tensor, gradient: Tensor, limit: float) -> Tensor:
    """Return a gradient of which no unit's norm exceeds `limit` times its weights'.

    A unit is a row of out x in. Brock et al. 2021, arXiv 2102.06171, equation 3:
    G_i becomes λ ‖W_i‖*/‖G_i‖ G_i where ‖G_i‖/‖W_i‖* > λ, with ‖W_i‖* = max(‖W_i‖, 1e-3).
    """
    weights, gradients = _norm_of_units(weight).clamp(min=LEAST_NORM), _norm_of_units(gradient)
    return torch.where(
        gradients > limit * weights, limit * weights / gradients * gradient, gradient
    )


def _norm_of_units(matrix: Tensor) -> Tensor:
    """Return the norm of each row, rows x 1."""
    norms: Tensor = torch.linalg.vector_norm(matrix, dim=1, keepdim=True)
    return norms
