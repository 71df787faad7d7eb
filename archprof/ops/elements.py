"""What the elements of a network's input are: fractions of its dtype, or whole numbers."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.record import Record

INTEGERS: Mapping[str, int] = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
}
"""The bytes of an element of each of torch's dtypes of whole numbers, by its name."""

DTYPES: Mapping[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
"""The bytes of an element of each dtype of fractions that a network may be in, by torch's name."""


class Elements(Record):
    """What the elements of an input are.

    `dtype`: torch's name of a dtype of their own; "" where they follow the network's.
    `below`: all of them are from 0 to below this number; 0: that is not known.
    `itemsize`: the bytes of one, None where they follow the network's dtype.
    """

    dtype: str = ""
    below: int = 0
    itemsize: int | None = None

    @property
    def whole(self) -> bool:
        """Whether they are whole numbers, of which no gradient is taken."""
        return self.dtype in INTEGERS


FRACTIONS = Elements()
"""Those of an image: fractions of the network's dtype."""


def whole_numbers(dtype: str, below: int) -> Elements:
    """Return elements that are whole numbers of a dtype, from 0 to below a number."""
    return Elements(dtype, below, INTEGERS[dtype])
