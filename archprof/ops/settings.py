"""The kinds of settings an op can have: what a spec may write, what the op then holds, and its JSON
Schema.

Plain classes rather than pydantic models: importing pydantic's models costs more than a whole
`archprof summary`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from archprof.column_functions import finite, is_number, is_whole, real_numbers, single
from archprof.ops import axes
from archprof.record import Record

Numbers: TypeAlias = "float | tuple[Numbers, ...]"
"""A number, or numbers in lists."""


class Kind(Record):
    """`expected` completes "expected …"; `parse` returns what the op holds, or raises
    ValueError.
    """

    expected: str
    parse: Callable[[Any], Any]
    schema: dict[str, Any]


Reads = Literal["value", "ends", "nothing"]
"""What the totals of a network read of a setting: its value, of a rate only whether it is 0, 1 or
between, or nothing.
"""


class Setting(Record):
    """One declared setting of an op: its kind, its default, and a sentence on what it means;
    without a default it must be given. `totals`: what the totals read of it.
    """

    kind: Kind
    default: Any
    required: bool
    about: str
    totals: Reads

    def of_rank(self, rank: int) -> Setting:
        """Return the setting of an op over so many axes: the same for every op."""
        return self


class AxesSetting(Setting):
    """A setting with a number for each axis of the op that has it, or one for all.

    In `about`, {axes} stands for the axes' names and {Axes} for them at the start of a sentence.
    """

    kind_of: Callable[[int], Kind]

    def of_rank(self, rank: int) -> Setting:
        """Return the setting of an op over so many axes; with 0 it stays open."""
        if not rank:
            return self
        kind, words = self.kind_of(rank), axes.in_words(rank)
        default = self.default if self.default is None else kind.parse(self.default)
        about = self.about.format(axes=words, Axes=words.capitalize())
        return Setting(kind, default, self.required, about, self.totals)


def setting(kind: Kind, default: Any = ..., /, *, about: str, totals: Reads = "value") -> Any:
    """Declare a setting in an op's class body. No default: required.

    `about` is its meaning in one sentence, which editors, `archprof ops` and the reference show;
    `totals` what the totals of a network read of it.
    """
    return Setting(kind, None if default is ... else default, default is ..., about, totals)


def axes_setting(kind: Callable[[int], Kind], default: Any = ..., /, *, about: str) -> Any:
    """Declare a setting with a number for each axis: `kind` of so many, and one number as default.

    No default: required. `about` as in AxesSetting.
    """
    required = default is ...
    return AxesSetting(kind(1), None if required else default, required, about, "value", kind)


def _whole(minimum: int | None, maximum: int = 2**31 - 1) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if not is_whole(value) or (minimum is not None and value < minimum) or abs(value) > maximum:
            raise ValueError
        whole: int = value
        return whole

    return parse


def _numbers(count: int | None, minimum: int | None) -> Callable[[Any], tuple[int, ...]]:
    one = _whole(minimum)

    def parse(value: Any) -> tuple[int, ...]:
        if count and is_whole(value):
            value = [value] * count
        if (
            not isinstance(value, (list, tuple))
            or (count and len(value) != count)
            or len(value) > 16
        ):
            raise ValueError
        return tuple(one(v) for v in value)

    return parse


def _dimensions(value: Any) -> tuple[int, ...]:
    if is_whole(value):
        value = [value]
    found = _numbers(None, None)(value)
    if not found:
        raise ValueError
    return found


def _table(value: Any) -> tuple[tuple[int, ...], ...]:
    one = _whole(0)
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 1024:
        raise ValueError
    rows = tuple(
        tuple(single(one(v)) for v in row) if isinstance(row, (list, tuple)) else ()
        for row in value
    )
    if any(not 1 <= len(row) <= 1024 or len(set(row)) != len(row) for row in rows):
        raise ValueError
    return rows


def _numbers_within(value: Any, room: int, depth: int = 4) -> Numbers:
    """Return a number, or lists of numbers in lists of at most `room` numbers, all alike."""
    if not isinstance(value, (list, tuple)):
        return _number(-1e30, 1e30)(value)
    if not 1 <= len(value) <= room or depth == 0:
        raise ValueError
    parts = tuple(_numbers_within(part, room // len(value), depth - 1) for part in value)
    if len(set(map(_lengths, parts))) > 1:
        raise ValueError
    return parts


def _lengths(parts: Numbers) -> tuple[int, ...]:
    """Return the lengths of lists in lists, each that of the first."""
    return () if isinstance(parts, float) else (len(parts), *_lengths(parts[0]))


def _number(low: float, high: float) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        if not is_number(value) or not finite(value) or not low <= value <= high:
            raise ValueError
        found: float = real_numbers(value)
        return found

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


def _per_axis(minimum: int) -> Callable[[int], Kind]:
    """Return by rank the kind of a number for each axis, or one for all."""
    one = {"type": "integer", "minimum": minimum}

    def of_rank(rank: int) -> Kind:
        whole = f"a whole number of at least {minimum}"
        items = {"type": "array", "items": one, "minItems": rank, "maxItems": rank}
        return Kind(
            f"{whole}, or [{', '.join(axes.names(rank))}]",
            _numbers(rank, minimum),
            {"anyOf": [one, items]},
        )

    return of_rank


positive = Kind("a whole number of at least 1", _whole(1), {"type": "integer", "minimum": 1})
integer = Kind("a whole number", _whole(None), {"type": "integer"})
boolean = Kind("true or false", _boolean, {"type": "boolean"})
number = Kind("a number", _number(-1e30, 1e30), {"type": "number"})
probability = Kind(
    "a number from 0 to 1", _number(0, 1), {"type": "number", "minimum": 0, "maximum": 1}
)
sides = _per_axis(1)
sides_or_zero = _per_axis(0)
pair = sides(2)
pair_or_zero = sides_or_zero(2)


def sides_of_padding(rank: int) -> Kind:
    """Return the padding of a window: a number for each axis, or two, before and behind it."""
    even, one = sides_or_zero(rank), sides_or_zero(2)

    def parse(value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or all(map(is_whole, value)):
            return even.parse(value)
        if len(value) != rank:
            raise ValueError
        return tuple(one.parse(ends) for ends in value)

    ends = {"type": "array", "items": one.schema, "minItems": rank, "maxItems": rank}
    return Kind(
        f"{even.expected}, or {axes.ends(rank)}", parse, {"anyOf": [*even.schema["anyOf"], ends]}
    )


def optional_sides(rank: int) -> Kind:
    """Return a number for each axis, or nothing at all."""
    return optional(sides(rank))


def same_or_sides(rank: int) -> Kind:
    """Return the padding of a convolution: that of a window, or the word same."""
    return _either("same", sides_of_padding(rank))


padding = same_or_sides(2)


natural = Kind("a whole number of at least 0", _whole(0), {"type": "integer", "minimum": 0})
positives = Kind(
    "a whole number of at least 1, or a list of them",
    lambda v: _whole(1)(v) if is_whole(v) else _numbers(None, 1)(v),
    {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 16},
        ]
    },
)
number_from_1 = Kind("a number of at least 1", _number(1, 1e30), {"type": "number", "minimum": 1})
integers = Kind(
    "a list of whole numbers",
    _numbers(None, None),
    {"type": "array", "items": {"type": "integer"}, "maxItems": 16},
)
dimensions = Kind(
    "a whole number, or a list of them",
    _dimensions,
    {
        "anyOf": [
            {"type": "integer"},
            {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 16},
        ]
    },
)
numbers = Kind(
    "a number, or lists of numbers in lists of equal length, 4096 numbers at most",
    lambda value: _numbers_within(value, 4096),
    {"anyOf": [{"type": "number"}, {"type": "array", "minItems": 1}]},
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
