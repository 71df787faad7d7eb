"""Values of a text that is being written: what differs from use to use of a block is a blank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archprof.ops.base import Shape
from archprof.ops.settings import Setting


class _Hole:
    """What stands for the value of a layer that a use of a block does not have."""

    def __repr__(self) -> str:
        return "HOLE"


HOLE: Any = _Hole()


def same(first: Any, second: Any) -> bool:
    """Whether two values are the same to a spec, to which 1, 1.0 and true are three."""
    return type(first) is type(second) and bool(first == second)


class Blank:
    """A value in each use of a body, HOLE where it is not needed.

    `setting` and `place` say what it is for, `shapes` what arrives there in each use. `text` is
    what is written, once that is decided.
    """

    def __init__(
        self,
        values: Sequence[Any],
        setting: str,
        place: str,
        shapes: Sequence[Shape | None] = (),
    ):
        self.values, self.setting, self.place = tuple(values), setting, place
        self.shapes = tuple(shapes) or (None,) * len(self.values)
        self.text: Any = None  # a `Written` of parameters.py

    def known(self) -> list[Any]:
        """Return the values that are needed."""
        return [value for value in self.values if value is not HOLE]

    def constant(self) -> bool:
        """Whether all uses that need it have the same value."""
        known = self.known()
        return all(same(value, known[0]) for value in known[1:])


Value = Any
"""A Blank, a text, a number, or a list or mapping of values."""


def blanks(value: Value) -> Iterator[Blank]:
    """Yield the blanks of a value, in the order in which they are written."""
    if isinstance(value, Blank):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from blanks(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from blanks(item)


def of_setting(
    name: str, declared: Setting, values: Sequence[Any], place: str, shapes: Sequence[Shape | None]
) -> Value:
    """Return one setting of an op, given by use, as a spec writes it: equal numbers as one.

    A list becomes a list of blanks where all uses have one of the same length.
    """
    short = [value if value is HOLE else _as_one(value, declared) for value in values]
    lengths = {_length(value) for value in short if value is not HOLE}
    if len(lengths) != 1 or lengths == {None}:
        return Blank([_plain(value) for value in short], name, place, shapes)
    (length,) = lengths
    return [
        Blank([HOLE if value is HOLE else value[i] for value in short], name, place, shapes)
        for i in range(length or 0)
    ]


def _length(value: Any) -> int | None:
    """Return how many plain values a list has, None for what is not such a list."""
    if not isinstance(value, tuple) or any(isinstance(item, tuple) for item in value):
        return None
    return len(value)


def _as_one(value: Any, declared: Setting) -> Any:
    """Return one number for several equal ones, where the setting takes that for the same."""
    if not isinstance(value, tuple) or len(set(value)) != 1:
        return value
    try:
        return value[0] if declared.kind.parse(value[0]) == value else value
    except ValueError:
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
