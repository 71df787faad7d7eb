"""A file's bytes without its weights' elements: what is left is the same network."""

from __future__ import annotations

import pytest

from archprof.capturing.onnx.wire import KEPT, NotProtobuf, without_elements
from tests.capturing.onnx.models import INT64, model, node, onnx, weight

IMAGE = {"x": [1, 3, 8, 8]}


def large(name: str, **fields: object) -> object:
    """A tensor of more bytes than are kept."""
    return onnx.TensorProto(name=name, dims=[100, 100], data_type=1, **fields)


def stripped(made: object) -> object:
    whole = made.SerializeToString()  # type: ignore[attr-defined]
    plain = without_elements(whole)
    return onnx.ModelProto.FromString(plain)


@pytest.mark.parametrize(
    "fields",
    [
        {"raw_data": bytes(40_000)},
        {"float_data": [1.5] * 10_000},
        {"int32_data": [2**30] * 10_000},
        {"int64_data": [2**40] * 10_000},
        {"double_data": [0.5] * 10_000},
        {"uint64_data": [2**63] * 10_000},
        {"string_data": [b"text"] * 10_000},
    ],
)
def test_elements_of_large_tensors_are_left_out(fields: dict[str, object]) -> None:
    made = model([node("Relu", "x", "y")], IMAGE, weights=[large("w", **fields)])
    found = stripped(made)
    (tensor,) = found.graph.initializer  # type: ignore[attr-defined]
    expected = onnx.TensorProto(name="w", dims=[100, 100], data_type=1)
    assert tensor == expected
    del made.graph.initializer[:]
    del found.graph.initializer[:]  # type: ignore[attr-defined]
    assert found == made


def test_small_tensors_are_kept() -> None:
    values = onnx.helper.make_tensor("shape", INT64, [4], [1, -1, 2**40, 7])
    made = model([node("Relu", "x", "y")], IMAGE, weights=[values])
    assert stripped(made) == made


def test_tensors_everywhere_are_found() -> None:
    """In a Constant, in a branch in a loop, in a sparse tensor, in a function."""
    constant = onnx.helper.make_node(
        "Constant", [], ["c"], value=large("c", raw_data=bytes(40_000))
    )
    branch = onnx.helper.make_graph([constant], "branch", [], [])
    loop = onnx.helper.make_graph(
        [onnx.helper.make_node("If", ["x"], ["z"], then_branch=branch)], "body", [], []
    )
    made = model(
        [constant, onnx.helper.make_node("Loop", ["x"], ["y"], body=loop)],
        IMAGE,
        functions=[onnx.helper.make_function("own", "F", [], ["c"], [constant], [])],
    )
    made.graph.sparse_initializer.add().values.CopyFrom(large("s", raw_data=bytes(40_000)))
    whole = made.SerializeToString()
    assert len(whole) > 4 * 40_000
    plain = without_elements(whole)
    assert len(plain) < 2_000
    assert len(onnx.ModelProto.FromString(plain).graph.node) == 2


def test_graphs_for_training_are_left_out() -> None:
    made = model([node("Relu", "x", "y")], IMAGE)
    made.training_info.add().algorithm.name = "update"
    assert not stripped(made).training_info  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 20,  # a number without an end
        b"\x3a\x7f",  # a graph of 127 bytes of which there are none
        b"\x3b\x3c",  # a group, which protobuf has no more
        b"\x00\x01",  # a field of the number 0
        b"\x0d\x01",  # four bytes of which there is one
    ],
)
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(NotProtobuf):
        without_elements(data)


def test_a_message_whose_length_lies_is_no_message() -> None:
    inner = bytes([0x0A]) + b"\xff\xff\xff\xff\x0f"  # a node of 4 GB
    graph = b"\x3a" + onnx_varint(len(inner) + KEPT) + inner + bytes(KEPT)
    with pytest.raises(NotProtobuf):
        without_elements(graph)


def onnx_varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def test_messages_that_lie_deep_in_each_other() -> None:
    """A graph in an attribute in a node in a graph, a thousand times over."""
    data = b"\x12" + onnx_varint(2 * KEPT) + bytes(2 * KEPT)  # the name of a graph
    for _ in range(1_000):
        for tag in (b"\x32", b"\x2a", b"\x0a"):  # a graph in an attribute of a node
            data = tag + onnx_varint(len(data)) + data
    with pytest.raises(NotProtobuf, match="deep"):
        without_elements(b"\x3a" + onnx_varint(len(data)) + data)


def test_a_weight_of_the_usual_size() -> None:
    """A test of the test: `weight` writes no elements at all."""
    assert weight("w", 64, 3, 7, 7).ByteSize() < 50
