"""Kinds of settings of a resizing, whose axes are as many as its input has."""

from __future__ import annotations

from typing import Any

from archprof.column import is_number
from archprof.ops.settings import Kind, positive

MOST_AXES = 3  # depth, height and width
LARGEST_FACTOR = 2**20


def _for_each_axis(kind: Kind) -> Kind:
    """Return a number for all axes, or a list of one for each; equal ones become one number."""

    def parse(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return kind.parse(value)
        if not 1 <= len(value) <= MOST_AXES:
            raise ValueError
        numbers = tuple(kind.parse(number) for number in value)
        return numbers[0] if len(set(numbers)) == 1 else numbers

    items = {"type": "array", "items": kind.schema, "minItems": 1, "maxItems": MOST_AXES}
    return Kind(
        f"{kind.expected}, or a list of one for each axis",
        parse,
        {"anyOf": [kind.schema, items]},
    )


def _factor(value: Any) -> int | float:
    if not is_number(value) or not 0 < value <= LARGEST_FACTOR:
        raise ValueError
    return int(value) if value == int(value) else float(value)


size_by_axis = _for_each_axis(positive)
factor_by_axis = _for_each_axis(
    Kind("a number above 0", _factor, {"type": "number", "exclusiveMinimum": 0})
)
