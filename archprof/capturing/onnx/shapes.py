"""The shapes of what a node of an ONNX file gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.capturing.onnx.values import Known, dims
from archprof.capturing.onnx_operators.given import Given, OnnxOperator, Shape

_MOST_DIMENSIONS = 64
# operators that are given the shape of what they give
_BY_SHAPE = frozenset(
    {"AffineGrid", "CenterCropPad", "ConstantOfShape", "Expand", "Reshape", "Resize", "Tile"}
)
_MOST_PASSED = 1024  # elements of a constant that the library gets: a shape, axes, pads


class Inference:
    """The onnx library's shape inference, node by node."""

    def __init__(self, onnx: Any, stated: Mapping[str, tuple[int, Shape | None]]):
        self.onnx = onnx
        self.stated = stated  # by a value's name what the file states of it
        self._types: dict[tuple[int, Shape | None], Any] = {}
        self._errors = (
            onnx.shape_inference.InferenceError,
            onnx.checker.ValidationError,
            RuntimeError,
            TypeError,
            ValueError,
        )

    def outputs(
        self,
        node: Any,
        version: int,
        inputs: Sequence[Known | None],
        row: OnnxOperator | None,
        given: Given,
    ) -> list[tuple[int, Shape | None]]:
        """Return the dtype's number and the shape of each output, None for one not known.

        By the library, then by the operator's row, then as the file states them. Raises
        ValueError, with the library's words, for inputs that do not fit.
        """
        found = self._by_library(node, version, inputs, row)
        rows = self._by_row(row, given) if any(shape is None for _, shape in found) else []
        elem = row.elem if row else None
        first = next((known.elem for known in inputs if known is not None), 1)
        result: list[tuple[int, Shape | None]] = []
        for i, name in enumerate(node.output):
            kind, shape = found[i]
            if shape is None and i < len(rows):
                shape = rows[i]
            if shape is None and name in self.stated:
                stated, shape = self.stated[name]
                kind = kind or stated
            result.append((kind or elem or first, shape))
        return result

    def _by_library(
        self, node: Any, version: int, inputs: Sequence[Known | None], row: OnnxOperator | None
    ) -> list[tuple[int, Shape | None]]:
        nothing: list[tuple[int, Shape | None]] = [(0, None)] * len(node.output)
        asked = self._asked(node, row)
        try:
            schema = self.onnx.defs.get_schema(asked.op_type, version, asked.domain)
        except self.onnx.defs.SchemaError:
            return nothing
        _refuse_unsound(asked, inputs)
        del asked.attribute[:]
        asked.attribute.extend(e for e in node.attribute if e.name in schema.attributes)
        types, data = {}, {}
        for name, known in zip(asked.input, inputs, strict=False):
            if known is None:
                continue
            types[name] = self._type(known.elem or 1, known.shape)
            if known.data is not None and known.data.size <= _MOST_PASSED:
                data[name] = self.onnx.numpy_helper.from_array(known.data, name)
        opsets = [self.onnx.helper.make_opsetid("", version)]
        try:
            found = self.onnx.shape_inference.infer_node_outputs(
                schema, asked, types, data, opset_imports=opsets
            )
        except self._errors as error:
            if any(known is not None and known.shape is None for known in inputs):
                return nothing
            raise ValueError(str(error)) from None
        return [dims(found[name]) if name in found else (0, None) for name in node.output]

    def _asked(self, node: Any, row: OnnxOperator | None) -> Any:
        """Return a copy of a node as the library is asked for it."""
        asked = self.onnx.NodeProto()
        asked.CopyFrom(node)
        if row is not None and row.like is not None:
            asked.op_type, count = row.like
            asked.domain = ""
            del asked.input[count:]
        return asked

    def _type(self, elem: int, shape: Shape | None) -> Any:
        key = (elem, shape)
        if key not in self._types:
            self._types[key] = self.onnx.helper.make_tensor_type_proto(elem, shape)
        return self._types[key]

    def _by_row(self, row: OnnxOperator | None, given: Given) -> Sequence[Shape | None]:
        if row is None or row.shapes is None:
            return []
        try:
            return row.shapes(given)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return []


def _refuse_unsound(node: Any, inputs: Sequence[Known | None]) -> None:
    """Raise ValueError for what the library takes without a look, and ends the process by: an axis
    that no tensor has, more outputs than a split has parts, a shape of a billion dimensions.
    """
    ranks = [len(known.shape) for known in inputs if known is not None and known.shape is not None]
    most = max(ranks, default=0) + 1
    for entry in node.attribute:
        if entry.name == "axis" and not -most <= entry.i <= most:
            raise ValueError(f"there is no axis {entry.i}")
        parts = len(node.output)
        if node.op_type == "Split" and entry.name == "num_outputs" and entry.i != parts:
            raise ValueError(f"it has {parts} outputs, and `num_outputs` is {entry.i}")
    if node.op_type in _BY_SHAPE:
        for known in inputs[0 if node.op_type == "ConstantOfShape" else 1 :]:
            rank = known.shape[0] if known is not None and known.shape else 0
            if known is not None and len(known.shape or ()) == 1 and rank > _MOST_DIMENSIONS:
                raise ValueError(f"a shape of {rank} dimensions")
    if node.op_type == "Conv":
        _refuse_channels(node, inputs)


def _refuse_channels(node: Any, inputs: Sequence[Known | None]) -> None:
    """Raise ValueError for a convolution of other channels than those that arrive."""
    groups = next((entry.i for entry in node.attribute if entry.name == "group"), 1)
    shapes = [known.shape for known in inputs[:2] if known is not None]
    given, weight = (*shapes, None, None)[:2]
    if given is None or weight is None or len(given) < 2 or len(weight) < 2:
        return
    if given[1] != weight[1] * groups:
        wanted = f"{weight[1]} in each of {groups} groups" if groups != 1 else f"{weight[1]}"
        raise ValueError(f"it takes {wanted} channels, and {given[1]} arrive")
