"""The table of operators: a row for each, by torch's name without namespace and overload.

An operator that works in place has the row of the one that does not: relu_ that of relu.
"""

from __future__ import annotations

from archprof.capturing.kernels import KERNELS
from archprof.capturing.operators.creation import CREATION, SILENT
from archprof.capturing.operators.moves import MOVES
from archprof.capturing.operators.norms import NORMS
from archprof.capturing.operators.pointwise import POINTWISE
from archprof.capturing.operators.pooling import POOLING
from archprof.capturing.operators.products import PRODUCTS
from archprof.capturing.operators.reductions import REDUCTIONS
from archprof.capturing.operators.row import Operator
from archprof.capturing.operators.views import VIEWS

_ROWS = PRODUCTS | NORMS | POINTWISE | REDUCTIONS | POOLING | VIEWS | MOVES | CREATION
OPERATORS: dict[str, Operator] = {
    name: known.replaced(kernels=KERNELS.get(name)) for name, known in _ROWS.items()
}

__all__ = ["OPERATORS", "SILENT", "base_name", "row"]

KNOWN_NAMESPACES = ("aten", "torchvision", "prims", "archprof")


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
