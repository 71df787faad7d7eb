"""Functions, branches and loops: entered where the file says what runs, else named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.capturing.onnx.models import (
    BOOL,
    FLOAT,
    INT64,
    analysis,
    graph_of,
    model,
    node,
    numbers,
    onnx,
    operators,
    output_of,
    read,
    refused,
    weight,
)

ROWS = {"x": [1, 4]}


def graph(nodes: list[Any], inputs: str = "", outputs: str = "z", weights: Any = ()) -> Any:
    """A graph within a graph; its inputs and outputs are of any shape."""
    empty = onnx.helper.make_empty_tensor_value_info
    return onnx.helper.make_graph(
        nodes, "inner", [empty(n) for n in inputs.split()], [empty(n) for n in outputs.split()],
        list(weights),
    )  # fmt: skip


# --- functions ---


def test_a_function_is_read_in_the_place_of_its_call(tmp_path: Path) -> None:
    linear = onnx.helper.make_function(
        "own",
        "Dense",
        ["a", "w", "b"],
        ["r"],
        [node("MatMul", "a w", "p"), node("Add", "p b", "q"), node("Relu", "q", "r")],
        [onnx.helper.make_opsetid("", 17)],
    )
    nodes = [
        node("Dense", "x w1 b1", "h", domain="own", name="/fc1/Dense"),
        node("Dense", "h w2 b2", "y", domain="own", name="/fc2/Dense"),
    ]
    weights = [weight("w1", 4, 8), weight("b1", 8), weight("w2", 8, 2), weight("b2", 2)]
    tape = read(tmp_path, model(nodes, ROWS, weights=weights, functions=[linear]))
    assert operators(tape) == ["linear", "relu"] * 2
    found = analysis(tape).totals
    assert (found.params, found.macs) == (40 + 18, 32 + 16)
    assert [layer.path for layer in graph_of(tape).nodes] == ["fc1", "fc1.relu", "fc2", "fc2.relu"]


def test_attributes_of_a_call(tmp_path: Path) -> None:
    function = onnx.helper.make_function(
        "own", "Turn", ["a"], ["r"], [node("Transpose", "a", "r")],
        [onnx.helper.make_opsetid("", 17)], ["order"],
    )  # fmt: skip
    entry = function.node[0].attribute.add()
    entry.name, entry.ref_attr_name, entry.type = "perm", "order", onnx.AttributeProto.INTS
    nodes = [node("Turn", "x", "y", domain="own", order=[0, 2, 1])]
    tape = read(tmp_path, model(nodes, {"x": [1, 4, 7]}, functions=[function]))
    assert output_of(tape) == (1, 7, 4)


def test_a_function_that_calls_itself(tmp_path: Path) -> None:
    function = onnx.helper.make_function(
        "own", "F", ["a"], ["r"], [node("F", "a", "r", domain="own")],
        [onnx.helper.make_opsetid("", 17)],
    )  # fmt: skip
    made = model([node("F", "x", "y", domain="own")], ROWS, functions=[function])
    assert "more than 50 deep" in str(refused(tmp_path, made))


def test_functions_that_call_each_other_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty of them would be 2^40 nodes."""
    monkeypatch.setenv("ARCHPROF_LIMITS", "layers=1000")
    functions = [
        onnx.helper.make_function(
            "own",
            f"F{i}",
            ["a"],
            ["r"],
            [node(f"F{i + 1}", "a", "m", domain="own"), node(f"F{i + 1}", "m", "r", domain="own")],
            [onnx.helper.make_opsetid("", 17)],
        )
        for i in range(40)
    ]
    functions.append(
        onnx.helper.make_function(
            "own", "F40", ["a"], ["r"], [node("Identity", "a", "r")],
            [onnx.helper.make_opsetid("", 17)],
        )
    )  # fmt: skip
    made = model([node("F0", "x", "y", domain="own")], ROWS, functions=functions)
    assert "more than 4,000 nodes" in str(refused(tmp_path, made))


# --- branches ---


@pytest.mark.parametrize(("condition", "expected"), [(1, ["relu"]), (0, ["neg", "abs"])])
def test_a_constant_condition(tmp_path: Path, condition: int, expected: list[str]) -> None:
    """The branches see what is around them."""
    then = graph([node("Relu", "x", "z")])
    other = graph([node("Neg", "x", "n"), node("Abs", "n", "z")])
    made = model(
        [node("If", "c", "y", then_branch=then, else_branch=other)],
        ROWS,
        weights=[numbers("c", condition, BOOL)],
    )
    assert operators(read(tmp_path, made)) == expected


def test_a_condition_on_a_shape_is_constant(tmp_path: Path) -> None:
    """What torch writes for a squeeze of a size that it does not know."""
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n"),
        node("Equal", "n one", "c"),
        node(
            "If",
            "c",
            "y",
            then_branch=graph([node("Squeeze", "x axes", "z")]),
            else_branch=graph([node("Identity", "x", "z")]),
        ),
    ]
    weights = [numbers("zero", 0), numbers("one", 1), numbers("axes", [0])]
    tape = read(tmp_path, model(nodes, ROWS, weights=weights))
    assert (operators(tape), output_of(tape)) == (["squeeze"], (4,))


def test_a_condition_on_the_data_is_unknown(tmp_path: Path) -> None:
    branch = onnx.helper.make_graph(
        [node("Relu", "x", "z")],
        "b",
        [],
        [onnx.helper.make_tensor_value_info("z", FLOAT, [1, 4])],
    )
    made = model(
        [node("If", "c", "y", then_branch=branch, else_branch=branch)],
        {"x": [1, 4], "c": [1]},
    )
    made.graph.input[1].type.tensor_type.elem_type = BOOL
    tape = read(tmp_path, made)
    assert operators(tape) == ["If"]
    assert graph_of(tape).nodes[-1].facts.cost is None


# --- loops ---


def loop(count: int | None, weights: Any = (), **more: Any) -> Any:
    """A loop that multiplies a state by a matrix at each turn, and gives each state."""
    nodes = [
        node("MatMul", "s w", "t"),
        node("Identity", more.get("goes_on", "c"), "c2"),
        node("Identity", "t", "each"),
    ]
    body = graph(nodes, "i c s", "c2 t each")
    inputs = "count - x" if count is not None else "x0 - x"
    given = [weight("w", 4, 4), *weights]
    if count is not None:
        given.append(numbers("count", count))
    return model([node("Loop", inputs, "y all", body=body)], ROWS, "y all", given)


def test_a_loop_of_a_constant_count(tmp_path: Path) -> None:
    tape = read(tmp_path, loop(3))
    assert operators(tape) == ["linear"] * 3 + ["stack"]
    assert [tape.tensors[number].shape for number in tape.outputs] == [(1, 4), (3, 1, 4)]
    found = analysis(tape).totals
    assert (found.params, found.macs) == (16, 48)  # the weight is one


def test_a_loop_that_ends_itself(tmp_path: Path) -> None:
    tape = read(tmp_path, loop(3, [numbers("no", 0, BOOL)], goes_on="no"))
    assert operators(tape) == ["linear", "stack"]


def test_a_count_that_depends_on_the_data_is_unknown(tmp_path: Path) -> None:
    made = loop(None)
    made.graph.input.append(onnx.helper.make_tensor_value_info("x0", INT64, []))
    tape = read(tmp_path, made)
    assert operators(tape)[0] == "Loop"
    assert "linear" not in operators(tape)
    assert analysis(tape).totals.unknown.cost


def test_a_loop_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", "layers=100")
    assert "more than 400 nodes" in str(refused(tmp_path, loop(2**62)))


def test_a_loop_of_nothing_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", "layers=100")
    body = graph([], "i c s", "c s")
    made = model(
        [node("Loop", "count - x", "y", body=body)], ROWS, weights=[numbers("count", 2**62)]
    )
    assert "more than 400 nodes" in str(refused(tmp_path, made))


def test_a_scan_along_a_sequence(tmp_path: Path) -> None:
    nodes = [node("Add", "s e", "t"), node("Identity", "t", "each")]
    body = graph(nodes, "s e", "t each")
    made = model(
        [node("Scan", "x seq", "y all", body=body, num_scan_inputs=1)],
        {"x": [4], "seq": [5, 4]},
        "y all",
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["select", "add"] * 5 + ["stack"]
    assert [tape.tensors[number].shape for number in tape.outputs] == [(4,), (5, 4)]
