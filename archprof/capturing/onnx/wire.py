"""An ONNX file's bytes without its weights' elements: what they are is in their shapes.

A network's file is nearly all weights. They are left out before the file is parsed, which takes a
fraction of the time and of the memory. What is skipped is nobody's code: protobuf's wire format is
numbers and lengths (https://protobuf.dev/programming-guides/encoding).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof.allowance import check

KEPT = 16_384
"""Bytes of the largest tensor that is kept whole: a shape, a list of indices, a small constant."""

DEEPEST = 100
"""How deep messages may lie in each other, as protobuf has it: a node in a branch in a branch."""

MODEL, GRAPH, NODE, ATTRIBUTE, TENSOR, SPARSE, FUNCTION = range(7)

# by message the fields that may hold weights, and which message each is: onnx.proto
_ENTERED = {
    MODEL: {7: GRAPH, 25: FUNCTION},
    GRAPH: {1: NODE, 5: TENSOR, 15: SPARSE},
    NODE: {5: ATTRIBUTE},
    ATTRIBUTE: {5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH, 22: SPARSE, 23: SPARSE},
    SPARSE: {1: TENSOR, 2: TENSOR},
    FUNCTION: {7: NODE},
    TENSOR: {},
}
# float_data, int32_data, string_data, int64_data, raw_data, double_data, uint64_data
_ELEMENTS = frozenset({4, 5, 6, 7, 9, 10, 11})
_TRAINING = 20  # of a model: graphs that are not part of the network

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class NotProtobuf(ValueError):
    """The bytes are not a protobuf message."""


class _Field(NamedTuple):
    """A field of a message: where it begins with its tag, and where its content does and ends."""

    number: int
    kind: int
    start: int
    content: int
    end: int


def without_elements(data: bytes) -> bytes:
    """Return an ONNX model's bytes without the elements of its large tensors.

    Raises NotProtobuf.
    """
    pieces: list[bytes | memoryview] = []
    _copy(memoryview(data), 0, len(data), MODEL, pieces, 0)
    return b"".join(pieces)


def _copy(
    data: memoryview,
    start: int,
    end: int,
    message: int,
    pieces: list[bytes | memoryview],
    deep: int,
) -> None:
    """Append the bytes of a message to `pieces`, those of its large tensors left out."""
    if deep > DEEPEST:
        raise NotProtobuf(f"messages lie more than {DEEPEST} deep in each other")
    copied = start  # all before is in `pieces`
    entered = _ENTERED[message]
    for count, field in enumerate(_fields(data, start, end)):
        if count % 10_000 == 9_999:
            check()
        left_out = (message == TENSOR and field.number in _ELEMENTS) or (
            message == MODEL and field.number == _TRAINING
        )
        inner = entered.get(field.number)
        large = field.end - field.content > KEPT and field.kind == _BYTES
        if not left_out and (inner is None or not large):
            continue
        pieces.append(data[copied : field.start])
        copied = field.end
        if left_out or inner is None:
            continue
        within: list[bytes | memoryview] = []
        _copy(data, field.content, field.end, inner, within, deep + 1)
        length = sum(map(len, within))
        pieces += [_varint(field.number << 3 | _BYTES), _varint(length), *within]
    pieces.append(data[copied:end])


def _fields(data: memoryview, start: int, end: int) -> Iterator[_Field]:
    """Yield the fields of the message in a range of bytes. Raises NotProtobuf."""
    place = start
    while place < end:
        tag, content = _number(data, place, end)
        kind = tag & 7
        if kind == _VARINT:
            _, last = _number(data, content, end)
        elif kind == _BYTES:
            length, content = _number(data, content, end)
            last = content + length
        elif kind in (_FIXED32, _FIXED64):
            last = content + (4 if kind == _FIXED32 else 8)
        else:
            raise NotProtobuf(f"there is no wire type {kind}")
        if last > end or tag < 8:
            raise NotProtobuf("a field ends behind its message")
        yield _Field(tag >> 3, kind, place, content, last)
        place = last


def _number(data: memoryview, place: int, end: int) -> tuple[int, int]:
    """Return a number of variable length, and the place behind it."""
    value = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise NotProtobuf("a number has no end")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
