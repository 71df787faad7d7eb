"""What operators that compute element by element do in training."""

from __future__ import annotations

from archprof.autograd.activations import glu
from archprof.autograd.chains import chained, clamp, combined
from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.norms import softmax
from archprof.autograd.pointwise import (
    Keeps,
    dropout,
    multiply,
    prelu,
    unary,
)
from archprof.autograd.tensor import FakeTensor, new
from archprof.capturing.arguments import Arguments, Program
from archprof.capturing.kernels.sums import multiply_in_place, plain

# of each function: what it keeps, and the kernels of its gradient, in order, as torch runs them
# (tools/autograd/derivatives.yaml)
FUNCTIONS: dict[str, tuple[Keeps, str]] = {
    "sigmoid": ("output", "sigmoid_backward"),
    "tanh": ("output", "tanh_backward"),
    "exp": ("output", "mul"),
    "expm1": ("output", "add mul"),
    "sqrt": ("output", "mul div"),
    "rsqrt": ("output", "pow mul mul"),
    "reciprocal": ("output", "mul neg mul"),
    "log": ("input", "div"),
    "log2": ("input", "mul div"),
    "log10": ("input", "mul div"),
    "log1p": ("input", "add div"),
    "sin": ("input", "cos mul"),
    "cos": ("input", "sin neg mul"),
    "tan": ("output", "pow add mul"),
    "asin": ("input", "neg mul add rsqrt mul"),
    "acos": ("input", "neg mul add rsqrt neg mul"),
    "atan": ("input", "mul add div"),
    "sinh": ("input", "cosh mul"),
    "cosh": ("input", "sinh mul"),
    "asinh": ("input", "pow add rsqrt mul"),
    "acosh": ("input", "mul sub rsqrt mul"),
    "atanh": ("input", "pow empty_like mul div"),
    "erf": ("input", "pow neg exp mul mul"),
    "abs": ("input", "sgn mul"),
    "square": ("input", "pow mul mul"),
    "neg": ("nothing", "neg"),
    "sign": ("nothing", "zeros_like"),
    "floor": ("nothing", "zeros_like"),
    "ceil": ("nothing", "zeros_like"),
    "round": ("nothing", "zeros_like"),
    "tril": ("nothing", "tril"),
    "triu": ("nothing", "triu"),
}
# those whose gradient is one kernel: how autograd's rates name them
ACTIVATIONS: dict[str, tuple[Keeps, Keeps]] = {
    "relu": ("output", "output"),
    "relu6": ("input", "input"),
    "hardtanh": ("input", "input"),
    "leaky_relu": ("input", "output"),  # in place the output's sign says as much
    "silu": ("input", "input"),
    "hardsigmoid": ("input", "input"),
    "hardswish": ("input", "input"),
    "elu": ("input", "output"),
    "celu": ("input", "output"),
    "selu": ("input", "output"),
    "mish": ("input", "input"),
    "softplus": ("input", "input"),
    "threshold": ("input", "output"),
    "softshrink": ("input", "input"),
}
"""What is kept out of place, and in place."""

UNLEARNED = [
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "isnan",
    "isinf",
    "logical_and",
    "logical_or",
    "logical_not",
    "logical_xor",
    "bitwise_and",
    "bitwise_or",
    "bitwise_not",
    "bitwise_xor",
    "__and__",
    "__or__",
    "remainder",
    "fmod",
    "floor_divide",
    "argmax",
    "argmin",
    "any",
    "all",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "count_nonzero",
    "argsort",
    "one_hot",
]


def _function(keeps: Keeps, kernels: str) -> Program:
    def program(given: Arguments) -> FakeTensor:
        return chained(given.run, given.first, given.name, keeps, kernels, given.inplace)

    return program


def _activation(keeps: Keeps, in_place: Keeps) -> Program:
    def program(given: Arguments) -> FakeTensor:
        kept = in_place if given.inplace else keeps
        return unary(given.run, given.first, given.name, kept, given.inplace)

    return program


def _gelu(given: Arguments) -> FakeTensor:
    name = "gelu_tanh" if given.get("approximate", "none") == "tanh" else "gelu"
    return unary(given.run, given.first, name, "input", given.inplace)


def _softmax(given: Arguments) -> FakeTensor:
    return softmax(given.run, given.first)


def _log_softmax(given: Arguments) -> FakeTensor:
    return softmax(given.run, given.first, "_log_softmax")


def _glu(given: Arguments) -> FakeTensor:
    return glu(given.run, given.first, given.shape)


def _prelu(given: Arguments) -> FakeTensor:
    return prelu(given.run, given["self"], given["weight"])


# --- choices ---


def _clamp(given: Arguments) -> FakeTensor:
    if not given.learned or given.has("min") or given.has("max"):
        return plain(given)
    least = given.get("min") is not None or given.name == "clamp_min"
    most = given.get("max") is not None or given.name == "clamp_max"
    return clamp(given.run, given.first, least, most, given.inplace, given.name)


def _extreme(given: Arguments) -> FakeTensor:
    whole = [given["self"], given["other"]]
    gradients = [(1, "div eq where* gt"), (0, "div eq where* lt")]
    return combined(given.run, given.name, whole, whole, gradients)


def _where(given: Arguments) -> FakeTensor:
    if not (given.has("self") or given.has("other")):
        return plain(given)
    run, condition = given.run, given["condition"]
    sides = [given.maybe("self"), given.maybe("other")]
    number = None
    if None in sides:
        number = new(run, contiguous(()), given.itemsize, "scalar_tensor")
    whole = [condition, *(number if side is None else side for side in sides)]
    inputs = [each for each in whole if each is not None]
    gradients = [(1, "scalar_tensor where"), (2, "scalar_tensor where")]
    return combined(run, "where", inputs, [condition], gradients)


def _masked(given: Arguments) -> FakeTensor:
    if not given.learned:
        return plain(given)
    whole = [given["self"], given["mask"]]
    gradients = [(0, "masked_fill")]
    return combined(given.run, "masked_fill", whole, [whole[1]], gradients, given.inplace)


# --- off in evaluation ---


def _dropout(given: Arguments) -> FakeTensor:
    if not given.get("p", 0.5):
        return given.first
    if given.inplace:
        run, x = given.run, given.first
        mask = new(run, elementwise(x.layout), x.itemsize, "empty_like")
        return multiply_in_place(run, x, mask)
    return dropout(given.run, given.first)


def _feature_dropout(given: Arguments) -> FakeTensor:
    x = given.first
    if not given.get("p", 0.5):
        return x
    ones = [1] * (len(x.shape) - 2)
    mask = new(given.run, contiguous((*x.shape[:2], *ones)), x.itemsize, "new_empty")
    if given.inplace:
        return multiply_in_place(given.run, x, mask)
    return multiply(given.run, x, mask)


ELEMENTS: dict[str, Program] = {
    **{name: _function(*rule) for name, rule in FUNCTIONS.items()},
    **{name: _activation(*keeps) for name, keeps in ACTIVATIONS.items()},
    **dict.fromkeys(UNLEARNED, plain),
    "gelu": _gelu,
    "softmax": _softmax,
    "_softmax": _softmax,
    "_safe_softmax": _softmax,
    "log_softmax": _log_softmax,
    "glu": _glu,
    "prelu": _prelu,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "maximum": _extreme,
    "minimum": _extreme,
    "where": _where,
    "masked_fill": _masked,
    "dropout": _dropout,
    "zero": plain,
    "fill": plain,
    "feature_dropout": _feature_dropout,
}
"""What each operator does, by torch's name; a dropout, nothing in evaluation, does something."""
