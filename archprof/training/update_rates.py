"""What an update costs, in FLOPs per element of a parameter.

Counted as archprof/ops/rates.py counts: a transcendental function is 1, and so is every addition,
multiplication, division and comparison. What is done once for a parameter or for all of them is
left out: 1 - beta ** step, a clipping factor. p: the parameter, g: its gradient.
"""

from __future__ import annotations

import math

from archprof.training.optimizers import Shape, UpdateRule, factors

UPDATE: dict[str, int] = {
    "sgd": 2,  # p - lr * g
    "momentum": 4,  # b = mu * b + g; p - lr * b
    "nesterov": 6,  # b = mu * b + g; g + mu * b; p - lr * that
    # m + (g - m) * (1 - beta1): 3; beta2 * v + (1 - beta2) * g * g: 4; sqrt(v) / c + eps: 3;
    # p - lr * m / that: 3
    "adam": 13,
    "adamw": 13,
    "rmsprop": 9,  # the same v: 4; sqrt(v) + eps: 2; p - lr * g / that: 3
    "lion": 9,  # sign(beta1 * m + (1 - beta1) * g): 4; p - lr * that: 2; m as above: 3
    # Adam's; each of two states is read (times its block's scale) and written (the largest of the
    # block, divided by it, 8 comparisons to find the nearest of 256 values): 2 * 11
    "adam8bit": 35,
    # the norms of p, of rows and of columns of g: 2 each; their product over the rows' mean: 2;
    # clamped, 1/sqrt, times g: 3; the norm of that: 2; p + lr * that: 2
    "adafactor": 15,
    # of a vector: the norm of p: 2; g * g: 1; v + (g * g - v) * w: 3; and the last 7 of above
    "adafactor of a vector": 13,
}
FACTOR = 5  # of Adafactor's row and column factors, an element: squared, divided, and v as above
AMSGRAD = 1  # the larger of two second moments
DECAY_OF_GRADIENTS = 2  # g + decay * p
DECAY_OF_WEIGHTS = 1  # p * (1 - lr * decay)
CLIPPING = 3  # g * g, added up; g times a factor
UNSCALING = 2  # whether it is finite; g times a factor
CHECKING = 2  # the same, by a factor of 1, before a fused kernel
UNSCALING_IN_KERNEL = 1  # g over the scale, in a fused kernel
AVERAGING = 3  # a + (p - a) * (1 - decay)


def update_flops(rule: UpdateRule, shape: Shape) -> int:
    """Return the FLOPs of the optimizer's step for one parameter, without what is done around
    it.
    """
    elements = math.prod(shape)
    rate = UPDATE[rule.name]
    if rule.amsgrad:
        rate += AMSGRAD
    if rule.decays:
        rate += DECAY_OF_GRADIENTS if rule.decays_gradients else DECAY_OF_WEIGHTS
    if rule.name != "adafactor":
        return rate * elements
    if len(shape) < 2:
        rate += UPDATE["adafactor of a vector"] - UPDATE["adafactor"]
        return rate * elements
    of_factors = sum(math.prod(each) for each in factors(shape))
    return rate * elements + FACTOR * of_factors
