"""The parameters of a space, and the sets of values that they are drawn from."""

from __future__ import annotations

from typing import Any

from archprof.language.document import Template
from archprof.problem import Mark
from archprof.record import Record


class Steps(Record):
    """Numbers at equal distances: (first + i * step) / over for i from 0 to `count` - 1.

    Written with whole numbers, `whole`, they are whole numbers, otherwise floats: each the nearest
    float of its decimal. With `log` a random point is drawn evenly on a logarithmic scale, and
    rounded to the nearest of them.
    """

    first: int
    step: int
    over: int
    count: int
    whole: bool
    log: bool = False

    @property
    def low(self) -> float:
        """The first number."""
        return self.first if self.whole else self.first / self.over

    @property
    def high(self) -> float:
        """The last number."""
        last = self.first + (self.count - 1) * self.step
        return last if self.whole else last / self.over


class Continuous(Record):
    """Any float from `low` to `high`; with `log` drawn evenly on a logarithmic scale."""

    low: float
    high: float
    log: bool = False

    count = None
    whole = False


class Choices(Record):
    """Values written out, all of one kind: numbers, texts, truth values or lists of such."""

    values: tuple[Any, ...]

    log = False

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.values)

    @property
    def numbers(self) -> bool:
        """Whether they are numbers, of which rows with different ones can be one column."""
        return all(type(value) in (int, float) for value in self.values)

    @property
    def whole(self) -> bool:
        """Whether they are whole numbers."""
        return all(type(value) is int for value in self.values)


Values = Steps | Continuous | Choices

FAULTY = Choices((0,))
"""In the place of values that cannot be read."""


class Axis(Record):
    """One number, text, truth value or list that differs from variant to variant.

    `name` is its column in a table: `width`, or `depths.0` of an entry of a list. Where `when` is
    false, the axis has the first of its `values`, so that there are not many names of one variant.
    """

    name: str
    mark: Mark
    values: Values
    when: Template | None = None

    @property
    def first(self) -> Any:
        """The first of its values."""
        return self.values.values[0] if isinstance(self.values, Choices) else self.values.low


class SpaceParameter(Record):
    """A parameter of a space: one axis, or a list with an axis for each entry."""

    name: str
    mark: Mark
    axes: tuple[Axis, ...]
    is_list: bool = False

    @property
    def faulty(self) -> bool:
        """Whether some of its values could not be read."""
        return any(axis.values is FAULTY for axis in self.axes)

    def value(self, entries: list[Any]) -> Any:
        """Return its value, given those of its axes."""
        return entries if self.is_list else entries[0]
