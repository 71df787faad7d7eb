"""The kinds of settings an op can have: what a spec may write, what the op then holds, and its JSON
Schema.

Plain classes rather than pydantic models: importing pydantic's models costs more than a whole
`archprof summary`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from archprof.record import Record

MOST_AXES = 3  # depth, height and width
LARGEST_FACTOR = 2**20  # of a resizing


class Kind(Record):
    """`expected` completes "expected …"; `parse` returns what the op holds, or raises
    ValueError.
    """

    expected: str
    parse: Callable[[Any], Any]
    schema: dict[str, Any]


class Setting(Record):
    """One declared setting of an op: its kind, its default, and a sentence on what it means;
    without a default it must be given.
    """

    kind: Kind
    default: Any
    required: bool
    about: str


def setting(kind: Kind, default: Any = ..., /, *, about: str) -> Any:
    """Declare a setting in an op's class body. No default: required.

    `about` is its meaning in one sentence, which editors, `archprof ops` and the reference show.
    """
    return Setting(kind, None if default is ... else default, default is ..., about)


def _whole(minimum: int | None, maximum: int = 2**31 - 1) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if (
            type(value) is not int
            or (minimum is not None and value < minimum)
            or abs(value) > maximum
        ):
            raise ValueError
        return value

    return parse


def _numbers(count: int | None, minimum: int | None) -> Callable[[Any], tuple[int, ...]]:
    one = _whole(minimum)

    def parse(value: Any) -> tuple[int, ...]:
        if count and type(value) is int:
            value = [value] * count
        if (
            not isinstance(value, (list, tuple))
            or (count and len(value) != count)
            or len(value) > 16
        ):
            raise ValueError
        return tuple(one(v) for v in value)

    return parse


def _table(value: Any) -> tuple[tuple[int, ...], ...]:
    one = _whole(0)
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 1024:
        raise ValueError
    rows = tuple(
        tuple(one(v) for v in row) if isinstance(row, (list, tuple)) else () for row in value
    )
    if any(not 1 <= len(row) <= 1024 or len(set(row)) != len(row) for row in rows):
        raise ValueError
    return rows


def _number(low: float, high: float) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
            raise ValueError
        return float(value)

    return parse


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def optional(kind: Kind) -> Kind:
    """Return the kind, or nothing at all."""
    return Kind(
        f"{kind.expected}, or nothing",
        lambda v: None if v is None else kind.parse(v),
        {"anyOf": [kind.schema, {"type": "null"}]},
    )


def choice(*names: str) -> Kind:
    """Return one of these words."""

    def parse(value: Any) -> str:
        if value not in names or not isinstance(value, str):
            raise ValueError
        return value

    return Kind(f"one of {', '.join(names)}", parse, {"enum": list(names)})


def _either(word: str, kind: Kind) -> Kind:
    return Kind(
        f"{kind.expected}, or {word}",
        lambda v: v if v == word else kind.parse(v),
        {"anyOf": [{"const": word}, kind.schema]},
    )


def _pair_of(minimum: int, expected: str) -> Kind:
    one = {"type": "integer", "minimum": minimum}
    return Kind(
        expected,
        _numbers(2, minimum),
        {"anyOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]},
    )


positive = Kind("a whole number of at least 1", _whole(1), {"type": "integer", "minimum": 1})
integer = Kind("a whole number", _whole(None), {"type": "integer"})
boolean = Kind("true or false", _boolean, {"type": "boolean"})
number = Kind("a number", _number(-1e30, 1e30), {"type": "number"})
probability = Kind(
    "a number from 0 to 1", _number(0, 1), {"type": "number", "minimum": 0, "maximum": 1}
)
pair = _pair_of(1, "a whole number of at least 1, or [height, width]")
pair_or_zero = _pair_of(0, "a whole number of at least 0, or [height, width]")
padding = _either("same", pair_or_zero)
integers = Kind(
    "a list of whole numbers",
    _numbers(None, None),
    {"type": "array", "items": {"type": "integer"}, "maxItems": 16},
)
table = Kind(
    "a list of lists of different whole numbers of at least 0",
    _table,
    {
        "type": "array",
        "minItems": 1,
        "items": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}},
    },
)


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
    if type(value) not in (int, float) or not 0 < value <= LARGEST_FACTOR:
        raise ValueError
    return int(value) if value == int(value) else float(value)


size_by_axis = _for_each_axis(positive)
factor_by_axis = _for_each_axis(
    Kind("a number above 0", _factor, {"type": "number", "exclusiveMinimum": 0})
)
