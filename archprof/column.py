"""Numbers that stand for many: one for each row of a table, with the arithmetic of a plain number.

Code that computes with numbers computes with a `Column` as it is: `3 * width + 1` is done for all
rows at once. Where it asks a question whose answer differs from row to row (`if width > 64`), the
column raises `Differs`, and `by_group` runs the code again for either part of the rows. So every
row takes the way that a plain number would take, and gets the same result, to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import ndarray

MOST = 2**62  # a whole number of at most so many is exact in an int64, and so is a sum of two
EXACT = 2**53  # whole numbers up to which a float is exact


class Differs(Exception):
    """The answer to a question differs from row to row; `mask` has it for each."""

    def __init__(self, mask: ndarray[Any, Any]):
        super().__init__("the rows differ")
        self.mask = mask


class TooLarge(Exception):
    """Whole numbers that an int64, or a float, may not hold exactly.

    It is no ArithmeticError, so that code which expects one of plain numbers does not catch it.
    """

    def __str__(self) -> str:
        return "its numbers are too large for columns"

    def __init__(self) -> None:
        super().__init__("numbers are too large for columns")


class Column:
    """A number for each row: `rows` are int64 or float64, and are not to be changed.

    `bound`: no number is larger, or further below zero; where it is not given it is looked for when
    it is needed.
    """

    __slots__ = ("_bound", "rows")

    def __init__(self, rows: ndarray[Any, Any], bound: float | None = None):
        self.rows, self._bound = rows, bound

    @property
    def bound(self) -> float:
        """What no number is above, nor below with its sign changed."""
        if self._bound is None:
            self._bound = self.largest
        return self._bound

    @property
    def largest(self) -> float:
        """The largest magnitude."""
        if not self.rows.size:
            return 0
        found: float = max(abs(self.rows.max().item()), abs(self.rows.min().item()))
        return found

    def __repr__(self) -> str:
        return f"<{len(self.rows)} numbers>"

    def __format__(self, how: str) -> str:
        """Return the first number, as an example for a message."""
        return format(self.rows[0].item(), how)

    __hash__ = object.__hash__  # a table may have columns as keys, each as itself

    @property
    def whole(self) -> bool:
        """Whether it has whole numbers."""
        return bool(self.rows.dtype.kind == "i")

    def all(self, answers: ndarray[Any, Any]) -> bool:
        """Return the answer that all rows give. Raises Differs where there is none."""
        first = bool(answers[0])
        if bool((answers == first).all()):
            return first
        raise Differs(answers)

    def mapped(self, function: Callable[..., float], *others: Any) -> Column:
        """Return what a function of plain numbers gives for each row; `others` are its further
        arguments.

        numpy's own functions may differ from Python's in the last bit.
        """
        import numpy as np

        arguments = [self.rows, *(one.rows if type(one) is Column else one for one in others)]
        spread = [each.tolist() for each in np.broadcast_arrays(*arguments)]
        found: list[float] = []
        failed: list[bool] = []
        error: Exception | None = None
        for values in zip(*spread, strict=True):
            try:
                found.append(function(*values))
                failed.append(False)
            except (ArithmeticError, ValueError) as wrong:
                failed.append(True)
                error = wrong
        if error is not None:
            self.all(np.array(failed))  # where only some rows fail, the others go on without them
            raise error
        if len({type(value) for value in found}) > 1:
            self.all(np.array([type(value) is int for value in found]))
        return Column(np.array(found))

    # --- arithmetic ---

    def __add__(self, other: Any) -> Any:
        return _sum(self, other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return _sum(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return _sum(self, other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        theirs = _rows(other)
        if theirs is None:
            return NotImplemented
        if not (self.whole and _whole(theirs)):
            return Column(_mixed(self, theirs) * _mixed(other, self.rows))
        bound = self.bound * _bound(other)
        if bound > MOST:
            bound = self.largest * _largest(other)
        if bound > MOST:
            raise TooLarge
        return Column(self.rows * theirs, bound)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return _divided(self, other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Any:
        return _divided(self, other, lambda a, b: b / a, swapped=True)

    def __floordiv__(self, other: Any) -> Any:
        return _divided(self, other, lambda a, b: a // b)

    def __rfloordiv__(self, other: Any) -> Any:
        return _divided(self, other, lambda a, b: b // a, swapped=True)

    def __mod__(self, other: Any) -> Any:
        return _divided(self, other, lambda a, b: a % b)

    def __rmod__(self, other: Any) -> Any:
        return _divided(self, other, lambda a, b: b % a, swapped=True)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __neg__(self) -> Column:
        return Column(-self.rows)

    def __pos__(self) -> Column:
        return self

    def __abs__(self) -> Column:
        return Column(abs(self.rows))

    def __floor__(self) -> Column:
        return self._rounded("floor")

    def __ceil__(self) -> Column:
        return self._rounded("ceil")

    def __trunc__(self) -> Column:
        return self._rounded("trunc")

    def __round__(self, digits: int | None = None) -> Column:
        if digits is not None:
            return self.mapped(lambda value: round(value, digits))
        return self._rounded("rint")

    def _rounded(self, how: str) -> Column:
        """Return whole numbers: numpy rounds halves to even, as Python does."""
        import numpy as np

        if self.whole:
            return self
        if not bool(np.isfinite(self.rows).all()) or self.largest > MOST:
            raise TooLarge
        return Column(getattr(np, how)(self.rows).astype(np.int64))

    # --- questions ---

    def __bool__(self) -> bool:
        return self.all(self.rows != 0)

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        theirs = _rows(other)
        return False if theirs is None else self.all(self.rows == theirs)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Any) -> bool:
        return self._compared(other, lambda a, b: a < b)

    def __le__(self, other: Any) -> bool:
        return self._compared(other, lambda a, b: a <= b)

    def __gt__(self, other: Any) -> bool:
        return self._compared(other, lambda a, b: a > b)

    def __ge__(self, other: Any) -> bool:
        return self._compared(other, lambda a, b: a >= b)

    def _compared(self, other: Any, question: Callable[[Any, Any], Any]) -> bool:
        theirs = _rows(other)
        if theirs is None:
            result: bool = NotImplemented
            return result
        return self.all(question(self.rows, theirs))

    def __index__(self) -> int:
        return int(self.one)

    def __int__(self) -> int:
        return int(self.one)

    def __float__(self) -> float:
        return float(self.one)

    @property
    def one(self) -> float:
        """The number that all rows have. Raises Differs where there is none."""
        first = self.rows[0]
        self.all(self.rows == first)
        value: float = first.item()
        return value


def _rows(value: Any) -> Any:
    """Return what numpy computes with, None for what is no number."""
    if type(value) is Column:
        return value.rows
    return value if type(value) in (int, float, bool) else None


def _whole(value: Any) -> bool:
    """Whether these are whole numbers; truth values count as such."""
    return type(value) in (int, bool) or (hasattr(value, "dtype") and value.dtype.kind == "i")


def _bound(value: Any) -> float:
    """Return a bound of a number's magnitude, or of all numbers of a column."""
    return value.bound if type(value) is Column else abs(value)


def _largest(value: Any) -> float:
    """Return the magnitude of a number, the largest of a column."""
    return value.largest if type(value) is Column else abs(value)


def _mixed(value: Any, other: Any) -> Any:
    """Return the rows of a number as it meets others: a whole one that meets floats has to be exact
    in one.
    """
    rows = _rows(value)
    if _whole(rows) and not _whole(other) and _largest(value) > EXACT:
        raise TooLarge
    return rows


def _sum(mine: Column, other: Any, apply: Callable[[Any, Any], Any]) -> Any:
    """Return a sum or a difference."""
    theirs = _rows(other)
    if theirs is None:
        return NotImplemented
    if not (mine.whole and _whole(theirs)):
        return Column(apply(_mixed(mine, theirs), _mixed(other, mine.rows)))
    bound = mine.bound + _bound(other)
    if bound > MOST:
        bound = mine.largest + _largest(other)
    if bound > MOST:
        raise TooLarge
    return Column(apply(mine.rows, theirs), bound)


def _divided(
    mine: Column, other: Any, apply: Callable[[Any, Any], Any], swapped: bool = False
) -> Any:
    """Return a quotient or a remainder; `swapped`: the column is what is divided by.

    Raises ZeroDivisionError as a plain number does.
    """
    theirs = _rows(other)
    if theirs is None:
        return NotImplemented
    by = mine if swapped else other
    if by == 0:
        raise ZeroDivisionError("division by zero")
    bound = max(mine.bound, _bound(other))
    if bound > EXACT and max(mine.largest, _largest(other)) > EXACT:
        raise TooLarge
    found = Column(apply(mine.rows, theirs))
    # of whole numbers neither a quotient nor a remainder is further from zero than both of them
    return Column(found.rows, bound) if found.whole else found


# --- values that have columns in them ---


def taken(value: Any, rows: ndarray[Any, Any]) -> Any:
    """Return a value at some of its rows: columns, also those in lists; anything else as it is."""
    if type(value) is Column:
        return settled(Column(value.rows[rows]))
    if type(value) is list:
        return [taken(item, rows) for item in value]
    if type(value) is tuple:
        return tuple(taken(item, rows) for item in value)
    return value


def settled(column: Column) -> Any:
    """Return the plain number that a column is where all rows have the same."""
    rows = column.rows
    if len(rows) and bool((rows == rows[0]).all()):
        return rows[0].item()
    return column


def by_group(
    run: Callable[[Mapping[str, Any]], Any],
    values: Mapping[str, Any],
    rows: ndarray[Any, Any],
) -> Iterator[tuple[ndarray[Any, Any], Any]]:
    """Yield what `run` gives for the values at these rows, in as few groups as its questions make:
    the group's rows, and the result, whose columns are those rows'.

    What `run` raises it raises for a whole group; it has to catch what concerns single rows.
    """
    waiting = [rows]
    while waiting:
        group = waiting.pop()
        if not len(group):
            continue
        try:
            result = run({name: taken(value, group) for name, value in values.items()})
        except Differs as differs:
            waiting += [group[~differs.mask], group[differs.mask]]
            continue
        yield group, result


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
        return columns[0].mapped(lambda _, *plain: function(*plain), *values)

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

    return Column(getattr(np, of_rows).reduce(np.broadcast_arrays(*map(_rows, items))))


class Unalike(Exception):
    """Values that no column can have together: lists of other lengths, or other texts."""


def merged(parts: Sequence[tuple[ndarray[Any, Any], Any]], count: int) -> Any:
    """Return one value for `count` rows of which each part has those that go with it.

    Rows that no part has are 0. Raises Unalike.
    """
    first = parts[0][1]
    if type(first) is list:
        if any(type(value) is not list or len(value) != len(first) for _, value in parts):
            raise Unalike
        return [
            merged([(rows, value[i]) for rows, value in parts], count) for i in range(len(first))
        ]
    if type(first) is not Column and all(_same(first, value) for _, value in parts[1:]):
        return first
    if not all(is_number(value) for _, value in parts):
        raise Unalike
    if len({is_whole(value) for _, value in parts}) > 1:
        raise Unalike
    import numpy as np

    found = np.zeros(count, np.int64 if is_whole(first) else np.float64)
    for rows, value in parts:
        found[rows] = _rows(value)
    return Column(found)


def _same(one: Any, other: Any) -> bool:
    """Whether two plain values are of one type and equal."""
    return type(one) is type(other) and bool(one == other)
