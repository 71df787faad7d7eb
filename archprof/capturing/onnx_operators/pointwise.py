"""Elementwise operators of ONNX."""

from __future__ import annotations

import math
from typing import Any

from archprof.capturing.onnx.values import DTYPES
from archprof.capturing.onnx_operators.given import Given, OnnxOperator, direct, same


def _commuted(operator: str) -> OnnxOperator:
    """Return the row of a sum or a product, its tensor first and a number behind it."""

    def write(given: Given) -> None:
        first, second = given.scalar(0), given.scalar(1)
        if isinstance(first, (int, float)):
            first, second = second, first
        given.emit(operator, {"self": first, "other": second})

    return OnnxOperator(write, _broadcast)


def _broadcast(given: Given) -> list[tuple[int, ...] | None]:
    """Return the shape of two tensors that broadcast."""
    first, second = given.shape(0), given.shape(1)
    rank = max(len(first), len(second))
    first = (1,) * (rank - len(first)) + first
    second = (1,) * (rank - len(second)) + second
    pairs = zip(first, second, strict=True)
    return [tuple(max(a, b) if a and b else 0 for a, b in pairs)]


def _sub(given: Given) -> None:
    first, second = given.scalar(0), given.scalar(1)
    if isinstance(first, (int, float)):
        given.emit("aten.rsub.Scalar", {"self": second, "other": first})
    else:
        given.emit("aten.sub.Tensor", {"self": first, "other": second})


def _many(operator: str, mean: bool = False) -> OnnxOperator:
    """Return the row of an operator over any number of tensors: one after the other."""

    def write(given: Given) -> None:
        count = len(given.inputs)
        found = given.scalar(0)
        for i in range(1, count):
            arguments = {"self": found, "other": given.scalar(i)}
            if i == count - 1 and not mean:
                given.emit(operator, arguments)
                return
            found = given.between(operator, arguments, given.output)
        if mean and count > 1:
            given.emit("aten.div.Tensor", {"self": found, "other": count})
        else:
            given.emit("aten.alias.default", {"self": found})

    return OnnxOperator(write)


def _clip(given: Given) -> None:
    """Write a clip; between 0 and 6 it is what torch calls relu6."""
    low, high = given.setting("min", 1), given.setting("max", 2)
    if (low, high) == (0, 6):
        arguments = {"self": given.value(0), "min_val": 0.0, "max_val": 6.0}
        given.emit("aten.hardtanh.default", arguments)
        return
    arguments = {"self": given.value(0), "min": low, "max": high}
    given.emit("aten.clamp.default", arguments)


def _hard_sigmoid(given: Given) -> None:
    """Write a hard sigmoid: torch's has the slope 1/6; Keras's 1/5 needs three operators."""
    slope, offset = given.attribute("alpha", 0.2), given.attribute("beta", 0.5)
    if math.isclose(slope, 1 / 6, rel_tol=1e-4) and offset == 0.5:
        given.emit("aten.hardsigmoid.default", {"self": given.value(0)})
        return
    scaled = {"self": given.value(0), "other": slope}
    moved = {
        "self": given.between("aten.mul.Tensor", scaled, given.shape(0)),
        "other": offset,
    }
    shifted = given.between("aten.add.Tensor", moved, given.shape(0))
    given.emit("aten.clamp.default", {"self": shifted, "min": 0, "max": 1})


def _softmax(operator: str) -> OnnxOperator:
    """Return the row of a softmax, whose usual axis was 1 and is the last one now."""

    def write(given: Given) -> None:
        axis = given.axis("axis", 1 if given.version < 13 else -1)
        given.emit(operator, {"self": given.value(0), "dim": axis})

    return OnnxOperator(write, same)


def _gelu(given: Given) -> None:
    arguments = {"self": given.value(0), "approximate": given.attribute("approximate", "none")}
    given.emit("aten.gelu.default", arguments)


def _approximate_gelu(given: Given) -> None:
    """Write FastGelu, which may add a bias first."""
    source = given.value(0)
    if given.has(1):
        arguments = {"self": source, "other": given.weight(1, "bias")}
        source = given.between("aten.add.Tensor", arguments, given.shape(0))
    given.emit("aten.gelu.default", {"self": source, "approximate": "tanh"})


def _bias_gelu(given: Given) -> None:
    arguments = {"self": given.value(0), "other": given.weight(1, "bias")}
    added = given.between("aten.add.Tensor", arguments, given.shape(0))
    given.emit("aten.gelu.default", {"self": added})


def _swish(given: Given) -> None:
    """Write x*sigmoid(a*x), which for a = 1 is what torch calls silu."""
    if given.attribute("alpha", 1.0) == 1.0:
        given.emit("aten.silu.default", {"self": given.value(0)})
        return
    scaled = {"self": given.value(0), "other": given.attribute("alpha")}
    each = given.between("aten.mul.Tensor", scaled, given.shape(0))
    gate = given.between("aten.sigmoid.default", {"self": each}, given.shape(0))
    given.emit("aten.mul.Tensor", {"self": given.value(0), "other": gate})


def _softsign(given: Given) -> None:
    """Write x/(1 + |x|)."""
    size = given.between("aten.abs.default", {"self": given.value(0)}, given.shape(0))
    below = given.between("aten.add.Tensor", {"self": size, "other": 1}, given.shape(0))
    given.emit("aten.div.Tensor", {"self": given.value(0), "other": below})


def _shift(given: Given) -> None:
    side = "left" if given.attribute("direction") == "LEFT" else "right"
    operator = f"aten.bitwise_{side}_shift.Tensor"
    given.emit(operator, {"self": given.scalar(0), "other": given.scalar(1)})


def _prelu(given: Given) -> None:
    slope = given.weight(1, "weight", (given.known(1).elements,))
    given.emit("aten.prelu.default", {"self": given.value(0), "weight": slope})


def _with(operator: str, **names: str) -> OnnxOperator:
    """Return the row of an activation whose attributes have other names in ATen."""

    def write(given: Given) -> None:
        settings: dict[str, Any] = {
            name: given.attribute(there)
            for name, there in names.items()
            if given.attribute(there) is not None
        }
        settings = {name: float(f"{value:.6g}") for name, value in settings.items()}
        given.emit(operator, {"self": given.value(0)} | settings)

    return OnnxOperator(write, same)


def _cast(given: Given) -> None:
    to = given.attribute("to")
    dtype = DTYPES.get(to, "float32") if isinstance(to, int) else None
    given.emit("aten.to.dtype", {"self": given.value(0), "dtype": dtype})


def _modulo(given: Given) -> None:
    operator = "aten.fmod.Tensor" if given.attribute("fmod", 0) else "aten.remainder.Tensor"
    given.emit(operator, {"self": given.scalar(0), "other": given.scalar(1)})


def _dropout(given: Given) -> None:
    """Write a dropout, which evaluation passes through."""
    source = given.value(0)
    if source is not None:
        share = given.setting("ratio", 1, 0.5)
        arguments = {"self": source, "p": round(share, 6), "train": False}
        given.view("aten.dropout.default", arguments, source, given.layout(source))


_UNARY = {
    "Abs": "abs",
    "Acos": "acos",
    "Acosh": "acosh",
    "Asin": "asin",
    "Asinh": "asinh",
    "Atan": "atan",
    "Atanh": "atanh",
    "BitwiseNot": "bitwise_not",
    "Ceil": "ceil",
    "Cos": "cos",
    "Cosh": "cosh",
    "Erf": "erf",
    "Exp": "exp",
    "Floor": "floor",
    "HardSwish": "hardswish",
    "IsInf": "isinf",
    "IsNaN": "isnan",
    "Log": "log",
    "Mish": "mish",
    "Neg": "neg",
    "Not": "logical_not",
    "Reciprocal": "reciprocal",
    "Relu": "relu",
    "Round": "round",
    "Sigmoid": "sigmoid",
    "Sign": "sign",
    "Sin": "sin",
    "Sinh": "sinh",
    "Softplus": "softplus",
    "Sqrt": "sqrt",
    "Tan": "tan",
    "Tanh": "tanh",
}
_BINARY = {
    "And": "logical_and",
    "BitwiseAnd": "bitwise_and",
    "BitwiseOr": "bitwise_or",
    "BitwiseXor": "bitwise_xor",
    "Equal": "eq",
    "Greater": "gt",
    "GreaterOrEqual": "ge",
    "Less": "lt",
    "LessOrEqual": "le",
    "Or": "logical_or",
    "Div": "div",
    "Pow": "pow",
    "Xor": "logical_xor",
}

POINTWISE = (
    {
        name: OnnxOperator(direct(f"aten.{op}.default", "self").write, same)
        for name, op in _UNARY.items()
    }
    | {
        name: OnnxOperator(direct(f"aten.{op}.Tensor", "self", "other").write, _broadcast)
        for name, op in _BINARY.items()
    }
    | {
        "Add": _commuted("aten.add.Tensor"),
        "Mul": _commuted("aten.mul.Tensor"),
        "Sub": OnnxOperator(_sub, _broadcast),
        "Mod": OnnxOperator(_modulo),
        "Sum": _many("aten.add.Tensor"),
        "Mean": _many("aten.add.Tensor", mean=True),
        "Max": _many("aten.maximum.default"),
        "Min": _many("aten.minimum.default"),
        "Where": direct("aten.where.self", "condition", "self", "other"),
        "Clip": OnnxOperator(_clip, same),
        "LeakyRelu": _with("aten.leaky_relu.default", negative_slope="alpha"),
        "Elu": _with("aten.elu.default", alpha="alpha"),
        "Celu": _with("aten.celu.default", alpha="alpha"),
        "Selu": _with("aten.selu.default"),
        "PRelu": OnnxOperator(_prelu, same),
        "HardSigmoid": OnnxOperator(_hard_sigmoid, same),
        "ThresholdedRelu": _with("aten.threshold.default", threshold="alpha"),
        "Shrink": _with("aten.softshrink.default", lambd="lambd"),
        "Softsign": OnnxOperator(_softsign, same),
        "BitShift": OnnxOperator(_shift, _broadcast),
        "Gelu": OnnxOperator(_gelu, same),
        "Swish": OnnxOperator(_swish, same),
        "Softmax": _softmax("aten.softmax.int"),
        "LogSoftmax": _softmax("aten.log_softmax.int"),
        "Cast": OnnxOperator(_cast, same),
        "CastLike": OnnxOperator(_cast, same),
        "CumSum": direct("aten.cumsum.default", "self", "dim"),
        "Dropout": OnnxOperator(_dropout, lambda given: [given.shape(0), given.shape(0)]),
        "com.microsoft.Gelu": OnnxOperator(_gelu, same),
        "com.microsoft.FastGelu": OnnxOperator(_approximate_gelu, same),
        "com.microsoft.QuickGelu": OnnxOperator(_swish, same),
        "com.microsoft.BiasGelu": OnnxOperator(_bias_gelu, same),
    }
)
"""What computes each output from the elements at its own place."""
