"""Numbers that stand for many: one for each row of a table, with the arithmetic of a plain number.

Code that computes with numbers computes with a `Column` as it is: `3 * width + 1` is done for all
rows at once. Where it asks a question whose answer differs from row to row (`if width > 64`), the
column raises `Differs`, and `by_group` runs the code again for either part of the rows. So every
row takes the way that a plain number would take, and gets the same result, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
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

    It is not an ArithmeticError, so that code which expects one of plain numbers does not catch it.
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

    # --- arithmetic ---

    def __add__(self, other: Any) -> Any:
        return _sum(self, other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return _sum(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return _sum(self, other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        theirs = rows_of(other)
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

    def __round__(self) -> Column:
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
        theirs = rows_of(other)
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
        theirs = rows_of(other)
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


def rows_of(value: Any) -> Any:
    """Return what numpy computes with, None for what is not a number."""
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
    rows = rows_of(value)
    if _whole(rows) and not _whole(other) and _largest(value) > EXACT:
        raise TooLarge
    return rows


def _sum(mine: Column, other: Any, apply: Callable[[Any, Any], Any]) -> Any:
    """Return a sum or a difference."""
    theirs = rows_of(other)
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
    theirs = rows_of(other)
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
