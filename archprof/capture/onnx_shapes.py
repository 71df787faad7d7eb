"""The shapes of what a node of an ONNX file gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archprof.capture.onnx_operators.given import Given, OnnxOperator, Shape
from archprof.capture.onnx_values import Known, dims

_MOST_PASSED = 1024  # elements of a constant that the library is told: a shape, axes, pads


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
        domain, op = node.domain, node.op_type
        if row is not None and row.like is not None:
            asked = self.onnx.NodeProto()
            asked.CopyFrom(node)
            op, count = row.like
            asked.op_type, asked.domain, domain = op, "", ""
            del asked.input[count:]
            node = asked
        try:
            schema = self.onnx.defs.get_schema(op, version, domain)
        except self.onnx.defs.SchemaError:
            return nothing
        types, data = {}, {}
        for name, known in zip(node.input, inputs, strict=False):
            if known is None:
                continue
            types[name] = self._type(known.elem or 1, known.shape)
            if known.data is not None and known.data.size <= _MOST_PASSED:
                data[name] = self.onnx.numpy_helper.from_array(known.data, name)
        opsets = [self.onnx.helper.make_opsetid("", version)]
        try:
            found = self.onnx.shape_inference.infer_node_outputs(
                schema, node, types, data, opset_imports=opsets
            )
        except self._errors as error:
            raise ValueError(str(error)) from None
        return [dims(found[name]) if name in found else (0, None) for name in node.output]

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
