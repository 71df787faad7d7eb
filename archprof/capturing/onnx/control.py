"""Graphs within an ONNX graph: functions, branches, loops.

They are entered where the file itself says what runs: a condition or a count that is constant.
Otherwise the operator stays as it is, and its cost is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from archprof.capturing.onnx.values import Known
from archprof.capturing.onnx_operators.given import Given
from archprof.capturing.tape import TensorRef

if TYPE_CHECKING:
    from archprof.capturing.onnx.graph import Env, GraphReader


class _NotConstant(Exception):
    """What a loop does depends on the data."""


def call(reader: GraphReader, node: Any, function: Any, env: Env) -> None:
    """Write the operations of a function of the model in the place of a node that calls it."""
    inner: dict[str, Known] = {}
    for name, given in zip(function.input, node.input, strict=False):
        if given:
            inner[name] = reader.lookup(node, given, env)
    given_attributes = {entry.name: entry for entry in function.attribute_proto}
    given_attributes.update({entry.name: entry for entry in node.attribute})
    bodies = [_filled(reader.onnx, each, given_attributes) for each in function.node]
    versions = {
        "" if entry.domain == "ai.onnx" else entry.domain: entry.version
        for entry in function.opset_import
    }
    outer = reader.versions, reader.around
    reader.versions = outer[0] | versions
    reader.around = reader.place(node, [])
    reader.nodes_in(bodies, function.output, inner)
    reader.versions, reader.around = outer
    _give(reader, node, [inner.get(name) for name in function.output], env)


def _filled(onnx: Any, node: Any, given: dict[str, Any]) -> Any:
    """Return a function's node with the attributes that the call gives."""
    if not any(entry.ref_attr_name for entry in node.attribute):
        return node
    filled = onnx.NodeProto()
    filled.CopyFrom(node)
    del filled.attribute[:]
    for entry in node.attribute:
        if not entry.ref_attr_name:
            filled.attribute.append(entry)
        elif entry.ref_attr_name in given:
            copied = filled.attribute.add()
            copied.CopyFrom(given[entry.ref_attr_name])
            copied.name = entry.name
    return filled


def _give(reader: GraphReader, node: Any, values: Sequence[Known | None], env: Env) -> None:
    for name, known in zip(node.output, values, strict=False):
        if name:
            env[name] = known if known is not None else Known(name)


def _graph(node: Any, name: str) -> Any:
    return next((entry.g for entry in node.attribute if entry.name == name), None)


def _truth(known: Known | None) -> bool | None:
    """Return a constant condition, None for one that is not known."""
    if known is None or known.data is None or known.data.size != 1:
        return None
    return bool(known.data.item())


# --- branches ---


def _branch(reader: GraphReader, node: Any, env: Env) -> bool:
    """Write the branch that a constant condition takes. Return whether it is constant."""
    condition = _truth(reader.lookup(node, node.input[0] if node.input else "", env))
    branch = _graph(node, "then_branch" if condition else "else_branch")
    if condition is None or branch is None:
        return False
    inner = reader.nested(env)
    reader.read(branch, inner)
    _give(reader, node, [inner.get(value.name) for value in branch.output], env)
    return True


# --- loops ---


def _loop(reader: GraphReader, node: Any, env: Env) -> bool:
    """Write the body of a loop as often as it runs. Return whether that is constant."""
    body = _graph(node, "body")
    inputs = [reader.lookup(node, name, env) if name else None for name in node.input]
    if body is None or len(inputs) < 2 or inputs[0] is None:
        return False
    count = inputs[0].data
    if count is None or count.size != 1 or (inputs[1] is not None and not _truth(inputs[1])):
        return False
    before = len(reader.tape.operations)
    try:
        states, scanned = _turns(reader, body, int(count.item()), inputs[2:], env)
    except _NotConstant:
        del reader.tape.operations[before:]
        return False
    stacked = [_stacked(reader, node, each) for each in scanned]
    _give(reader, node, [*states, *stacked], env)
    return True


def _turns(
    reader: GraphReader, body: Any, count: int, states: list[Known | None], env: Env
) -> tuple[list[Known | None], list[list[Known]]]:
    """Return the states after so many turns, and what each turn gives beside them."""
    import numpy

    names = [value.name for value in body.input]
    outputs = [value.name for value in body.output]
    scanned: list[list[Known]] = [[] for _ in outputs[1 + len(states) :]]
    if len(names) != 2 + len(states) or len(outputs) < 1 + len(states):
        raise _NotConstant
    for turn in range(count):
        reader.count()
        inner = reader.nested(env)
        inner[names[0]] = Known(names[0], 7, (), True, numpy.asarray(turn, dtype="int64"))
        inner[names[1]] = Known(names[1], 9, (), True, numpy.asarray(True))
        for name, state in zip(names[2:], states, strict=True):
            if state is not None:
                inner[name] = state
        reader.read(body, inner)
        given = [inner.get(name) for name in outputs]
        goes_on = _truth(given[0])
        if goes_on is None or any(each is None for each in given):
            raise _NotConstant
        states = given[1 : 1 + len(states)]
        for each, known in zip(scanned, given[1 + len(states) :], strict=True):
            if known is not None:
                each.append(known)
        if not goes_on:
            break
    return states, scanned


def _stacked(reader: GraphReader, node: Any, parts: list[Known]) -> Known:
    """Return what all turns gave as one tensor, the turns first."""
    if not parts or any(each.shape is None or each.shape != parts[0].shape for each in parts):
        return Known("")
    first = parts[0]
    whole = Known(first.name, first.elem, (len(parts), *(first.shape or ())))
    given = Given(reader.tape, "Loop", 1, {}, parts, [whole], reader.place(node, []))
    tensors = [reader.tape.value(each) for each in parts]
    given.emit("aten.stack.default", {"tensors": tensors, "dim": 0})
    return whole


def _scan(reader: GraphReader, node: Any, env: Env) -> bool:
    """Write the body of a scan for each element along the first dimension of its inputs.

    Return whether it is so plain: of version 9 and later, forwards and along that dimension.
    """
    body = _graph(node, "body")
    settings = {entry.name: list(entry.ints) for entry in node.attribute if entry.ints}
    along = next((entry.i for entry in node.attribute if entry.name == "num_scan_inputs"), 0)
    backwards = any(any(numbers) for numbers in settings.values())
    if body is None or along < 1 or backwards or not all(node.input):
        return False
    inputs = [reader.lookup(node, name, env) for name in node.input]
    states: list[Known | None] = list(inputs[:-along])
    moving = inputs[-along:]
    lengths = {each.shape[0] if each.shape else -1 for each in moving}
    if len(lengths) != 1 or min(lengths) < 1 or len(body.input) != len(inputs):
        return False
    scanned: list[list[Known]] = [[] for _ in body.output[len(states) :]]
    for turn in range(lengths.pop()):
        elements = [_element(reader, node, each, turn) for each in moving]
        given = _scan_turn(reader, body, [*states, *elements], env)
        states = list(given[: len(states)])
        for whole, part in zip(scanned, given[len(states) :], strict=True):
            whole.append(part)
    _give(reader, node, [*states, *(_stacked(reader, node, each) for each in scanned)], env)
    return True


def _scan_turn(
    reader: GraphReader, body: Any, arriving: Sequence[Known | None], env: Env
) -> list[Known]:
    """Write the body of a scan once, and return what it gives."""
    reader.count()
    inner = reader.nested(env)
    for value, known in zip(body.input, arriving, strict=True):
        if known is not None:
            inner[value.name] = known
    reader.read(body, inner)
    return [inner.get(value.name, Known(value.name)) for value in body.output]


def _element(reader: GraphReader, node: Any, source: Known, turn: int) -> Known:
    """Return one element along the first dimension, a view."""
    shape = (source.shape or ())[1:]
    known = Known(source.name, source.elem, shape, source.constant)
    if source.constant:
        return known
    given = Given(reader.tape, "Scan", 1, {}, [source], [known], reader.place(node, []))
    whole: TensorRef = reader.tape.value(source)
    layout = given.layout(whole)
    part = layout._replace(shape=shape, strides=layout.strides[1:])
    arguments = {"self": whole, "dim": 0, "index": turn}
    given.view("aten.select.int", arguments, whole, part)
    return known


CONTROL: dict[str, Callable[[GraphReader, Any, Env], bool]] = {
    "If": _branch,
    "Loop": _loop,
    "Scan": _scan,
}
"""Operators that run graphs; each returns whether it could be entered."""
