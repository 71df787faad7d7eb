"""What counts as a parameter, a buffer, a constant: ONNX does not tell, names and places do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.capturing.onnx.models import (
    FLOAT,
    INT64,
    analysis,
    graph_of,
    model,
    node,
    numbers,
    operators,
    read,
    weight,
)

ROWS = {"x": [1, 9, 4]}


def params(folder: Path, made: Any) -> int:
    return analysis(read(folder, made)).totals.params


@pytest.mark.parametrize(
    ("name", "producer", "counted"),
    [
        ("encoder.pos_embedding", "", True),
        ("pos_embedding", "pytorch", True),
        ("pos_embedding", "another", False),
        ("onnx::Add_12", "pytorch", False),
        ("val_12", "pytorch", False),
        ("model/dense/ReadVariableOp:0", "tf2onnx", True),
        ("const_fold_opt__12", "tf2onnx", False),
        ("Parameter5", "CNTK", True),
    ],
)
def test_a_tensor_that_is_added(tmp_path: Path, name: str, producer: str, counted: bool) -> None:
    made = model(
        [node("Add", f"x {name}", "y")],
        ROWS,
        weights=[weight(name, 1, 9, 4)],
        producer_name=producer,
    )
    assert params(tmp_path, made) == (36 if counted else 0)


def test_integers_and_numbers_are_no_parameters(tmp_path: Path) -> None:
    made = model(
        [node("Add", "x a.scale", "z"), node("Gather", "z a.index", "y", axis=1)],
        ROWS,
        weights=[numbers("a.scale", 2.0, FLOAT), weight("a.index", 3, dtype=INT64)],
    )
    found = analysis(read(tmp_path, made)).totals
    assert (found.params, found.buffers) == (0, 0)


def test_what_torchs_exporter_lists(tmp_path: Path) -> None:
    """It says of each initializer whether it is a parameter or a buffer."""
    made = model(
        [node("Add", "x scale", "z"), node("Mul", "z mask", "y")],
        ROWS,
        weights=[weight("scale", 4), weight("mask", 9, 4)],
    )
    made.graph.metadata_props.add(
        key="pkg.torch.export.ExportedProgram.graph_signature",
        value="p_scale: PARAMETER target='scale'\nb_mask: BUFFER target='mask' persistent=True",
    )
    found = analysis(read(tmp_path, made)).totals
    assert (found.params, found.buffers) == (4, 36)


def test_a_weight_used_twice_is_counted_once(tmp_path: Path) -> None:
    nodes = [
        node("MatMul", "x w", "a", name="/first/MatMul"),
        node("MatMul", "a w", "y", name="/second/MatMul"),
    ]
    made = model(nodes, ROWS, weights=[weight("w", 4, 4)])
    tape = read(tmp_path, made)
    assert {name: each.same_as for name, each in tape.weights.items()} == {
        "first.weight": "",
        "second.weight": "first.weight",
    }
    layers = graph_of(tape).nodes
    assert [(layer.path, layer.params) for layer in layers] == [("first", 16), ("second", 0)]


def test_an_embedding_and_the_layer_that_has_its_weight(tmp_path: Path) -> None:
    """The product has it the other way around: still one tensor of the state dict."""
    nodes = [
        node("Gather", "embed.weight x", "e"),
        node("Transpose", "embed.weight", "t", perm=[1, 0]),
        node("MatMul", "e t", "y", name="/head/MatMul"),
    ]
    made = model(nodes, {"x": [1, 9]}, weights=[weight("embed.weight", 100, 4)])
    made.graph.input[0].type.tensor_type.elem_type = INT64
    tape = read(tmp_path, made)
    found = analysis(tape).totals
    assert (found.params, found.macs) == (400, 9 * 4 * 100)
    assert operators(tape) == ["embedding", "linear"]


def test_equal_weights_that_an_exporter_keeps_once(tmp_path: Path) -> None:
    """torch's older exporter gives the others by Identity: each layer has its own path."""
    nodes = [
        node("Identity", "a.norm.weight", "b.norm.weight"),
        node("Identity", "a.norm.bias", "b.norm.bias"),
        node("LayerNormalization", "x a.norm.weight a.norm.bias", "z"),
        node("LayerNormalization", "z b.norm.weight b.norm.bias", "y"),
    ]
    made = model(nodes, ROWS, weights=[weight("a.norm.weight", 4), weight("a.norm.bias", 4)])
    layers = graph_of(read(tmp_path, made)).nodes
    assert [(layer.path, layer.kind, layer.params) for layer in layers] == [
        ("a.norm", "layer_norm", 8),
        ("b.norm", "layer_norm", 0),
    ]


def test_weights_in_nodes(tmp_path: Path) -> None:
    """PaddlePaddle's converter writes every weight as a Constant."""
    nodes = [node("Constant", "", "conv2d_0.w_0", value=weight("", 4, 3, 3, 3))]
    nodes.append(node("Conv", "x conv2d_0.w_0", "y", name="p2o.Conv.0"))
    made = model(nodes, {"x": [1, 3, 8, 8]})
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.path, layer.params) == ("conv2d_0", 108)


def test_a_weight_that_is_computed_from_constants(tmp_path: Path) -> None:
    """A standardised weight: the one tensor of its size that it is made of is the parameter."""
    nodes = [
        node("Sub", "conv.weight mean", "centred"),
        node("Div", "centred deviation", "standardised"),
        node("Conv", "x standardised", "y", name="/conv/Conv"),
    ]
    weights = [
        weight("conv.weight", 4, 3, 3, 3),
        weight("mean", 4, 1, 1, 1),
        weight("deviation", 4, 1, 1, 1),
    ]
    tape = read(tmp_path, model(nodes, {"x": [1, 3, 8, 8]}, weights=weights))
    assert list(tape.weights) == ["conv.weight"]
    assert operators(tape) == ["conv2d"]


@pytest.mark.parametrize(("dtype", "name"), [(10, "float16"), (16, "bfloat16"), (11, "float64")])
def test_dtypes_of_weights(tmp_path: Path, dtype: int, name: str) -> None:
    made = model(
        [node("Gemm", "x w", "y")], {"x": [1, 4]}, weights=[weight("w", 4, 4, dtype=dtype)]
    )
    made.graph.input[0].type.tensor_type.elem_type = dtype
    tape = read(tmp_path, made)
    (held,) = tape.weights.values()
    assert tape.tensors[held.value].dtype == name
    assert tape.tensors[tape.outputs[0]].dtype == name


def test_a_table_of_which_rows_are_used(tmp_path: Path) -> None:
    """Swin's position biases: all is constant, and the table is a parameter all the same."""
    nodes = [
        node("Gather", "attn.bias_table index", "rows"),
        node("Unsqueeze", "rows axes", "bias"),
        node("Add", "x bias", "y"),
    ]
    weights = [
        weight("attn.bias_table", 13, 4),
        numbers("index", [0, 5, 5, 12, 1, 2, 3, 4, 5]),
        numbers("axes", [0]),
    ]
    tape = read(tmp_path, model(nodes, ROWS, weights=weights))
    assert analysis(tape).totals.params == 13 * 4
    assert operators(tape) == ["embedding", "unsqueeze", "add"]


def test_a_class_token_that_was_expanded(tmp_path: Path) -> None:
    """torch's exporter works the expansion out, under the name of the node that did it."""
    made = model(
        [node("Concat", "expand x", "z", axis=1), node("Add", "z unsqueeze_3", "y")],
        ROWS,
        weights=[weight("expand", 1, 1, 4), weight("unsqueeze_3", 1, 10, 4)],
        producer_name="pytorch",
    )
    made.graph.metadata_props.add(
        key="pkg.torch.export.ExportedProgram.graph_signature",
        value="p_class_token: PARAMETER target='class_token'",
    )
    assert params(tmp_path, made) == 4


def test_zeros_where_a_layer_has_no_bias(tmp_path: Path) -> None:
    """What torch's exporter writes where nobody optimises; zeros of the file itself are weights."""
    nodes = [
        node("CastLike", "zero x", "val_4"),
        node("Expand", "val_4 four", "val_5"),
        node("Conv", "x conv.weight val_5", "y"),
    ]
    weights = [
        weight("conv.weight", 4, 3, 3, 3),
        numbers("zero", 0.0, FLOAT),
        numbers("four", [4]),
    ]
    tape = read(tmp_path, model(nodes, {"x": [1, 3, 8, 8]}, weights=weights, version=18))
    assert operators(tape) == ["conv2d"]
    assert analysis(tape).totals.params == 108
    weights.append(numbers("val_6", [0.0] * 4, FLOAT))
    nodes = [node("Conv", "x conv.weight val_6", "y")]
    assert params(tmp_path, model(nodes, {"x": [1, 3, 8, 8]}, weights=weights)) == 112
