"""The values of an ONNX graph: what is known of each, and what can be worked out from constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "uint8",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fn",
    19: "float8_e5m2",
    20: "float8_e5m2",
    21: "uint8",
    22: "int8",
    23: "uint8",
}
"""torch's name of a dtype by its number in ONNX. Four bits (21, 22, 23) count as the byte that
torch has for them; torch has no texts (8).
"""

FLOATS = frozenset({1, 10, 11, 16, 17, 18, 19, 20})

MOST_ELEMENTS = 4096
"""Of a constant whose elements are worked out: shapes and indices are smaller."""

# The operators whose result is worked out where all they are given is known: those by which
# exporters write down shapes and indices.
_NAMES = """
    Abs Add And ArgMax ArgMin Cast Ceil Clip Concat ConstantOfShape CumSum Div Equal Expand
    Flatten Floor Gather GatherElements GatherND Greater GreaterOrEqual Less LessOrEqual Max Min Mod
    Mul Neg NonZero Not OneHot Or Pad Pow Range Reciprocal ReduceMax ReduceMin ReduceProd ReduceSum
    Reshape Round ScatterElements ScatterND Sign Slice Split Sqrt Squeeze Sub Sum Tile Transpose
    Trilu Unsqueeze Where Xor
"""
_WORKED_OUT = frozenset(_NAMES.split())

# what numpy and the reference operators raise for arguments that do not fit
_MISFITS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Known:
    """A value of an ONNX graph.

    `shape` is None where only the data tell. `constant`: nothing of the network's input is in it.
    `data`: its elements, as a numpy array, where they are few and known. `root`: the initializer
    that it is, as it is or under another shape or dtype. `made`: a node works it out from other
    constants. `number`: its tensor on the tape, None as long as no operation uses it.
    """

    __slots__ = ("constant", "data", "elem", "made", "name", "number", "root", "shape")

    def __init__(
        self,
        name: str,
        elem: int = 0,
        shape: tuple[int, ...] | None = None,
        constant: bool = False,
        data: Any = None,
        root: Known | None = None,
    ):
        self.name, self.elem, self.shape = name, elem, shape
        self.constant, self.data = constant, data
        self.root = root
        self.number: int | None = None
        self.made = False

    @property
    def dtype(self) -> str:
        return DTYPES.get(self.elem, "float32")

    @property
    def is_float(self) -> bool:
        return self.elem in FLOATS

    @property
    def elements(self) -> int:
        return math.prod(self.shape or ())


def dims(kind: Any) -> tuple[int, tuple[int, ...] | None]:
    """Return the dtype's number and the shape that a TypeProto states, None for one not known."""
    if not kind.HasField("tensor_type"):
        return 0, None
    tensor = kind.tensor_type
    if not tensor.HasField("shape"):
        return tensor.elem_type, None
    sizes = [d.dim_value if d.HasField("dim_value") else -1 for d in tensor.shape.dim]
    if any(n < 0 for n in sizes):
        return tensor.elem_type, None
    return tensor.elem_type, tuple(sizes)


def read(onnx: Any, tensor: Any) -> Any:
    """Return the elements of a small TensorProto as a numpy array, None where they are not there.

    Data outside of the file is never read.
    """
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.data_type == 8:
        return None
    if math.prod(tensor.dims) > MOST_ELEMENTS or any(n < 0 for n in tensor.dims):
        return None
    try:
        return onnx.numpy_helper.to_array(tensor)
    except _MISFITS:
        return None


def worked_out(
    onnx: Any, node: Any, version: int, given: Sequence[Known | None], given_out: Sequence[Known]
) -> list[Any]:
    """Return the elements of a node's outputs, None for each where they are many or not known.

    `given_out` are the outputs with their shapes, by which they are known to be few beforehand.
    """
    nothing = [None] * len(given_out)
    if node.op_type == "CastLike" and given and given[0] is not None:
        return [_cast(onnx, given[0].data, given_out[0].elem)]
    if node.domain not in ("", "ai.onnx") or node.op_type not in _WORKED_OUT:
        return nothing
    if any(each is not None and each.data is None for each in given):
        return nothing
    few = all(each.shape is not None and each.elements <= MOST_ELEMENTS for each in given_out)
    if not few and node.op_type != "NonZero":
        return nothing
    from onnx.reference import ReferenceEvaluator

    feeds = {f"i{i}": each.data for i, each in enumerate(given) if each is not None}
    bare = onnx.NodeProto()
    bare.CopyFrom(node)
    bare.input[:] = ["" if each is None else f"i{i}" for i, each in enumerate(given)]
    try:
        import numpy

        with numpy.errstate(all="ignore"):
            results = ReferenceEvaluator(bare, opsets={"": version}).run(None, feeds)
    except _MISFITS:
        return nothing
    return [result if _is_array(result) else None for result in results]


def _cast(onnx: Any, data: Any, elem: int) -> Any:
    """Return elements in another dtype of ONNX, None where they are not known."""
    if data is None:
        return None
    try:
        return data.astype(onnx.helper.tensor_dtype_to_np_dtype(elem))
    except _MISFITS:
        return None


def _is_array(result: Any) -> bool:
    return hasattr(result, "shape") and result.size <= MOST_ELEMENTS
