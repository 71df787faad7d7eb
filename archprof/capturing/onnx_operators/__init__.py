"""The table of ONNX's operators: how each is written down in ATen's words.

An operator of another domain has the domain before its name: `com.microsoft.QLinearAdd`. One
without a row keeps its name, `onnx.MaxUnpool`, and its cost is unknown.
"""

from __future__ import annotations

from archprof.capturing.onnx_operators.given import OnnxOperator
from archprof.capturing.onnx_operators.moves import MOVES
from archprof.capturing.onnx_operators.norms import NORMS
from archprof.capturing.onnx_operators.pointwise import POINTWISE
from archprof.capturing.onnx_operators.pooling import POOLING
from archprof.capturing.onnx_operators.products import PRODUCTS
from archprof.capturing.onnx_operators.quantized import QUANTIZED, RUNTIME

ONNX_OPERATORS: dict[str, OnnxOperator] = (
    PRODUCTS
    | NORMS
    | POINTWISE
    | POOLING
    | MOVES
    | QUANTIZED
    | {f"com.microsoft.{name}": row for name, row in RUNTIME.items()}
)

__all__ = ["ONNX_OPERATORS"]
