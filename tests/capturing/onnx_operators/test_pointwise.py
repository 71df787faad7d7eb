"""Elementwise operators of ONNX: what they are called in torch, and what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archprof.capturing.onnx_operators.pointwise import POINTWISE
from archprof.capturing.operators import row
from tests.capturing.onnx.models import (
    BOOL,
    FLOAT,
    UINT8,
    analysis,
    graph_of,
    model,
    node,
    numbers,
    only,
    operators,
    read,
    weight,
)

IMAGE = {"x": [1, 4, 6, 6]}
ELEMENTS = 4 * 36


def kinds(folder: Path, made: Any) -> list[str]:
    return [layer.kind for layer in graph_of(read(folder, made)).nodes]


@pytest.mark.parametrize(
    ("op", "attributes", "kind"),
    [
        ("Relu", {}, "relu"),
        ("Sigmoid", {}, "sigmoid"),
        ("Tanh", {}, "tanh"),
        ("HardSwish", {}, "hardswish"),
        ("HardSigmoid", {"alpha": 1 / 6}, "hardsigmoid"),
        ("LeakyRelu", {"alpha": 0.1}, "leaky_relu"),
        ("Gelu", {}, "gelu"),
        ("Softmax", {"axis": 1}, "softmax"),
        ("Swish", {}, "silu"),
    ],
)
def test_activations_of_the_specs(
    tmp_path: Path, op: str, attributes: dict[str, Any], kind: str
) -> None:
    made = model([node(op, "x", "y", **attributes)], IMAGE, version=24)
    assert kinds(tmp_path, made) == [kind]


@pytest.mark.parametrize(
    ("op", "flops"),
    [
        ("Elu", 4),  # a comparison, exp, minus 1, a product
        ("Celu", 5),  # the same of x / alpha
        ("Selu", 5),  # an Elu and a product
        ("Mish", 5),  # exp, a sum, log, tanh, a product
        ("Softplus", 5),  # a product, exp, a sum, log, a division
        ("Softsign", 3),  # an absolute value, a sum, a division
        ("ThresholdedRelu", 1),
        ("Shrink", 2),
        ("Erf", 1),
        ("Neg", 1),
        ("Sqrt", 1),
        ("Reciprocal", 1),
        ("HardSigmoid", 3),  # Keras's: a product, a sum, a clamp
    ],
)
def test_steps_for_each_element(tmp_path: Path, op: str, flops: int) -> None:
    made = model([node(op, "x", "y")], IMAGE, version=22)
    assert analysis(read(tmp_path, made)).totals.flops == flops * ELEMENTS


@pytest.mark.parametrize("name", sorted(POINTWISE))
def test_operators_that_torch_has(tmp_path: Path, name: str) -> None:
    """Every row whose operator takes one or two tensors gives operators with a cost."""
    if name in ("Where", "CumSum", "CastLike", "com.microsoft.BiasGelu", "PRelu"):
        return  # each has a test of its own
    inputs = "x" if name in ONE else "x z"
    domain, _, op = name.rpartition(".")
    attributes = {"to": FLOAT} if op == "Cast" else {}
    if op == "BitShift":
        attributes = {"direction": "LEFT"}
    made = model(
        [node(op, inputs, "y", domain=domain, **attributes)],
        {"x": [1, 4, 6, 6], "z": [6, 6]},
        version=24,
    )
    for value in made.graph.input:
        value.type.tensor_type.elem_type = DTYPES.get(op, FLOAT)
    tape = read(tmp_path, made)
    assert tape.operations
    assert all(row(operation.operator) is not None for operation in tape.operations)
    assert tape.stopped is None


DTYPES = {
    **dict.fromkeys(("And", "Or", "Xor", "Not"), BOOL),
    **dict.fromkeys(("BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor"), UINT8),
}

ONE = {
    "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Cast", "Ceil", "Celu",
    "Clip", "Cos", "Cosh", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid",
    "HardSwish", "IsInf", "IsNaN", "LeakyRelu", "Log", "LogSoftmax", "Mish", "Neg", "Not",
    "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softmax",
    "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
    "com.microsoft.FastGelu", "com.microsoft.Gelu", "com.microsoft.QuickGelu",
}  # fmt: skip


def test_a_number_is_no_tensor(tmp_path: Path) -> None:
    made = model([node("Mul", "two x", "y")], IMAGE, weights=[numbers("two", 2.0, FLOAT)])
    tape = read(tmp_path, made)
    assert only(tape).arguments["other"] == 2.0
    assert kinds(tmp_path, made) == ["scale_by"]


def test_a_number_less_a_tensor(tmp_path: Path) -> None:
    made = model([node("Sub", "one x", "y")], IMAGE, weights=[numbers("one", [1.0], FLOAT)])
    assert operators(read(tmp_path, made)) == ["rsub"]


@pytest.mark.parametrize("version", [6, 11])
def test_a_clip_between_0_and_6_is_relu6(tmp_path: Path, version: int) -> None:
    """The bounds were attributes up to version 6 of the operator, and are inputs from 11."""
    if version == 6:
        made = model([node("Clip", "x", "y", min=0.0, max=6.0)], IMAGE, version=version)
    else:
        bounds = [numbers("low", 0.0, FLOAT), numbers("high", 6.0, FLOAT)]
        made = model([node("Clip", "x low high", "y")], IMAGE, weights=bounds, version=version)
    assert kinds(tmp_path, made) == ["relu6"]


def test_another_clip(tmp_path: Path) -> None:
    made = model(
        [node("Clip", "x low", "y")], IMAGE, weights=[numbers("low", 0.5, FLOAT)], version=13
    )
    assert only(read(tmp_path, made)).arguments["min"] == 0.5


def test_sums_of_many(tmp_path: Path) -> None:
    inputs = {name: [1, 3] for name in "abc"}
    assert operators(read(tmp_path, model([node("Sum", "a b c", "y")], inputs))) == ["add"] * 2
    mean = model([node("Mean", "a b c", "y")], inputs)
    assert operators(read(tmp_path, mean)) == ["add", "add", "div"]
    single = model([node("Max", "a", "y")], inputs)
    assert operators(read(tmp_path, single)) == ["alias"]


def test_the_usual_axis_of_a_softmax_was_the_first_behind_the_batch(tmp_path: Path) -> None:
    made = model([node("Softmax", "x", "y")], IMAGE, version=11)
    assert only(read(tmp_path, made)).arguments["dim"] == 1
    made = model([node("Softmax", "x", "y")], IMAGE, version=13)
    assert only(read(tmp_path, made)).arguments["dim"] == 3


@pytest.mark.parametrize("version", [1, 6, 7, 12])
def test_a_dropout_is_passed_through(tmp_path: Path, version: int) -> None:
    made = model([node("Dropout", "x", "y mask")], IMAGE, version=version)
    tape = read(tmp_path, made)
    assert tape.stopped is None
    assert kinds(tmp_path, made) == ["dropout"]
    source, given = tape.tensors[tape.inputs["x"]], tape.tensors[tape.outputs[0]]
    assert given.storage == source.storage


def test_a_slope_for_each_channel(tmp_path: Path) -> None:
    made = model([node("PRelu", "x s", "y")], IMAGE, weights=[weight("s", 4, 1, 1)])
    tape = read(tmp_path, made)
    assert analysis(tape).totals.params == 4
    (held,) = tape.weights.values()
    assert tape.tensors[held.value].shape == (4,)  # as torch's PReLU has it


def test_fused_activations(tmp_path: Path) -> None:
    made = model(
        [node("BiasGelu", "x b", "y", domain="com.microsoft")],
        {"x": [1, 9, 4]},
        weights=[weight("b", 4)],
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["add", "gelu"]
    assert analysis(tape).totals.params == 4


def test_choices_and_running_sums(tmp_path: Path) -> None:
    made = model([node("Where", "c x z", "y")], {"c": [1, 4], "x": [1, 4], "z": [1, 4]})
    made.graph.input[0].type.tensor_type.elem_type = BOOL
    assert operators(read(tmp_path, made)) == ["where"]
    made = model([node("CumSum", "x axis", "y")], {"x": [1, 4]}, weights=[numbers("axis", 1)])
    assert only(read(tmp_path, made)).arguments["dim"] == 1
