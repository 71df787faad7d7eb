"""What the backward pass of a kernel costs beside multiply-accumulates, in FLOPs per element.

Per element of the input's gradient. Counted as the forward table in archprof/ops/rates.py counts: a
transcendental function is 1, and so is every addition, multiplication, division and comparison. The
gradients of convolutions and matrix products are multiply-accumulates and in no table; a bias adds
up the gradients of its outputs, 1 for each.
"""

BACKWARD: dict[str, int] = {
    "relu": 1,  # the gradient where the output is positive: a comparison
    "relu6": 2,  # two comparisons
    "hardtanh": 2,
    "leaky_relu": 2,  # a comparison and a multiplication
    "prelu": 4,  # the same for the input, and for the slope, which is then added up
    "sigmoid": 3,  # g * y * (1 - y)
    "tanh": 3,  # g * (1 - y * y)
    "silu": 9,  # the sigmoid s again (4), then g * s * (1 + x * (1 - s))
    # g * (P + x * p) (3): the distribution P = (1 + erf(x/sqrt 2))/2 (4) and its density
    # p = c * exp(-x*x/2) (4)
    "gelu": 11,
    # the cubic and its tanh t again (6); (1 + t)/2 (2); x/2 * (1 - t*t) (4) times the derivative of
    # the cubic (4), added, times g (2)
    "gelu_tanh": 18,
    "hardsigmoid": 3,  # two comparisons and a multiplication
    "hardswish": 5,  # two comparisons, x/3 + 1/2, times g
    "elu": 4,  # a comparison, g * alpha * exp(x)
    "celu": 5,  # the same of x / alpha
    "selu": 5,  # times the scale as well
    "softplus": 6,  # g * the sigmoid (4) of beta * x
    "mish": 15,  # sigmoid s (4), t = tanh(log(1 + exp(x))) (4), g * (t + x * s * (1 - t * t)) (7)
    "logsigmoid": 5,  # g * the sigmoid (4) of -x
    "glu": 5,  # per half: the sigmoid s (4) and g * s; g * a * s * (1 - s) with the same s
    "softmax": 4,  # y * (g - sum(g * y))
    "log_softmax": 4,  # g - exp(y) * sum(g)
    "batch_norm": 9,  # sums of g and g * x^ (3), then (g - mean - x^ * mean) * scale; x^ again (2)
    "layer_norm": 11,  # as batch norm, with the scale applied first and its gradient summed (2)
    "group_norm": 11,
    "max_pool": 1,  # an addition at the index
    "avg_pool": 2,  # a division, and an addition for each window
    "mean": 1,  # a division
    "dropout": 1,  # times the mask
    "mul": 1,
    "div": 2,
    "pow": 3,
    "interpolate": 7,
    "pad": 1,  # an addition for each element that was mirrored or repeated
}
