"""Convolutions and products: multiply-accumulates by hand, weights as torch has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.capturing.onnx.models import (
    FLOAT,
    analysis,
    graph_of,
    model,
    node,
    only,
    operators,
    output_of,
    read,
    weight,
)

IMAGE = {"x": [1, 3, 8, 8]}


def totals(folder: Path, made: Any) -> tuple[int, int]:
    found = analysis(read(folder, made)).totals
    return found.params, found.macs


def test_a_convolution(tmp_path: Path) -> None:
    made = model(
        [node("Conv", "x w b", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])],
        IMAGE,
        weights=[weight("w", 4, 3, 3, 3), weight("b", 4)],
    )
    # 4x4 places of 4 filters of 3*3*3, and 4 biases
    assert totals(tmp_path, made) == (4 * 27 + 4, 16 * 4 * 27)


def test_a_convolution_is_the_specs_own_op(tmp_path: Path) -> None:
    made = model([node("Conv", "x w", "y", group=3)], IMAGE, weights=[weight("w", 6, 1, 1, 1)])
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert layer.kind == "conv2d"
    assert layer.output == (6, 8, 8)
    assert layer.facts.cost is not None
    assert layer.facts.cost.macs == 64 * 6  # one weight for each output: three groups of one


@pytest.mark.parametrize(
    ("sizes", "kernel", "macs"),
    [
        ([1, 2, 10], [3], 8 * 4 * 2 * 3),
        ([1, 2, 5, 5, 5], [3, 3, 3], 27 * 4 * 2 * 27),
    ],
)
def test_convolutions_along_one_and_three_dimensions(
    tmp_path: Path, sizes: list[int], kernel: list[int], macs: int
) -> None:
    made = model([node("Conv", "x w", "y")], {"x": sizes}, weights=[weight("w", 4, 2, *kernel)])
    assert totals(tmp_path, made) == (4 * 2 * 3 ** len(kernel), macs)
    assert operators(read(tmp_path, made)) == [f"conv{len(kernel)}d"]


def test_a_transposed_convolution(tmp_path: Path) -> None:
    made = model(
        [node("ConvTranspose", "x w", "y", strides=[2, 2])],
        IMAGE,
        weights=[weight("w", 3, 5, 2, 2)],
    )
    tape = read(tmp_path, made)
    assert output_of(tape) == (1, 5, 16, 16)
    # each of the 3*64 elements that arrive meets 5*2*2 weights
    assert totals(tmp_path, made) == (60, 3 * 64 * 20)


@pytest.mark.parametrize("automatic", ["SAME_UPPER", "SAME_LOWER"])
def test_padding_that_is_not_even_is_an_operator_before(tmp_path: Path, automatic: str) -> None:
    """TensorFlow's SAME with a stride of 2 on an even size: one row and one column at one end."""
    made = model(
        [node("Conv", "x w", "y", auto_pad=automatic, strides=[2, 2], kernel_shape=[3, 3])],
        IMAGE,
        weights=[weight("w", 4, 3, 3, 3)],
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["pad", "conv2d"]
    ends = [0, 1, 0, 1] if automatic == "SAME_UPPER" else [1, 0, 1, 0]
    assert tape.operations[0].arguments["pad"] == ends
    assert output_of(tape) == (1, 4, 4, 4)
    assert [n.path for n in graph_of(tape).nodes] == ["y.pad", "y"]
    assert totals(tmp_path, made)[1] == 16 * 4 * 27


def test_a_gemm_is_a_linear_layer(tmp_path: Path) -> None:
    made = model(
        [node("Gemm", "x w b", "y", transB=1)],
        {"x": [1, 7]},
        weights=[weight("w", 5, 7), weight("b", 5)],
    )
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.kind, layer.params) == ("linear", 40)


def test_a_gemm_whose_weight_is_not_transposed(tmp_path: Path) -> None:
    made = model([node("Gemm", "x w", "y")], {"x": [1, 7]}, weights=[weight("w", 7, 5)])
    tape = read(tmp_path, made)
    (held,) = tape.weights.values()
    assert tape.tensors[held.value].shape == (5, 7)  # torch's linear has outputs first
    assert totals(tmp_path, made) == (35, 35)


def test_a_gemm_of_two_tensors(tmp_path: Path) -> None:
    made = model(
        [node("Gemm", "x y0 c", "y", transA=1, beta=2.0)],
        {"x": [6, 4], "y0": [6, 5], "c": [5]},
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["t", "addmm"]
    assert tape.operations[1].arguments["beta"] == 2.0
    assert analysis(tape).totals.macs == 4 * 5 * 6


def test_a_product_by_a_matrix_and_a_bias_are_one_linear_layer(tmp_path: Path) -> None:
    nodes = [node("MatMul", "x w", "p"), node("Add", "b p", "y")]
    made = model(nodes, {"x": [1, 9, 7]}, weights=[weight("w", 7, 5), weight("b", 5)])
    tape = read(tmp_path, made)
    assert operators(tape) == ["linear"]
    found = analysis(tape).totals
    # 9 rows of 5 outputs of 7 products each, and a sum for each output
    assert (found.params, found.macs, found.flops) == (40, 9 * 35, 2 * 9 * 35 + 9 * 5)


def test_a_product_whose_result_is_used_twice_stays_apart(tmp_path: Path) -> None:
    nodes = [node("MatMul", "x w", "p"), node("Add", "p b", "q"), node("Mul", "p q", "y")]
    made = model(nodes, {"x": [1, 7]}, weights=[weight("w", 7, 5), weight("b", 5)])
    assert operators(read(tmp_path, made)) == ["linear", "add", "mul"]


def test_a_product_of_two_tensors(tmp_path: Path) -> None:
    made = model([node("MatMul", "x z", "y")], {"x": [1, 2, 4, 6], "z": [1, 2, 6, 5]})
    tape = read(tmp_path, made)
    assert operators(tape) == ["matmul"]
    assert analysis(tape).totals.macs == 2 * 4 * 5 * 6


def test_an_einsum(tmp_path: Path) -> None:
    made = model(
        [node("Einsum", "x z", "y", equation="bij,bjk->bik")], {"x": [1, 2, 3], "z": [1, 3, 4]}
    )
    assert analysis(read(tmp_path, made)).totals.macs == 2 * 3 * 4


def test_attention_whose_heads_lie_side_by_side(tmp_path: Path) -> None:
    made = model(
        [node("Attention", "q k v", "y", q_num_heads=2, kv_num_heads=2)],
        {"q": [1, 5, 8], "k": [1, 6, 8], "v": [1, 6, 8]},
        version=23,
    )
    tape = read(tmp_path, made)
    assert output_of(tape) == (1, 5, 8)
    # 2 heads of 5 rows and 6 columns: 4 products for a score, and 4 more for its value
    assert analysis(tape).totals.macs == 2 * 5 * 6 * (4 + 4)
    # only the attention itself has memory of its own; before and behind it are views
    storages = [tape.tensors[o.outputs[0]].storage for o in tape.operations]
    assert operators(tape).count("scaled_dot_product_attention") == 1
    assert len(set(storages)) == 3 + 1 + 1  # the inputs', the result's, its copy side by side


@pytest.mark.parametrize(("op", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers(tmp_path: Path, op: str, gates: int, directions: int) -> None:
    rows = gates * 6
    made = model(
        [
            node(
                op,
                "x w r b",
                "y",
                hidden_size=6,
                direction="forward" if directions == 1 else "bidirectional",
            )
        ],
        {"x": [10, 1, 5]},
        weights=[
            weight("w", directions, rows, 5),
            weight("r", directions, rows, 6),
            weight("b", directions, 2 * rows),
        ],
    )
    # at each of 10 steps every weight is multiplied once
    expected = directions * rows * (5 + 6)
    assert totals(tmp_path, made) == (expected + directions * 2 * rows, 10 * expected)


def test_a_recurrent_layer_with_relu(tmp_path: Path) -> None:
    made = model(
        [node("RNN", "x w r", "y", hidden_size=2, activations=["Relu"])],
        {"x": [3, 1, 2]},
        weights=[weight("w", 1, 2, 2), weight("r", 1, 2, 2)],
    )
    assert operators(read(tmp_path, made)) == ["rnn_relu"]


def test_a_deformable_convolution(tmp_path: Path) -> None:
    made = model(
        [node("DeformConv", "x w o", "y", kernel_shape=[3, 3])],
        {"x": [1, 3, 8, 8], "o": [1, 18, 6, 6]},
        weights=[weight("w", 4, 3, 3, 3, dtype=FLOAT)],
        version=19,
    )
    assert only(read(tmp_path, made)).operator == "torchvision.deform_conv2d.default"
    assert totals(tmp_path, made) == (108, 36 * 4 * 27)


def test_a_modulated_deformable_convolution_is_archprofs(tmp_path: Path) -> None:
    made = model(
        [
            node(
                "DeformConv",
                "x w o b m",
                "y",
                kernel_shape=[3, 3],
                group=2,
                offset_group=4,
                strides=[2, 1],
                pads=[1, 0, 1, 0],
                dilations=[1, 2],
            )
        ],
        # (8 + 2 - 3)//2 + 1 = 4 rows, 8 - 2*2 = 4 columns; 4 groups of 9 taps
        {"x": [1, 4, 8, 8], "o": [1, 72, 4, 4], "m": [1, 36, 4, 4]},
        weights=[weight("w", 6, 2, 3, 3, dtype=FLOAT), weight("b", 6, dtype=FLOAT)],
        version=19,
    )
    found = graph_of(read(tmp_path, made)).nodes[-1]
    assert found.kind == "deform_conv2d"
    assert found.op.given() == {
        "out": 6,
        "kernel": (3, 3),
        "stride": (2, 1),
        "padding": (1, 0),
        "dilation": (1, 2),
        "groups": 2,
    }
