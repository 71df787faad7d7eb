"""Moves and views of ONNX, in the forms of all versions."""

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
    only,
    operators,
    output_of,
    read,
    weight,
)

IMAGE = {"x": [1, 4, 6, 6]}


def is_view(tape: Any) -> bool:
    """Whether the output lies in the input's memory."""
    source, given = tape.tensors[tape.inputs["x"]], tape.tensors[tape.outputs[0]]
    return bool(source.storage == given.storage)


def test_a_reshape_is_a_view(tmp_path: Path) -> None:
    made = model([node("Reshape", "x s", "y")], IMAGE, weights=[numbers("s", [0, -1])])
    tape = read(tmp_path, made)
    assert output_of(tape) == (1, 144)
    assert is_view(tape)
    assert graph_of(tape).nodes[0].kind == "flatten"


def test_a_reshape_of_a_transposition_is_a_copy(tmp_path: Path) -> None:
    nodes = [node("Transpose", "x", "t", perm=[0, 2, 3, 1]), node("Reshape", "t s", "y")]
    made = model(nodes, IMAGE, weights=[numbers("s", [1, 144])])
    tape = read(tmp_path, made)
    assert tape.tensors[tape.operations[0].outputs[0]].strides == (144, 6, 1, 36)
    assert not is_view(tape)


@pytest.mark.parametrize(("axis", "shape"), [(1, (1, 144)), (2, (4, 36)), (0, (1, 144))])
def test_a_flatten(tmp_path: Path, axis: int, shape: tuple[int, int]) -> None:
    made = model([node("Flatten", "x", "y", axis=axis)], IMAGE)
    assert output_of(read(tmp_path, made)) == shape


@pytest.mark.parametrize("version", [11, 13])
def test_axes_as_an_attribute_and_as_an_input(tmp_path: Path, version: int) -> None:
    """Of Squeeze and Unsqueeze they were an attribute up to 11."""
    if version == 11:
        nodes = [node("Unsqueeze", "x", "u", axes=[0, 2]), node("Squeeze", "u", "y", axes=[0])]
        weights = []
    else:
        nodes = [node("Unsqueeze", "x two", "u"), node("Squeeze", "u one", "y")]
        weights = [numbers("two", [0, 2]), numbers("one", [0])]
    tape = read(tmp_path, model(nodes, IMAGE, weights=weights, version=version))
    assert output_of(tape) == (1, 1, 4, 6, 6)
    assert operators(tape) == ["unsqueeze", "squeeze"]
    assert is_view(tape)


@pytest.mark.parametrize("version", [9, 13])
def test_a_slice_along_two_axes(tmp_path: Path, version: int) -> None:
    """Its places were attributes up to 9. An end beyond the last element means the last one."""
    if version == 9:
        attributes = {"starts": [1, -3], "ends": [3, 2**63 - 1], "axes": [1, 3]}
        made = model([node("Slice", "x", "y", **attributes)], IMAGE, version=version)
    else:
        places = [
            numbers("starts", [1, -3]),
            numbers("ends", [3, 2**63 - 1]),
            numbers("axes", [1, 3]),
            numbers("steps", [1, 2]),
        ]
        made = model([node("Slice", "x starts ends axes steps", "y")], IMAGE, weights=places)
    tape = read(tmp_path, made)
    assert operators(tape) == ["slice", "slice"]
    # channels 1 and 2 of 4; columns 3 to 5 of 6, of which a step of 2 leaves 3 and 5
    assert output_of(tape) == (1, 2, 6, 3 if version == 9 else 2)
    assert is_view(tape)


@pytest.mark.parametrize("version", [2, 11, 13, 18])
def test_the_parts_of_a_split_are_views(tmp_path: Path, version: int) -> None:
    weights, inputs, attributes = [], "x", {"axis": 1}
    if version < 13:
        attributes = {"axis": 1, "split": [1, 3]}
    else:
        weights, inputs = [numbers("sizes", [1, 3])], "x sizes"
    made = model([node("Split", inputs, "a y", **attributes)], IMAGE, "y", weights, version)
    tape = read(tmp_path, made)
    assert only(tape).arguments["split_sizes"] == [1, 3]
    assert output_of(tape) == (1, 3, 6, 6)
    assert is_view(tape)


def test_a_concatenation(tmp_path: Path) -> None:
    made = model([node("Concat", "x z", "y", axis=1)], {"x": [1, 4, 6, 6], "z": [1, 2, 6, 6]})
    (_, layer) = graph_of(read(tmp_path, made)).nodes
    assert (layer.kind, layer.output) == ("concat", (6, 6, 6))


@pytest.mark.parametrize("version", [2, 11, 18])
def test_a_padding(tmp_path: Path, version: int) -> None:
    """ONNX has all begins and then all ends; torch pairs, from the last dimension on."""
    pads = [0, 0, 1, 2, 0, 0, 3, 4]
    if version == 2:
        made = model([node("Pad", "x", "y", pads=pads)], IMAGE, version=version)
    else:
        made = model(
            [node("Pad", "x p", "y")], IMAGE, weights=[numbers("p", pads)], version=version
        )
    tape = read(tmp_path, made)
    assert only(tape).arguments["pad"] == [2, 4, 1, 3]
    assert output_of(tape) == (1, 4, 10, 12)


def test_a_padding_of_some_axes(tmp_path: Path) -> None:
    weights = [numbers("p", [1, 2]), numbers("axes", [-1])]
    made = model(
        [node("Pad", "x p - axes", "y", mode="reflect")], IMAGE, weights=weights, version=18
    )
    arguments = only(read(tmp_path, made)).arguments
    assert (arguments["pad"], arguments["mode"]) == ([1, 2], "reflect")


@pytest.mark.parametrize(
    ("op", "attributes", "shape"),
    [
        ("DepthToSpace", {"blocksize": 2}, (1, 1, 12, 12)),
        ("DepthToSpace", {"blocksize": 2, "mode": "CRD"}, (1, 1, 12, 12)),
        ("SpaceToDepth", {"blocksize": 3}, (1, 36, 2, 2)),
    ],
)
def test_blocks_and_channels(
    tmp_path: Path, op: str, attributes: dict[str, Any], shape: tuple[int, ...]
) -> None:
    tape = read(tmp_path, model([node(op, "x", "y", **attributes)], IMAGE))
    assert output_of(tape) == shape
    alone = attributes.get("mode") == "CRD"  # which is what torch's pixel_shuffle does
    expected = ["pixel_shuffle"] if alone else ["reshape", "permute", "reshape"]
    assert operators(tape) == expected
    assert not is_view(tape)


def test_an_expansion_reads_again(tmp_path: Path) -> None:
    made = model(
        [node("Expand", "x s", "y")], {"x": [1, 4, 1]}, weights=[numbers("s", [2, 1, 4, 3])]
    )
    tape = read(tmp_path, made)
    assert output_of(tape) == (2, 1, 4, 3)
    assert tape.tensors[tape.outputs[0]].strides[0] == tape.tensors[tape.outputs[0]].strides[3] == 0


def test_a_choice_by_a_number_is_a_view(tmp_path: Path) -> None:
    made = model([node("Gather", "x i", "y", axis=2)], IMAGE, weights=[numbers("i", -1)])
    tape = read(tmp_path, made)
    assert operators(tape) == ["select"]
    assert output_of(tape) == (1, 4, 6)
    assert tape.tensors[tape.outputs[0]].strides == (144, 36, 1)


def test_a_choice_of_rows_of_a_weight_is_an_embedding(tmp_path: Path) -> None:
    made = model(
        [node("Gather", "words.weight ids", "y")],
        {"ids": [1, 7]},
        weights=[weight("words.weight", 100, 16)],
    )
    made.graph.input[0].type.tensor_type.elem_type = INT64
    tape = read(tmp_path, made)
    (layer,) = graph_of(tape).nodes
    assert (layer.path, layer.params) == ("words", 1600)
    assert analysis(tape).totals.macs == 0


def test_choices_by_indices(tmp_path: Path) -> None:
    made = model([node("Gather", "x i", "y", axis=1)], IMAGE, weights=[numbers("i", [0, 2])])
    assert operators(read(tmp_path, made)) == ["index_select"]
    made = model(
        [node("GatherElements", "x i", "y", axis=1)],
        {"x": [1, 4]},
        weights=[onnx_table("i", [[0, 1]])],
    )
    assert operators(read(tmp_path, made)) == ["gather"]


def onnx_table(name: str, values: list[list[int]]) -> Any:
    from tests.capturing.onnx.models import onnx

    flat = [number for line in values for number in line]
    return onnx.helper.make_tensor(name, INT64, [len(values), len(values[0])], flat)


def test_tensors_out_of_nothing(tmp_path: Path) -> None:
    """Random numbers are not a constant: they are new each time."""
    nodes = [node("RandomNormal", "", "r", shape=[1, 4, 6, 6]), node("Add", "x r", "y")]
    assert operators(read(tmp_path, model(nodes, IMAGE))) == ["randn", "add"]


def test_repetitions(tmp_path: Path) -> None:
    made = model([node("Tile", "x n", "y")], {"x": [1, 4]}, weights=[numbers("n", [1, 3])])
    tape = read(tmp_path, made)
    assert (only(tape).arguments["dims"], output_of(tape)) == ([1, 3], (1, 12))
    made = model([node("Trilu", "x", "y", upper=0)], {"x": [4, 4]})
    assert operators(read(tmp_path, made)) == ["tril"]


def test_dtypes_change(tmp_path: Path) -> None:
    made = model([node("Cast", "x", "y", to=10)], IMAGE)
    tape = read(tmp_path, made)
    assert tape.tensors[tape.outputs[0]].dtype == "float16"
    assert only(tape).arguments["dtype"] == "float16"
    assert FLOAT == 1
