"""The functions of the expression language, and how large its values may grow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from archprof.allowance import current
from archprof.column import Column
from archprof.column_functions import least, most, real
from archprof.limits import raising

MAX_BITS = 62
MAX_FLOAT = 1e30
MAX_ITEMS = 10_000  # of a list, those of lists inside it included


class ExpressionError(ValueError):
    """An expression that cannot be read or evaluated.

    `column` counts from 0 inside it, `name` is an unknown name, `at` is the Template whose
    expression it is, where there is one.
    """

    at: Any = None
    # whether all expressions together have made too much, so that no other can be evaluated
    limit = False

    def __init__(self, message: str, column: int = 0, hint: str = "", name: str = ""):
        super().__init__(message)
        self.column, self.hint, self.name = column, hint, name


def bounded(value: Any, column: int = 0) -> Any:
    """Return the value where it is small enough to go on with. Raises ExpressionError."""
    kind = type(value)
    if kind is int and value.bit_length() > MAX_BITS:
        raise ExpressionError(f"a number of more than {MAX_BITS} bits", column)
    if kind is float and not abs(value) < MAX_FLOAT:
        raise ExpressionError(f"a number beyond {MAX_FLOAT:.0e}", column)
    if kind is Column and not value.whole and not abs(value) < MAX_FLOAT:
        raise ExpressionError(f"a number beyond {MAX_FLOAT:.0e}", column)
    if kind is str and len(value) > MAX_ITEMS:
        raise ExpressionError(f"a text of more than {MAX_ITEMS:,} characters", column)
    if kind is list and _items(value, MAX_ITEMS) > MAX_ITEMS:
        raise ExpressionError(f"a list of more than {MAX_ITEMS:,} items", column)
    if kind is str or kind is list:
        spend(len(value), column)
    return value


def spend(items: int, column: int) -> None:
    """Count what expressions make: each list and text may be small, and all together too much.

    A turn of a comprehension counts as an item, whether it gives one or not.
    """
    allowance = current()
    if allowance is None:
        return
    allowance.items += items
    if allowance.items > allowance.limits.items:
        most = allowance.limits.items
        error = ExpressionError(
            f"the expressions of this network make more than {most:,} items of lists and characters"
            " of texts, or turns of loops",
            column,
            f"shorter lists; {raising('items', 10 * most)}",
        )
        error.limit = True
        raise error


def _items(value: list[Any], most: int) -> int:
    """Return how many values a list has at all levels, counted to just over `most`."""
    total = len(value)
    for item in value:
        if total > most:
            break
        if type(item) is list:
            total += _items(item, most - total)
    return total


def make_divisible(value: float, divisor: int = 8, minimum: int = 0) -> int:
    """Return `value` rounded to a multiple of `divisor`, never below nine tenths of it.

    This is MobileNet's channel rounding:
    https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/mobilenet.py
    """
    result = max(minimum or divisor, math.trunc(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


def _round(value: float) -> int:
    """Return the number rounded half to even, as Python and the public implementations do."""
    return round(value)


def _range(*bounds: int) -> list[int]:
    if len(range(*bounds)) > MAX_ITEMS:
        raise ValueError(f"a range of more than {MAX_ITEMS:,} numbers")
    return list(range(*bounds))


def _regnet(*numbers: Any) -> list[list[Any]]:
    from archprof.language.regnet import regnet  # which few networks need

    return regnet(*numbers)


def _compatible(*values: Any) -> list[list[Any]]:
    from archprof.language.regnet import compatible

    return compatible(*values)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": least,
    "max": most,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": _round,
    "sum": sum,
    "len": len,
    "sqrt": real(math.sqrt),
    "exp": real(math.exp),
    "log": real(math.log),
    "log2": real(math.log2),
    "abs": abs,
    "sorted": sorted,
    "range": _range,
    "make_divisible": make_divisible,
    "regnet": _regnet,
    "compatible": _compatible,
}
USAGE = {
    "min": "min(a, b, …) or min(list)",
    "max": "max(a, b, …) or max(list)",
    "floor": "floor(number)",
    "ceil": "ceil(number)",
    "round": "round(number)",
    "sum": "sum(list of numbers)",
    "len": "len(list)",
    "sqrt": "sqrt(number of at least 0)",
    "exp": "exp(number)",
    "log": "log(number above 0), the natural logarithm, or log(number, base)",
    "log2": "log2(number above 0)",
    "abs": "abs(number)",
    "sorted": "sorted(list)",
    "range": "range(stop), range(start, stop) or range(start, stop, step), of whole numbers",
    "make_divisible": "make_divisible(number, divisor = 8, minimum = 0)",
    "regnet": "regnet(depth, w0, wa, wm, q = 8), w0 a multiple of q, wa at least 0, wm above 1",
    "compatible": "compatible(widths, group, ratio = 1), a ratio above 1 a whole number",
}
"""How each is called, for messages."""
