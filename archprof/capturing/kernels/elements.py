"""What operators that compute element by element do in training."""

from __future__ import annotations

from archprof.autograd.chains import Gradients, added_product, chained, combined, unlearned
from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.norms import softmax
from archprof.autograd.pointwise import (
    Keeps,
    add,
    divide,
    dropout,
    multiply,
    prelu,
    scaled,
    shifted,
    summed_to,
    unary,
)
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.capturing.played import Given, Program

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
    def program(given: Given) -> FakeTensor:
        return chained(given.run, given.first, given.name, keeps, kernels, given.inplace)

    return program


def _activation(keeps: Keeps, in_place: Keeps) -> Program:
    def program(given: Given) -> FakeTensor:
        kept = in_place if given.inplace else keeps
        return unary(given.run, given.first, given.name, kept, given.inplace)

    return program


def _gelu(given: Given) -> FakeTensor:
    name = "gelu_tanh" if given.get("approximate", "none") == "tanh" else "gelu"
    return unary(given.run, given.first, name, "input", given.inplace)


def _softmax(given: Given) -> FakeTensor:
    return softmax(given.run, given.first)


def _log_softmax(given: Given) -> FakeTensor:
    return softmax(given.run, given.first, "_log_softmax")


def _glu(given: Given) -> FakeTensor:
    run, x = given.run, given.first
    source, size = x.shape, x.itemsize
    made = new(run, contiguous(given.shape), size, "glu")
    return attach(
        run, "glu", made, [x], [x], lambda _: [new(run, contiguous(source), size, "glu_backward")]
    )


def _prelu(given: Given) -> FakeTensor:
    return prelu(given.run, given["self"], given["weight"])


# --- sums ---


def _two(given: Given) -> bool:
    return given.has("self") and given.has("other")


def _plain(given: Given) -> FakeTensor:
    if given.inplace:
        made = given.first.viewed(given.first.layout)
        given.run.note(given.kernel)
        return made
    return unlearned(given.run, given.name, given.all, given.itemsize, given.layout)


def _add(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    if not _two(given):
        return _shifted(given)
    first, second = given["self"], given["other"]
    if given.get("alpha", 1) != 1 and not given.inplace:
        return combined(given.run, "add", [first, second], [], [(0, ""), (1, "mul.Scalar")])
    return add(given.run, first, second, given.inplace)


def _shifted(given: Given) -> FakeTensor:
    x = given.first
    if not given.inplace:
        return shifted(given.run, x, given.name)
    made = x.viewed(x.layout)
    given.run.note(given.kernel)
    return attach(given.run, given.kernel, made, [x], (), lambda gradient: [gradient])


def _subtract(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    if not _two(given):
        return _shifted(given)
    gradients: Gradients = [(0, ""), (1, "neg")]
    if given.get("alpha", 1) != 1:
        gradients = [(0, ""), (1, "neg mul")]
    return _written(given, "sub", [given["self"], given["other"]], gradients)


def _subtract_from(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    if not _two(given):
        return chained(given.run, given.first, "rsub", "nothing", "neg")
    return combined(given.run, "rsub", [given["self"], given["other"]], [], [(0, "neg"), (1, "")])


def _written(given: Given, name: str, inputs: list[FakeTensor], gradients: Gradients) -> FakeTensor:
    """Return an elementwise function that keeps nothing, in place where the operator is."""
    return combined(given.run, name, inputs, [], gradients, given.inplace)


# --- products ---


def _multiply(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    if not _two(given):
        return scaled(given.run, given.first, inplace=given.inplace)
    if given.inplace:
        return _multiply_in_place(given.run, given["self"], given["other"])
    return multiply(given.run, given["self"], given["other"])


def _multiply_in_place(run: Run, x: FakeTensor, y: FakeTensor) -> FakeTensor:
    """Return a product in the memory of the first factor, which is copied where the second one
    needs it.
    """
    kept = new(run, elementwise(x.layout), x.itemsize, "clone") if y.trains else None
    made = x.viewed(x.layout)
    run.note("mul_")
    first, second = (x.layout, x.trains), (y.layout, y.trains)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = [None, None]
        size = gradient.itemsize
        product = None
        if second[1]:
            product = new(run, elementwise(gradient.layout, first[0]), size, "mul")
        if first[1]:
            found[0] = new(run, elementwise(gradient.layout, second[0]), size, "mul")
        if product is not None:
            found[1] = summed_to(run, product, second[0].shape)
        return found

    return attach(run, "mul_", made, [x, y], [kept, y if x.trains else None], back)


def _divide(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    if _two(given):
        return divide(given.run, given["self"], given["other"])
    return scaled(given.run, given.first, "div", given.inplace)


def _power(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    if given.has("exponent") or not given.has("self"):
        return unlearned(given.run, "pow", given.all, given.itemsize, given.layout)
    return chained(given.run, given.first, "pow", "input", "pow mul mul", given.inplace)


def _add_product(given: Given) -> FakeTensor:
    whole = [given["self"], given["tensor1"], given["tensor2"]]
    return added_product(given.run, whole[0], whole[1], whole[2], given.inplace)


def _add_quotient(given: Given) -> FakeTensor:
    whole = [given["self"], given["tensor1"], given["tensor2"]]
    gradients = [(0, ""), (1, "empty_like mul"), (2, "mul mul.Scalar div neg mul")]
    return combined(given.run, "addcdiv", whole, [whole[1], whole[2]], gradients)


def _interpolated(given: Given) -> FakeTensor:
    ends = [given["self"], given["end"]]
    if given.has("weight"):
        whole = [*ends, given["weight"]]
        gradients = [(1, "mul"), (0, "empty_like mul"), (2, "sub mul")]
        return combined(given.run, "lerp", whole, whole, gradients)
    return combined(given.run, "lerp", ends, [], [(0, "mul.Scalar"), (1, "mul.Scalar")])


# --- choices ---


def _clamp(given: Given) -> FakeTensor:
    if not given.learned or given.has("min") or given.has("max"):
        return _plain(given)
    least = given.get("min") is not None or given.name == "clamp_min"
    most = given.get("max") is not None or given.name == "clamp_max"
    kernels = ["scalar_tensor"] + ["ge"] * least + ["le"] * most + ["where"]
    return chained(given.run, given.first, given.name, "input", " ".join(kernels), given.inplace)


def _extreme(given: Given) -> FakeTensor:
    whole = [given["self"], given["other"]]
    gradients = [(1, "div eq where* gt"), (0, "div eq where* lt")]
    return combined(given.run, given.name, whole, whole, gradients)


def _where(given: Given) -> FakeTensor:
    if not (given.has("self") or given.has("other")):
        return _plain(given)
    run, condition = given.run, given["condition"]
    sides = [given.maybe("self"), given.maybe("other")]
    number = None
    if None in sides:
        number = new(run, contiguous(()), given.itemsize, "scalar_tensor")
    whole = [condition, *(number if side is None else side for side in sides)]
    inputs = [each for each in whole if each is not None]
    gradients = [(1, "scalar_tensor where"), (2, "scalar_tensor where")]
    return combined(run, "where", inputs, [condition], gradients)


def _masked(given: Given) -> FakeTensor:
    if not given.learned:
        return _plain(given)
    whole = [given["self"], given["mask"]]
    gradients = [(0, "masked_fill")]
    return combined(given.run, "masked_fill", whole, [whole[1]], gradients, given.inplace)


# --- off in evaluation ---


def _dropout(given: Given) -> FakeTensor:
    if not given.get("p", 0.5):
        return given.first
    if given.inplace:
        run, x = given.run, given.first
        mask = new(run, elementwise(x.layout), x.itemsize, "empty_like")
        return _multiply_in_place(run, x, mask)
    return dropout(given.run, given.first)


def _feature_dropout(given: Given) -> FakeTensor:
    x = given.first
    if not given.get("p", 0.5):
        return x
    ones = [1] * (len(x.shape) - 2)
    mask = new(given.run, contiguous((*x.shape[:2], *ones)), x.itemsize, "new_empty")
    if given.inplace:
        return _multiply_in_place(given.run, x, mask)
    return multiply(given.run, x, mask)


ELEMENTS: dict[str, Program] = {
    **{name: _function(*rule) for name, rule in FUNCTIONS.items()},
    **{name: _activation(*keeps) for name, keeps in ACTIVATIONS.items()},
    **dict.fromkeys(UNLEARNED, _plain),
    "gelu": _gelu,
    "softmax": _softmax,
    "_softmax": _softmax,
    "_safe_softmax": _softmax,
    "log_softmax": _log_softmax,
    "glu": _glu,
    "prelu": _prelu,
    "add": _add,
    "sub": _subtract,
    "rsub": _subtract_from,
    "mul": _multiply,
    "div": _divide,
    "true_divide": _divide,
    "pow": _power,
    "addcmul": _add_product,
    "addcdiv": _add_quotient,
    "lerp": _interpolated,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "maximum": _extreme,
    "minimum": _extreme,
    "where": _where,
    "masked_fill": _masked,
    "dropout": _dropout,
    "feature_dropout": _feature_dropout,
    "fill": _plain,
    "zero": _plain,
}
"""What each operator does, by torch's name; a dropout, nothing in evaluation, does something."""
