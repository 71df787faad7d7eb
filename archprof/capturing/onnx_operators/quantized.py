"""Quantised operators of ONNX, and those that ONNX Runtime fuses (the domain com.microsoft).

A quantised product has the multiply-accumulates of the other one; its tensors are integers of a
byte. Scales and zero points are numbers beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archprof.autograd.layout import Layout
from archprof.capturing.onnx.values import Known
from archprof.capturing.onnx_operators.given import Given, OnnxOperator, same
from archprof.capturing.onnx_operators.moves import write_concat
from archprof.capturing.onnx_operators.pooling import POOLING, write_global_average
from archprof.capturing.onnx_operators.products import (
    PRODUCTS,
    heads_of,
    split_heads,
    write_attention,
    write_convolution,
    write_product,
)
from archprof.capturing.tape import TensorRef

Shapes = Sequence[tuple[int, ...] | None]
_NONE = 99  # the number of an input that an operator does not have
_FLOAT, _UINT8 = 1, 2  # of `onnx.TensorProto.DataType`


def _convolution(weight: int, bias: int = _NONE) -> Callable[[Given], None]:
    return lambda given: write_convolution(given, 0, weight, bias, quantized=True)


def _product(second: int, bias: int = _NONE) -> Callable[[Given], None]:
    return lambda given: write_product(given, 0, second, bias, quantized=True)


def _product_shape(second: int) -> Callable[[Given], Shapes]:
    def shapes(given: Given) -> Shapes:
        return [(*given.shape(0)[:-1], given.shape(second)[-1])]

    return shapes


def _gemm(given: Given) -> None:
    """Write QGemm: a linear layer, its weight stated either way around."""
    rows, columns = given.shape(3)
    shape = (rows, columns) if given.attribute("transB", 0) else (columns, rows)
    arguments = {
        "input": given.value(0),
        "weight": given.weight(3, "weight", shape),
        "bias": given.weight(6, "bias") if given.has(6) else None,
        "quantized": True,
    }
    given.emit("aten.linear.default", arguments)


def _gemm_shape(given: Given) -> Shapes:
    return [(given.shape(0)[0], given.shape(3)[0 if given.attribute("transB", 0) else 1])]


def _pair(operator: str) -> OnnxOperator:
    """Return the row of a quantised sum or product of two tensors."""

    def write(given: Given) -> None:
        arguments = {"self": given.value(0), "other": given.scalar(3), "quantized": True}
        given.emit(operator, arguments)

    def shapes(given: Given) -> Shapes:
        first, second = given.shape(0), given.shape(3)
        return [max(first, second, key=lambda shape: (len(shape), shape))]

    return OnnxOperator(write, shapes)


def _single(operator: str) -> OnnxOperator:
    def write(given: Given) -> None:
        arguments: dict[str, Any] = {"self": given.value(0), "quantized": True}
        if operator == "aten.softmax.int":
            arguments["dim"] = given.axis("axis", -1)
        given.emit(operator, arguments)

    return OnnxOperator(write, same)


def _scaled(operator: str) -> OnnxOperator:
    """Return the row of an operator between numbers and their quantised form."""

    def write(given: Given) -> None:
        given.emit(operator, {"self": given.value(0)})

    return OnnxOperator(write)


def _concat(given: Given) -> None:
    given.inputs = given.inputs[2::3]
    write_concat(given, quantized=True)


def _concat_shape(given: Given) -> Shapes:
    shapes = [given.shape(i) for i in range(2, len(given.inputs), 3)]
    axis = given.attribute("axis", 1) % len(shapes[0])
    total = sum(shape[axis] for shape in shapes)
    return [tuple(total if i == axis else n for i, n in enumerate(shapes[0]))]


def _global_shape(given: Given) -> Shapes:
    shape = given.shape(0)
    return [(*shape[:2], *(1 for _ in shape[2:]))]


# --- fused ---

_ACTIVATIONS = {
    "Relu": "aten.relu.default",
    "Sigmoid": "aten.sigmoid.default",
    "Tanh": "aten.tanh.default",
    "LeakyRelu": "aten.leaky_relu.default",
    "Clip": "aten.clamp.default",
    "HardSigmoid": "aten.hardsigmoid.default",
}


def _activated(first: Callable[[Given], None]) -> Callable[[Given], None]:
    """Return how to write an operator and the activation that was fused into it."""

    def write(given: Given) -> None:
        activation = given.attribute("activation")
        if activation is None:
            first(given)
            return
        outputs, whole = given.outputs, given.outputs[0]
        if whole is None:
            return
        between = Known(whole.name, whole.elem, whole.shape)
        given.outputs = [between]
        first(given)
        given.outputs = outputs
        operator = _ACTIVATIONS.get(activation, f"onnx.{activation}")
        given.emit(operator, {"self": given.tape.value(between)})

    return write


def _fused_matmul(given: Given) -> None:
    if given.attribute("transA", 0) or given.attribute("transB", 0):
        given.emit("aten.matmul.default", {"self": given.value(0), "other": given.value(1)})
    else:
        write_product(given, 0, 1, _NONE)


def _fused_matmul_shape(given: Given) -> Shapes:
    first, second = list(given.shape(0)), list(given.shape(1))
    if given.attribute("transA", 0):
        first[-2:] = first[:-3:-1]
    if given.attribute("transB", 0):
        second[-2:] = second[:-3:-1]
    return [(*first[:-1], second[-1])]


def _packed_attention(given: Given) -> None:
    """Write Attention of ONNX Runtime: one product for query, key and value, and their heads."""
    heads = given.attribute("num_heads")
    width, all_three = given.shape(1)
    arguments = {
        "input": given.value(0),
        "weight": given.weight(1, "in_proj_weight", (all_three, width)),
        "bias": given.weight(2, "in_proj_bias"),
    }
    n, length, _ = given.shape(0)
    found = given.between("aten.linear.default", arguments, (n, length, all_three))
    layout = given.layout(found)
    parts: list[TensorRef] = []
    for i in range(3):
        third = all_three // 3
        picked = {"self": found, "dim": 2, "start": i * third, "end": (i + 1) * third}
        part = Layout((n, length, third), layout.strides)
        apart = given.view("aten.slice.Tensor", picked, found, part, last=False)
        parts.append(heads_of(given, apart, heads))
    write_attention(given, *parts)


def _heads_apart(given: Given) -> None:
    """Write MultiHeadAttention of ONNX Runtime, whose products are nodes of their own."""
    heads = given.attribute("num_heads")
    query, key, value = (split_heads(given, i, heads) for i in range(3))
    write_attention(given, query, key, value)


QUANTIZED = {
    "QLinearConv": OnnxOperator(_convolution(3, 8)),
    "ConvInteger": OnnxOperator(_convolution(1)),
    "QLinearMatMul": OnnxOperator(_product(3)),
    "MatMulInteger": OnnxOperator(_product(1)),
    "QuantizeLinear": _scaled("aten.quantize_per_tensor.default"),
    "DequantizeLinear": _scaled("aten.dequantize.self"),
    "DynamicQuantizeLinear": _scaled("aten.quantize_per_tensor_dynamic.default"),
}
"""Quantised operators of ONNX itself."""

RUNTIME = {
    "QLinearConv": OnnxOperator(_convolution(3, 8), like=("QLinearConv", 9)),
    "QGemm": OnnxOperator(_gemm, _gemm_shape),
    "QLinearMatMul": OnnxOperator(_product(3), _product_shape(3)),
    "MatMulIntegerToFloat": OnnxOperator(_product(1, 6), _product_shape(1), elem=_FLOAT),
    "DynamicQuantizeMatMul": OnnxOperator(_product(1, 4), _product_shape(1), elem=_FLOAT),
    "QuantizeLinear": OnnxOperator(
        _scaled("aten.quantize_per_tensor.default").write, same, elem=_UINT8
    ),
    "DequantizeLinear": OnnxOperator(_scaled("aten.dequantize.self").write, same, elem=_FLOAT),
    "QLinearAdd": _pair("aten.add.Tensor"),
    "QLinearMul": _pair("aten.mul.Tensor"),
    "QLinearSigmoid": _single("aten.sigmoid.default"),
    "QLinearLeakyRelu": _single("aten.leaky_relu.default"),
    "QLinearSoftmax": _single("aten.softmax.int"),
    "QLinearConcat": OnnxOperator(_concat, _concat_shape),
    "QLinearGlobalAveragePool": OnnxOperator(write_global_average, _global_shape),
    "QLinearAveragePool": OnnxOperator(POOLING["AveragePool"].write, like=("AveragePool", 1)),
    "FusedConv": OnnxOperator(_activated(PRODUCTS["Conv"].write), like=("Conv", 3)),
    "FusedGemm": OnnxOperator(_activated(PRODUCTS["Gemm"].write), like=("Gemm", 3)),
    "FusedMatMul": OnnxOperator(_fused_matmul, _fused_matmul_shape),
    "Attention": OnnxOperator(_packed_attention, lambda g: [(*g.shape(0)[:2], g.shape(1)[1] // 3)]),
    "MultiHeadAttention": OnnxOperator(_heads_apart, lambda g: [(*g.shape(0)[:2], g.shape(2)[-1])]),
}
"""Operators of the domain com.microsoft."""
