"""Quantised operators: the multiply-accumulates of the others, weights of a byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archprof.commands.compare.comparison import structure_difference
from tests.capturing.onnx.models import (
    FLOAT,
    INT8,
    INT32,
    UINT8,
    analysis,
    graph_of,
    model,
    node,
    numbers,
    operators,
    output_of,
    read,
    weight,
)

IMAGE = {"x": [1, 3, 8, 8]}


def scales(*names: str) -> list[Any]:
    """A scale and a zero point for each name."""
    found = []
    for name in names:
        found += [numbers(f"{name}s", 0.1, FLOAT), numbers(f"{name}z", 0, UINT8)]
    return found


def bytes_in(made: Any) -> Any:
    """A model whose inputs are of a byte."""
    for value in made.graph.input:
        value.type.tensor_type.elem_type = UINT8
    return made


def test_a_quantised_convolution(tmp_path: Path) -> None:
    made = model(
        [node("QLinearConv", "x xs xz w ws wz ys yz b", "y", pads=[1, 1, 1, 1])],
        IMAGE,
        weights=[
            weight("w", 4, 3, 3, 3, dtype=INT8),
            weight("b", 4, dtype=INT32),
            *scales("x", "y"),
            numbers("ws", 0.1, FLOAT),
            numbers("wz", 0, INT8),
        ],
    )
    tape = read(tmp_path, bytes_in(made))
    found = analysis(tape).totals
    assert (found.params, found.macs) == (4 * 27 + 4, 64 * 4 * 27)
    # a byte for each weight, four for each bias
    assert found.weight_bytes == 4 * 27 + 4 * 4


def test_a_convolution_of_weights_that_are_dequantised(tmp_path: Path) -> None:
    """As torch and TensorFlow write them: the weight is a byte, the arithmetic in float."""
    nodes = [
        node("QuantizeLinear", "x xs xz", "q"),
        node("DequantizeLinear", "q xs xz", "d"),
        node("DequantizeLinear", "w ws wz", "wd"),
        node("Conv", "d wd", "y"),
    ]
    made = model(
        nodes,
        IMAGE,
        weights=[
            weight("w", 4, 3, 3, 3, dtype=INT8),
            *scales("x"),
            numbers("ws", 0.1, FLOAT),
            numbers("wz", 0, INT8),
        ],
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["quantize_per_tensor", "dequantize", "conv2d"]
    found = analysis(tape).totals
    assert (found.params, found.weight_bytes, found.macs) == (108, 108, 36 * 108)
    assert [layer.kind for layer in graph_of(tape).nodes][-1] == "conv2d"


def test_products_of_integers(tmp_path: Path) -> None:
    made = model(
        [node("MatMulInteger", "x w", "y")],
        {"x": [1, 9, 7]},
        weights=[weight("w", 7, 5, dtype=INT8)],
    )
    tape = read(tmp_path, bytes_in(made))
    assert tape.tensors[tape.outputs[0]].dtype == "int32"
    assert analysis(tape).totals.macs == 9 * 35
    made = model(
        [node("ConvInteger", "x w", "y")], IMAGE, weights=[weight("w", 4, 3, 3, 3, dtype=INT8)]
    )
    assert analysis(read(tmp_path, bytes_in(made))).totals.macs == 36 * 4 * 27


def test_a_quantised_product(tmp_path: Path) -> None:
    made = model(
        [node("QLinearMatMul", "x xs xz w ws wz ys yz", "y")],
        {"x": [1, 9, 7]},
        weights=[weight("w", 7, 5, dtype=UINT8), *scales("x", "w", "y")],
    )
    found = analysis(read(tmp_path, bytes_in(made))).totals
    assert (found.params, found.weight_bytes, found.macs) == (35, 35, 9 * 35)


def test_quantised_while_it_runs(tmp_path: Path) -> None:
    nodes = [node("DynamicQuantizeLinear", "x", "q s z"), node("MatMulInteger", "q w z", "y")]
    made = model(nodes, {"x": [1, 7]}, weights=[weight("w", 7, 5, dtype=UINT8)])
    tape = read(tmp_path, made)
    assert operators(tape) == ["quantize_per_tensor_dynamic", "linear"]
    assert analysis(tape).totals.macs == 35


RUNTIME = "com.microsoft"


@pytest.mark.parametrize(
    ("op", "inputs", "shape", "names"),
    [
        ("QLinearAdd", "x xs xz z zs zz ys yz", (1, 3, 8, 8), ["add"]),
        ("QLinearMul", "x xs xz z zs zz ys yz", (1, 3, 8, 8), ["mul"]),
        ("QLinearSigmoid", "x xs xz ys yz", (1, 3, 8, 8), ["sigmoid"]),
        ("QLinearGlobalAveragePool", "x xs xz ys yz", (1, 3, 1, 1), ["adaptive_avg_pool2d"]),
        ("QLinearConcat", "ys yz x xs xz z zs zz", (1, 6, 8, 8), ["cat"]),
    ],
)
def test_quantised_operators_of_onnx_runtime(
    tmp_path: Path, op: str, inputs: str, shape: tuple[int, ...], names: list[str]
) -> None:
    attributes = {"axis": 1} if op == "QLinearConcat" else {}
    made = model(
        [node(op, inputs, "y", domain=RUNTIME, **attributes)],
        {"x": [1, 3, 8, 8], "z": [1, 3, 8, 8]},
        weights=scales("x", "z", "y"),
    )
    tape = read(tmp_path, bytes_in(made))
    assert operators(tape) == names
    assert output_of(tape) == shape


def test_a_quantised_linear_layer_of_onnx_runtime(tmp_path: Path) -> None:
    made = model(
        [node("QGemm", "x xs xz w ws wz b", "y", domain=RUNTIME, transB=1)],
        {"x": [1, 7]},
        weights=[
            weight("w", 5, 7, dtype=UINT8),
            weight("b", 5, dtype=INT32),
            *scales("x", "w"),
        ],
    )
    tape = read(tmp_path, bytes_in(made))
    found = analysis(tape).totals
    assert (output_of(tape), found.params, found.macs) == ((1, 5), 40, 35)


def test_a_convolution_with_its_activation(tmp_path: Path) -> None:
    made = model(
        [node("FusedConv", "x w", "y", domain=RUNTIME, activation="Relu", kernel_shape=[3, 3])],
        IMAGE,
        weights=[weight("w", 4, 3, 3, 3)],
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["conv2d", "relu"]
    assert output_of(tape) == (1, 4, 6, 6)


def test_products_with_factors_the_other_way_around(tmp_path: Path) -> None:
    made = model(
        [node("FusedMatMul", "x z", "y", domain=RUNTIME, transB=1)],
        {"x": [1, 9, 7], "z": [1, 5, 7]},
    )
    tape = read(tmp_path, made)
    assert output_of(tape) == (1, 9, 5)
    assert analysis(tape).totals.macs == 9 * 5 * 7


def test_attention_of_onnx_runtime(tmp_path: Path) -> None:
    made = model(
        [node("Attention", "x w b", "y", domain=RUNTIME, num_heads=2)],
        {"x": [1, 9, 8]},
        weights=[weight("w", 8, 24), weight("b", 24)],
    )
    tape = read(tmp_path, made)
    # three products of 8x8 for each of 9 rows, and 2 heads of 9x9 scores of 4 products, twice
    assert analysis(tape).totals.macs == 9 * 3 * 64 + 2 * 81 * 4 * 2
    assert analysis(tape).totals.params == 8 * 24 + 24
    assert output_of(tape) == (1, 9, 8)


def test_attention_whose_products_stand_apart(tmp_path: Path) -> None:
    sizes = {"q": [1, 5, 8], "k": [1, 6, 8], "v": [1, 6, 8]}
    made = model([node("MultiHeadAttention", "q k v", "y", domain=RUNTIME, num_heads=2)], sizes)
    tape = read(tmp_path, made)
    assert analysis(tape).totals.macs == 2 * 5 * 6 * 8
    assert output_of(tape) == (1, 5, 8)


def test_a_quantised_layer_beside_the_specs(tmp_path: Path) -> None:
    """Of one kind, but no op of a spec: it has the same place, and no settings to compare."""
    held = weight("w", 4, 3, 3, 3, dtype=INT8)
    whole = model([node("Conv", "x v", "y")], IMAGE, weights=[weight("v", 4, 3, 3, 3)])
    short = model([node("ConvInteger", "x w", "y")], IMAGE, weights=[held])
    first = analysis(read(tmp_path, whole))
    second = analysis(read(tmp_path, bytes_in(short)))
    found = structure_difference(first, second)
    assert found.shared == 1
