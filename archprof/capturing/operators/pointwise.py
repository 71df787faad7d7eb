"""Operators that compute each output from the elements at its own place."""

from __future__ import annotations

import math
from collections.abc import Callable

from archprof.capturing.operands import Operands
from archprof.capturing.operators.row import (
    Keeps,
    Operator,
    broadcast,
    keep_factors,
    keep_input,
    keep_output,
    nothing,
    per_output,
)
from archprof.ops import OPS
from archprof.ops.base import Op
from archprof.ops.rates import RATES


def _activation(name: str) -> Callable[[Operands], Op | None]:
    """Return archprof's activation of a name, in place where the operator is."""

    def becomes(operands: Operands) -> Op | None:
        kind = OPS[name]
        if in_place(operands) and "inplace" not in kind.settings:
            return None
        return kind(inplace=True) if in_place(operands) else kind()

    return becomes


def in_place(operands: Operands) -> bool:
    """Whether the operator overwrites its first argument: torch's names for these end in `_`."""
    return operands.operation.operator.split(".")[1].endswith("_")


def _named(operands: Operands) -> str:
    """Return archprof's name of an activation that it calls as torch does."""
    return operands.operation.operator.split(".")[1].removesuffix("_")


def _gelu(operands: Operands) -> Op | None:
    return OPS["gelu"](approximate=operands.get("approximate", "none"))


def _hardtanh(operands: Operands) -> Op | None:
    bounds = operands.get("min_val", -1), operands.get("max_val", 1)
    if bounds == (0, 6):
        return OPS["relu6"](inplace=in_place(operands))
    return OPS["hardtanh"](min_val=bounds[0], max_val=bounds[1], inplace=in_place(operands))


def _elu(operands: Operands) -> Op | None:
    if (operands.get("scale", 1), operands.get("input_scale", 1)) != (1, 1):
        return None
    return OPS[_named(operands)](alpha=operands.get("alpha", 1.0), inplace=in_place(operands))


def _softplus(operands: Operands) -> Op | None:
    return OPS["softplus"](
        beta=operands.get("beta", 1.0), threshold=operands.get("threshold", 20.0)
    )


def _leaky_relu(operands: Operands) -> Op | None:
    slope = operands.get("negative_slope", 0.01)
    return OPS["leaky_relu"](slope=slope, inplace=in_place(operands))


def _glu(operands: Operands) -> Op | None:
    dim = operands.first().dim(operands.get("dim", -1))
    return None if dim is None else OPS["glu"](dim=dim)


def _softmax(operands: Operands) -> Op | None:
    dim = operands.first().dim(operands.get("dim", -1))
    return None if dim is None else OPS[_named(operands)](dim=dim)


def _number(operands: Operands, name: str = "other") -> float | None:
    """Return an argument that is a plain number, None for a tensor and for nothing."""
    found = operands.get(name)
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def _add(operands: Operands) -> Op | None:
    if operands.get("alpha", 1) != 1:
        return None
    amount = _number(operands)
    if amount is not None:
        return None if in_place(operands) else OPS["shift_by"](amount=amount)
    return OPS["add"](inplace=in_place(operands)) if len(operands.inputs) == 2 else None


def _subtract(operands: Operands) -> Op | None:
    if operands.get("alpha", 1) != 1 or in_place(operands):
        return None
    amount = _number(operands)
    if amount is not None:
        return OPS["shift_by"](amount=-amount)
    return OPS["subtract"]() if len(operands.inputs) == 2 else None


def _negative(operands: Operands) -> Op | None:
    return OPS["scale_by"](factor=-1, inplace=in_place(operands))


def _divide(operands: Operands) -> Op | None:
    if operands.get("rounding_mode") is not None:
        return None
    divisor = _number(operands)
    if divisor is not None:
        # of a power of two the product is the same number
        exact = abs(math.frexp(divisor)[0]) == 0.5
        factor = 1 / divisor if exact else None
        return OPS["scale_by"](factor=factor, inplace=in_place(operands)) if factor else None
    return _of_two(operands)


def _of_two(operands: Operands) -> Op | None:
    """Return archprof's op of two tensors, which is named otherwise where torch shortens."""
    if len(operands.inputs) != 2 or in_place(operands):
        return None
    named = _named(operands)
    return OPS[{"div": "divide", "true_divide": "divide"}.get(named, named)]()


def _power(operands: Operands) -> Op | None:
    exponent = _number(operands, "exponent")
    return None if exponent is None or in_place(operands) else OPS["pow"](exponent=exponent)


def _clamp(operands: Operands) -> Op | None:
    bounds = {name: _number(operands, name) for name in ("min", "max")}
    given = [name for name in bounds if operands.get(name) is not None]
    if in_place(operands) or any(bounds[name] is None for name in given):
        return None
    return OPS["clamp"](**bounds)


def _multiply(operands: Operands) -> Op | None:
    factor = _number(operands)
    if factor is not None:
        return OPS["scale_by"](factor=factor, inplace=in_place(operands))
    if in_place(operands):
        return None
    if len(operands.inputs) == 2:
        return OPS["multiply"]()
    weights = [t for t in (operands.tensor("self"), operands.tensor("other"))]
    bare = [t for t in weights if t.number not in operands.placed]
    if len(bare) != 1 or len(operands.inputs) != 1:
        return None
    return OPS["scale"](size=list(bare[0].full))


def _keep_power(operands: Operands) -> Keeps:
    return [operands.kept("self")]


def _keep_divided(operands: Operands) -> Keeps:
    if not operands.has("other"):
        return ()
    return [operands.kept("self", "other"), operands.kept("other")]


def _keep_interpolated(operands: Operands) -> Keeps:
    if not operands.has("weight"):  # a number
        return ()
    ends = [operands.kept("self", "weight"), operands.kept("end", "weight")]
    return [operands.kept("weight"), *ends]


def _row(
    rate: int,
    keeps: Callable[[Operands], Keeps] | None = None,
    becomes: Callable[[Operands], Op | None] | None = None,
) -> Operator:
    formula = f"{rate} per output"
    return Operator("activation", per_output(rate), formula, becomes, keeps, broadcast)


_INPUT = keep_input("self")

POINTWISE: dict[str, Operator] = {
    # --- activations, with the rates of archprof's own ---
    "relu": _row(RATES["relu"], keep_output, _activation("relu")),
    "relu6": _row(RATES["relu6"], _INPUT, _activation("relu6")),
    "hardtanh": _row(RATES["relu6"], _INPUT, _hardtanh),
    "leaky_relu": _row(RATES["leaky_relu"], _INPUT, _leaky_relu),
    "prelu": _row(RATES["prelu"], keep_input("self", "weight")),
    "sigmoid": _row(RATES["sigmoid"], keep_output, _activation("sigmoid")),
    "tanh": _row(RATES["tanh"], keep_output, _activation("tanh")),
    "silu": _row(RATES["silu"], _INPUT, _activation("silu")),
    "gelu": _row(RATES["gelu"], _INPUT, _gelu),
    "hardsigmoid": _row(RATES["hardsigmoid"], _INPUT, _activation("hardsigmoid")),
    "hardswish": _row(RATES["hardswish"], _INPUT, _activation("hardswish")),
    "softmax": _row(RATES["softmax"], keep_output, _softmax),
    "_softmax": _row(RATES["softmax"], keep_output),
    "_safe_softmax": _row(RATES["softmax"], keep_output),
    "log_softmax": _row(RATES["log_softmax"], keep_output, _softmax),
    "elu": _row(RATES["elu"], _INPUT, _elu),
    "celu": _row(RATES["celu"], _INPUT, _elu),
    "selu": _row(RATES["selu"], _INPUT, _activation("selu")),
    "mish": _row(RATES["mish"], _INPUT, _activation("mish")),
    "softplus": _row(RATES["softplus"], _INPUT, _softplus),
    "glu": _row(RATES["glu"], _INPUT, _glu),
    "erf": _row(1, _INPUT),
    # --- sums and products: one step each ---
    "add": _row(1, nothing, _add),
    "sub": _row(1, nothing, _subtract),
    "rsub": _row(1, nothing),
    "neg": _row(1, nothing, _negative),
    "mul": _row(1, keep_factors("self", "other"), _multiply),
    "div": _row(1, _keep_divided, _divide),
    "true_divide": _row(1, _keep_divided, _divide),
    "reciprocal": _row(1, keep_output),
    "addcmul": _row(2, keep_factors("tensor1", "tensor2")),
    "addcdiv": _row(2, keep_input("tensor1", "tensor2")),
    "lerp": _row(3, _keep_interpolated),  # subtract, multiply, add
    # --- functions: one step each ---
    "pow": _row(1, _keep_power, _power),
    "square": _row(1, _INPUT),
    "sqrt": _row(1, keep_output, _activation("sqrt")),
    "rsqrt": _row(1, keep_output),
    "exp": _row(1, keep_output, _activation("exp")),
    "expm1": _row(1, keep_output),
    "log": _row(1, _INPUT, _activation("log")),
    "log2": _row(1, _INPUT),
    "log10": _row(1, _INPUT),
    "log1p": _row(1, _INPUT),
    "sin": _row(1, _INPUT, _activation("sin")),
    "cos": _row(1, _INPUT, _activation("cos")),
    "tan": _row(1, _INPUT),
    "asin": _row(1, _INPUT),
    "acos": _row(1, _INPUT),
    "atan": _row(1, _INPUT),
    "sinh": _row(1, _INPUT),
    "cosh": _row(1, _INPUT),
    "asinh": _row(1, _INPUT),
    "acosh": _row(1, _INPUT),
    "atanh": _row(1, _INPUT),
    "threshold": _row(1, _INPUT),
    "softshrink": _row(2, _INPUT),  # a comparison and a sum
    "bitwise_left_shift": _row(1, nothing),
    "bitwise_right_shift": _row(1, nothing),
    # --- to a few bits and back: no gradient goes through ---
    "quantize_per_tensor": _row(4, nothing),  # divide, round, add the zero point, clamp
    "quantize_per_tensor_dynamic": _row(6, nothing),  # and the least and the largest before
    "dequantize": _row(2, nothing),  # less the zero point, times the scale
    "atan2": _row(1, keep_input("self", "other")),
    "abs": _row(1, _INPUT, _activation("abs")),
    # --- comparisons and rounding: one step each, through which no gradient goes ---
    "sign": _row(1, nothing),
    "floor": _row(1, nothing),
    "ceil": _row(1, nothing),
    "round": _row(1, nothing),
    "clamp": _row(1, _INPUT, _clamp),
    "clamp_min": _row(1, _INPUT),
    "clamp_max": _row(1, _INPUT),
    "maximum": _row(1, keep_input("self", "other"), _of_two),
    "minimum": _row(1, keep_input("self", "other"), _of_two),
    "where": _row(1, keep_input("condition")),
    "masked_fill": _row(1, keep_input("mask")),
    "eq": _row(1, nothing),
    "ne": _row(1, nothing),
    "lt": _row(1, nothing),
    "le": _row(1, nothing),
    "gt": _row(1, nothing),
    "ge": _row(1, nothing),
    "isnan": _row(1, nothing),
    "isinf": _row(1, nothing),
    "logical_and": _row(1, nothing),
    "logical_or": _row(1, nothing),
    "logical_not": _row(1, nothing),
    "logical_xor": _row(1, nothing),
    "bitwise_and": _row(1, nothing),
    "bitwise_or": _row(1, nothing),
    "bitwise_not": _row(1, nothing),
    "bitwise_xor": _row(1, nothing),
    "__and__": _row(1, nothing),
    "__or__": _row(1, nothing),
    "remainder": _row(1, nothing),
    "fmod": _row(1, nothing),
    "floor_divide": _row(1, nothing),
    "fill": _row(0, nothing),
    "zero": _row(0, nothing),
    "tril": _row(0, nothing),
    "triu": _row(0, nothing),
    "cumsum": Operator("activation", per_output(1), "1 per output", keeps=nothing),
    "cumprod": Operator("activation", per_output(1), "1 per output", keeps=keep_input("self")),
}
"""Elementwise operators; a name without the `_` of those that work in place."""
