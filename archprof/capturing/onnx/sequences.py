"""Sequences of tensors in an ONNX graph, by which exporters pass on the parts of a split.

They are followed where their length and the places in them are constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from archprof.capturing.onnx.nodes import plain
from archprof.capturing.onnx.values import Known
from archprof.capturing.onnx_operators import ONNX_OPERATORS
from archprof.capturing.onnx_operators.given import Given

if TYPE_CHECKING:
    from archprof.capturing.onnx.graph import Env, GraphReader

MOST_PARTS = 4096
"""Of a sequence."""


class KnownSequence(Known):
    """A sequence whose tensors are known."""

    __slots__ = ("parts",)

    def __init__(self, name: str, parts: Sequence[Known]):
        super().__init__(name)
        self.parts = list(parts)


def _given(
    reader: GraphReader,
    node: Any,
    inputs: Sequence[Known],
    outputs: Sequence[Known],
    attributes: dict[str, Any],
) -> Given:
    at = reader.place(node, inputs)
    return Given(reader.tape, node.op_type, 13, attributes, inputs, outputs, at)


def _split(reader: GraphReader, node: Any, env: Env) -> bool:
    """Write SplitToSequence: the parts are views. Return whether their sizes are known."""
    source = reader.lookup(node, node.input[0] if node.input else "", env)
    attributes = plain(reader.onnx, node)
    if source.shape is None or source.constant or not source.shape:
        return False
    axis = attributes.get("axis", 0) % len(source.shape)
    sizes = _sizes(reader, node, env, source.shape[axis])
    if sizes is None or sum(sizes) != source.shape[axis] or len(sizes) > MOST_PARTS:
        return False
    alone = len(node.input) < 2 and not attributes.get("keepdims", 1)
    parts = []
    for size in sizes:
        dims = (*source.shape[:axis], *(() if alone else (size,)), *source.shape[axis + 1 :])
        parts.append(Known(node.output[0], source.elem, dims))
    if alone:
        _select(reader, node, source, parts, axis)
    else:
        given = _given(reader, node, [source], parts, {"axis": axis})
        ONNX_OPERATORS["Split"].write(given)
    env[node.output[0]] = KnownSequence(node.output[0], parts)
    return True


def _sizes(reader: GraphReader, node: Any, env: Env, whole: int) -> list[int] | None:
    """Return the sizes of the parts: of 1 each, of a size and a rest, or as listed."""
    if len(node.input) < 2 or not node.input[1]:
        return [1] * whole if whole <= MOST_PARTS else None
    data = reader.lookup(node, node.input[1], env).data
    if data is None:
        return None
    listed = data.tolist()
    if isinstance(listed, list):
        return [int(size) for size in listed]
    if listed < 1 or whole // listed > MOST_PARTS:
        return None
    full, rest = divmod(whole, int(listed))
    return [int(listed)] * full + ([rest] if rest else [])


def _select(
    reader: GraphReader, node: Any, source: Known, parts: Sequence[Known], axis: int
) -> None:
    whole = reader.tape.value(source)
    for index, part in enumerate(parts):
        given = _given(reader, node, [source], [part], {})
        layout = given.layout(whole)
        strides = tuple(n for i, n in enumerate(layout.strides) if i != axis)
        view = layout._replace(shape=part.shape or (), strides=strides)
        arguments = {"self": whole, "dim": axis, "index": index}
        given.view("aten.select.int", arguments, whole, view)


def _at(reader: GraphReader, node: Any, env: Env) -> bool:
    """Note which tensor SequenceAt takes. Return whether that is known."""
    if len(node.input) != 2:
        return False
    found = reader.lookup(node, node.input[0], env)
    place = reader.lookup(node, node.input[1], env).data
    if not isinstance(found, KnownSequence) or place is None or place.size != 1:
        return False
    index = int(place.item())
    if not -len(found.parts) <= index < len(found.parts):
        return False
    env[node.output[0]] = found.parts[index]
    return True


def _construct(reader: GraphReader, node: Any, env: Env) -> bool:
    """Note the tensors of SequenceConstruct."""
    parts = [reader.lookup(node, name, env) for name in node.input]
    env[node.output[0]] = KnownSequence(node.output[0], parts)
    return True


def _concat(reader: GraphReader, node: Any, env: Env) -> bool:
    """Write ConcatFromSequence. Return whether the sequence is known."""
    found = reader.lookup(node, node.input[0] if node.input else "", env)
    attributes = plain(reader.onnx, node)
    if not isinstance(found, KnownSequence) or not found.parts:
        return False
    shapes = [part.shape for part in found.parts]
    first, new = shapes[0], attributes.get("new_axis", 0)
    axis = attributes.get("axis", 0)
    if first is None or any(shape is None or len(shape) != len(first) for shape in shapes):
        return False
    rank = len(first) + (1 if new else 0)
    axis = axis % rank if rank else 0
    if new:
        size = (*first[:axis], len(shapes), *first[axis:])
    else:
        total = sum(shape[axis] for shape in shapes if shape is not None)
        size = (*first[:axis], total, *first[axis + 1 :])
    whole = Known(node.output[0], found.parts[0].elem, size)
    given = _given(reader, node, found.parts, [whole], {"axis": axis})
    tensors = [given.value(i) for i in range(len(found.parts))]
    operator = "aten.stack.default" if new else "aten.cat.default"
    given.emit(operator, {"tensors": tensors, "dim": axis})
    env[node.output[0]] = whole
    return True


SEQUENCES: dict[str, Callable[[GraphReader, Any, Env], bool]] = {
    "SplitToSequence": _split,
    "SequenceAt": _at,
    "SequenceConstruct": _construct,
    "ConcatFromSequence": _concat,
}
"""Operators on sequences; each returns whether it could be followed."""
