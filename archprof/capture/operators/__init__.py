"""The table of operators: a row for each, by torch's name without namespace and overload.

An operator that works in place has the row of the one that does not: relu_ that of relu.
"""

from __future__ import annotations

from archprof.capture.operators.creation import CREATION, SILENT
from archprof.capture.operators.moves import MOVES
from archprof.capture.operators.norms import NORMS
from archprof.capture.operators.pointwise import POINTWISE
from archprof.capture.operators.pooling import POOLING
from archprof.capture.operators.products import PRODUCTS
from archprof.capture.operators.reductions import REDUCTIONS
from archprof.capture.operators.row import Operator
from archprof.capture.operators.views import VIEWS

OPERATORS: dict[str, Operator] = (
    PRODUCTS | NORMS | POINTWISE | REDUCTIONS | POOLING | VIEWS | MOVES | CREATION
)

__all__ = ["OPERATORS", "SILENT", "base_name", "row"]

KNOWN_NAMESPACES = ("aten", "torchvision", "prims")


def base_name(operator: str) -> str:
    """Return an operator's name without namespace and overload: aten.conv2d.default is conv2d."""
    namespace, _, rest = operator.partition(".")
    if namespace not in KNOWN_NAMESPACES or not rest:
        return operator
    return rest.partition(".")[0]


def row(operator: str) -> Operator | None:
    """Return an operator's row, None for one that nobody has described."""
    name = base_name(operator)
    found = OPERATORS.get(name)
    if found is None and name.endswith("_") and not name.endswith("__"):
        found = OPERATORS.get(name.rstrip("_"))
    return found
