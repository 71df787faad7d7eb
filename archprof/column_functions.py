"""Functions of numbers that take columns of them too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from archprof.column import Column, rows_of


def single(value: Any) -> Any:
    """Return the number that all rows of a column have; any other value as it is.

    Raises Differs.
    """
    return value.one if type(value) is Column else value


def is_number(value: Any) -> bool:
    """Whether a value is a number, or one for each row; a truth value is not."""
    return type(value) in (int, float, Column)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, or one for each row."""
    return type(value) is int or (type(value) is Column and value.whole)


def real(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of plain numbers as one of columns too, which it computes row by row."""

    def applied(*values: Any) -> Any:
        columns = [value for value in values if type(value) is Column]
        if not columns:
            return function(*values)
        return _row_by_row(function, columns[0], values)

    return applied


def real_numbers(value: Any) -> Any:
    """Return a number as a float, of a column each."""
    if type(value) is Column:
        return Column(value.rows.astype(float))
    return float(value)


def finite(value: Any) -> bool:
    """Whether a number is finite, in every row. Raises Differs where it is in some."""
    if type(value) is Column:
        import numpy as np

        return value.all(np.isfinite(value.rows))
    return math.isfinite(value)


def most(*values: Any) -> Any:
    """Return the largest, as Python's `max` does; of columns for each row."""
    return _extreme(max, "maximum", values)


def least(*values: Any) -> Any:
    """Return the smallest, as Python's `min` does; of columns for each row."""
    return _extreme(min, "minimum", values)


def _extreme(plain: Callable[..., Any], of_rows: str, values: tuple[Any, ...]) -> Any:
    items = values[0] if len(values) == 1 else values
    if type(items) not in (list, tuple) or not any(type(item) is Column for item in items):
        return plain(*values)
    if len({is_whole(item) for item in items}) > 1:
        return plain(*values)  # of 2 and 2.0 it is the first: a question for each row
    import numpy as np

    return Column(getattr(np, of_rows).reduce(np.broadcast_arrays(*map(rows_of, items))))


def _row_by_row(function: Callable[..., Any], column: Column, values: tuple[Any, ...]) -> Column:
    """Return what a function of plain numbers gives for each row; `column` is one of `values`.

    numpy's own functions may differ from Python's in the last bit. Raises Differs where only some
    rows have a result, or some a whole one.
    """
    import numpy as np

    rows = [each.tolist() for each in np.broadcast_arrays(*map(rows_of, values))]
    try:
        found = list(map(function, *rows))
    except (ArithmeticError, ValueError):
        # where only some rows fail, the others go on without them
        column.all(np.array([_fails(function, each) for each in zip(*rows, strict=True)]))
        raise
    if len(set(map(type, found))) > 1:
        column.all(np.array([type(value) is int for value in found]))
    return Column(np.array(found))


def _fails(function: Callable[..., float], values: tuple[float, ...]) -> bool:
    """Whether a function has no value for these numbers."""
    try:
        function(*values)
    except (ArithmeticError, ValueError):
        return True
    return False
