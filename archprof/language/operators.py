"""The operators of the expression language, and values as its messages show them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from archprof.column_functions import real

MAX_BITS = 64  # of an integer's power: what is surely larger is refused before it is computed


def _power(base: Any, exponent: Any) -> Any:
    """Return `base ** exponent`.

    Raises OverflowError where it is too large, and ArithmeticError where it is not a real number.
    """
    whole = type(base) is int and type(exponent) is int
    if whole and abs(base) > 1 and exponent * (base.bit_length() - 1) > MAX_BITS:
        raise OverflowError
    result = base**exponent
    if isinstance(result, complex):
        raise ArithmeticError
    return result


BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: real(_power),
}
SYMBOL: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
ENGLISH = {
    "Lambda": "a lambda",
    "Attribute": "an attribute (`.`)",
    "Dict": "a mapping",
    "JoinedStr": "an f-string",
    "NamedExpr": "an assignment",
    "Starred": "a star",
    "Tuple": "a list without brackets",
    "Set": "a set",
    "Await": "await",
}
"""What Python has and the language has not, as messages call it."""


def show(value: Any) -> str:
    """Return a value as a message shows it, cut where it is long."""
    if value is None:
        text = "nothing"
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
