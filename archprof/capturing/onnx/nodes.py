"""One node of an ONNX file: its name, its attributes, the constant that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.capturing.onnx.values import Known, read

# operators that give a constant as it is, under another shape or dtype
_KEEPING = frozenset(
    {
        "Cast",
        "CastLike",
        "DequantizeLinear",
        "Flatten",
        "Reshape",
        "Squeeze",
        "Transpose",
        "Unsqueeze",
    }
)
# operators that give something new each time
_RANDOM = frozenset(
    {
        "Bernoulli",
        "Multinomial",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
    }
)
# what is in the names of operators with weights
_WITH_WEIGHTS = ("Conv", "Gemm", "MatMul", "Norm", "LSTM", "GRU", "RNN", "Attention", "PRelu")


def shown(known: Known) -> str:
    return "?" if known.shape is None else "x".join(map(str, known.shape)) or "a number"


def root_of(op: str, inputs: Sequence[Known | None], made: Known) -> Known | None:
    """Return the initializer that a constant is under another shape or dtype, or that it was made
    of element by element; None for none.
    """
    found = [each.root or each for each in inputs if each is not None and each.shape is not None]
    if op in _KEEPING and found:
        return found[0]
    alike = [each for each in found if each.elements == made.elements and each.is_float]
    return alike[0] if len(alike) == 1 and made.elements > 1 else None


def measure(
    op: str, attributes: Mapping[str, Any], shape: tuple[int, ...], outputs: Sequence[Known]
) -> None:
    """Note what Shape and Size give: numbers that are known."""
    import numpy

    start, end = attributes.get("start", 0), attributes.get("end")
    sizes = shape[start:end] if op == "Shape" else numpy.prod(shape, dtype="int64")
    data = numpy.asarray(sizes, dtype="int64")
    for known in outputs[:1]:
        known.data, known.shape, known.constant = data, tuple(data.shape), True


def operator_name(node: Any) -> str:
    """Return an operator's name as the table has it, with its domain where that is not ONNX's."""
    if node.domain in ("", "ai.onnx"):
        return str(node.op_type)
    return f"{node.domain}.{node.op_type}"


def texts(node: Any) -> list[Any]:
    """Return all names of a node and of what is beside it."""
    found = [node.op_type, node.domain, node.name, *node.input, *node.output]
    found += [entry.name for entry in node.attribute]
    for entry in getattr(node, "metadata_props", ()):
        found += [entry.key, entry.value]
    return found


def called(node: Any) -> str:
    """Return how messages call a node."""
    if node.name:
        return f"the node `{node.name}` ({operator_name(node)})"
    given = f" that gives `{node.output[0]}`" if node.output else ""
    return f"a node {operator_name(node)}{given}"


def plain(onnx: Any, node: Any) -> dict[str, Any]:
    """Return a node's attributes that are numbers, texts and lists of these, by name."""
    kinds = onnx.AttributeProto
    found: dict[str, Any] = {}
    for entry in node.attribute:
        if entry.type == kinds.FLOAT:
            found[entry.name] = entry.f
        elif entry.type == kinds.INT:
            found[entry.name] = entry.i
        elif entry.type == kinds.STRING:
            found[entry.name] = entry.s.decode("utf-8", "replace")
        elif entry.type == kinds.FLOATS:
            found[entry.name] = list(entry.floats)
        elif entry.type == kinds.INTS:
            found[entry.name] = list(entry.ints)
        elif entry.type == kinds.STRINGS:
            found[entry.name] = [each.decode("utf-8", "replace") for each in entry.strings]
    return found


def constant(onnx: Any, node: Any, name: str) -> Known:
    """Return what a Constant gives."""
    import numpy

    for entry in node.attribute:
        if entry.name == "value":
            tensor = entry.t
            data = read(onnx, tensor)
            return Known(name, tensor.data_type, tuple(tensor.dims), True, data)
        if entry.name == "sparse_value":
            values = entry.sparse_tensor
            return Known(name, values.values.data_type, tuple(values.dims), True)
    found = plain(onnx, node)
    for key, elem, dtype in (("value_int", 7, "int64"), ("value_float", 1, "float32")):
        for each in (found.get(key), found.get(f"{key}s")):
            if each is not None:
                data = numpy.asarray(each, dtype=dtype)
                return Known(name, elem, tuple(data.shape), True, data)
    return Known(name, 8, (), True)


def all_constant(op: str, inputs: Sequence[Known | None]) -> bool:
    """Whether nothing of the network's input is in what an operator gives, nor is it random."""
    if op in _RANDOM:
        return False
    read = inputs[:1] if op == "CastLike" else inputs  # of the second only the dtype is read
    return all(each is None or each.constant for each in read)


def has_weights(node: Any, inputs: Sequence[Known | None]) -> bool:
    """Whether a node's operator has weights of its own; a choice of rows has where its table is
    constant.
    """
    table = inputs[0] if inputs else None
    if node.op_type == "Gather":
        return table is not None and table.constant and table.is_float
    return any(word in node.op_type for word in _WITH_WEIGHTS)
