"""Sizes that a file leaves open: which are 1, which are asked for, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capturing.onnx.models import FLOAT, model, node, onnx, output_of, read, refused, weight


def sizes(folder: Path, *given: int | str | None, **more: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an input as it is read."""
    return output_of(read(folder, model([node("Relu", "x", "y")], {"x": given}), **more))


@pytest.mark.parametrize("batch", ["batch_size", "N", "", None, 0, -1, "unk__618", "anything"])
def test_an_open_batch_is_1(tmp_path: Path, batch: int | str | None) -> None:
    assert sizes(tmp_path, batch, 3, 8, 8) == (1, 3, 8, 8)


def test_the_batch_may_be_named_again(tmp_path: Path) -> None:
    assert sizes(tmp_path, "rows", 3, "rows") == (1, 3, 1)


def test_other_open_sizes_are_asked_for(tmp_path: Path) -> None:
    made = model([node("Relu", "x", "y")], {"x": ["batch", 3, "height", "width"]})
    found = str(refused(tmp_path, made))
    assert "the size of the input `x` is left open: batchx3xheightxwidth" in found
    assert "hint: --input x=3x224x224" in found
    assert output_of(read(tmp_path, made, x=(3, 32, 64))) == (1, 3, 32, 64)
    assert output_of(read(tmp_path, made, x=(1, 3, 32, 64))) == (1, 3, 32, 64)


def test_a_picture_whose_channels_are_last(tmp_path: Path) -> None:
    made = model([node("Relu", "x", "y")], {"x": [None, None, None, 3]})
    assert "hint: --input x=224x224x3" in str(refused(tmp_path, made))


def test_every_input_that_is_left_open_is_named(tmp_path: Path) -> None:
    made = model([node("Add", "x z", "y")], {"x": [1, "a"], "z": [1, "b"]})
    assert [problem.message[:32] for problem in refused(tmp_path, made).problems] == [
        "the size of the input `x` is lef",
        "the size of the input `z` is lef",
    ]


def test_a_size_that_two_inputs_share_is_given_once(tmp_path: Path) -> None:
    made = model([node("Add", "x z", "y")], {"x": [1, "length"], "z": [1, "length"]})
    assert output_of(read(tmp_path, made, x=(1, 7))) == (1, 7)


def test_an_input_without_any_size(tmp_path: Path) -> None:
    made = model([node("Relu", "x", "y")], {"x": []})
    made.graph.input[0].CopyFrom(onnx.helper.make_empty_tensor_value_info("x"))
    made.graph.input[0].type.tensor_type.elem_type = FLOAT
    assert "a tensor of any shape" in str(refused(tmp_path, made))
    assert output_of(read(tmp_path, made, x=(3, 8, 8))) == (3, 8, 8)


def test_a_size_without_a_name_is_of_the_first_input(tmp_path: Path) -> None:
    """Names such as `0` are none that the command line takes."""
    made = model([node("Add", "0 z", "y")], {"0": [1, 3, "h", "w"], "z": [1]})
    assert "hint: --input 3x224x224" in str(refused(tmp_path, made))
    assert output_of(read(tmp_path, made, **{"": (3, 8, 8)})) == (1, 3, 8, 8)


def test_a_name_that_no_input_has(tmp_path: Path) -> None:
    made = model([node("Relu", "image", "y")], {"image": [1, 3, 8, 8]})
    found = str(refused(tmp_path, made, imgae=(3, 8, 8)))
    assert "no input is called `imgae`" in found
    assert "did you mean `image`?" in found


def test_a_batch_that_is_fixed(tmp_path: Path) -> None:
    """The numbers would be those of eight pictures."""
    made = model([node("Relu", "x", "y")], {"x": [8, 3, 6, 6]})
    found = str(refused(tmp_path, made))
    assert "a fixed batch of 8: 8x3x6x6" in found
    assert "--input x=8x3x6x6 takes all 8 as one sample" in found
    assert output_of(read(tmp_path, made, x=(8, 3, 6, 6))) == (8, 3, 6, 6)


def test_weights_among_the_inputs_are_none(tmp_path: Path) -> None:
    """Up to version 3 of the format every initializer is an input too."""
    made = model(
        [node("Conv", "x w", "y")],
        {"x": [1, 3, 8, 8], "w": [4, 3, 3, 3]},
        weights=[weight("w", 4, 3, 3, 3)],
        ir_version=3,
    )
    tape = read(tmp_path, made)
    assert list(tape.inputs) == ["x"]
    assert len(tape.weights) == 1


def test_the_picture_comes_first(tmp_path: Path) -> None:
    """What the receptive fields are of: YOLOv3 of the ONNX model zoo has its size before it."""
    made = model([node("Add", "size x", "y")], {"size": [1, 2], "x": [1, 3, 8, 2]})
    assert list(read(tmp_path, made).inputs) == ["x", "size"]
