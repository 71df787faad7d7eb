"""Rows of a space to variants: values drawn, derived, and sorted into groups that are alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archprof.allowance import Allowance, limits
from archprof.column import Column, by_group, is_whole
from archprof.language.document import Template
from archprof.language.expression import cut
from archprof.language.functions import ExpressionError
from archprof.language.kinds import parse_shape
from archprof.problem import ProblemError
from archprof.sweeping.sampling.draw import drawn, numbers_of
from archprof.sweeping.space.axis import Axis, Choices
from archprof.sweeping.space.names import names_of
from archprof.sweeping.space.space import DROPPED, REPEATED, Batch
from archprof.sweeping.variants import Variants

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space

Array = NDArray[Any]
MAX_SIDE = 10**6  # of an input, as `parse_shape` has it


class NoVariant(Exception):
    """A group of rows has no variants: the rule and the message of the reason."""


def batches(space: Space, rows: Array) -> list[Batch]:
    """Return the variants of rows in groups that are alike."""
    rows = np.asarray(rows, np.int64)
    places = drawn(space.axes, space.sample, rows)
    repeats = _settle(space, places, len(rows))
    found = []
    if space.sample.method == "grid" and repeats.any():
        at = np.flatnonzero(repeats)
        fault = (
            REPEATED,
            "another row is the same variant: `when` leaves an axis at its first value",
        )
        found.append(Batch(at, None, _columns(space, places, at), fault))
        kept = np.flatnonzero(~repeats)
    else:
        kept = np.arange(len(rows))
    for values, at in _alike(space, places, kept):
        for positions, result in by_group(_Variant(space).of, values, at):
            columns = _columns(space, places, positions)
            if isinstance(result, NoVariant):
                found.append(Batch(positions, None, columns, result.args))
            else:
                settings, shape = result
                found.append(Batch(positions, Variants(len(positions), settings, shape), columns))
    return found


# --- values of the axes ---


def _settle(space: Space, places: list[Array], count: int) -> Array:
    """Set axes whose `when` is false to their first value, in place; return in which rows one had
    another.
    """
    moved = np.zeros(count, bool)
    at = 0
    for parameter in space.parameters:
        for index, axis in enumerate(parameter.axes):
            if axis.when is not None:
                off = ~_answers(space, places, axis.when, index, count)
                first = axis.first if axis.values.count is None else 0
                moved |= off & (places[at] != first)
                places[at] = np.where(off, first, places[at])
            at += 1
    return moved


def _answers(
    space: Space, places: list[Array], condition: Template, index: int, count: int
) -> Array:
    """Return a condition's answer in each row; where it has no value, it is false."""
    answers = np.zeros(count, bool)
    for values, rows in _alike(space, places, np.arange(count), names_of(condition)):
        scope = {**values, "index": index}
        for positions, answer in by_group(lambda one: _truth(condition, one), scope, rows):
            answers[positions] = answer is True
    return answers


def _alike(
    space: Space, places: list[Array], rows: Array, names: set[str] | None = None
) -> Iterator[tuple[dict[str, Any], Array]]:
    """Yield the values of parameters by name, and rows whose texts, truth values and lists are the
    same; numbers are columns over all rows. `names`: of these parameters alone.
    """
    if not len(rows):
        return
    axes = [
        (parameter, axis, places[at])
        for at, (parameter, axis) in enumerate(
            (parameter, axis) for parameter in space.parameters for axis in parameter.axes
        )
        if names is None or parameter.name in names
    ]
    words = [place for _, axis, place in axes if not _is_number(axis)]
    for group in _split(words, rows):
        entries: dict[str, list[Any]] = {}
        for parameter, axis, place in axes:
            if isinstance(axis.values, Choices) and not axis.values.numbers:
                value = axis.values.values[place[group[0]]]
            else:
                value = Column(numbers_of(axis.values, place))
            entries.setdefault(parameter.name, []).append(value)
        by_name = {parameter.name: parameter for parameter, _, _ in axes}
        yield {name: by_name[name].value(values) for name, values in entries.items()}, group


def _split(words: Sequence[Array], rows: Array) -> Iterator[Array]:
    """Yield the rows in groups that have the same words."""
    if not words:
        yield rows
        return
    _, which = np.unique(np.stack([place[rows] for place in words]), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    yield from np.split(rows[order], np.flatnonzero(np.diff(which.ravel()[order])) + 1)


def _is_number(axis: Axis) -> bool:
    return not isinstance(axis.values, Choices) or axis.values.numbers


def _columns(space: Space, places: list[Array], rows: Array) -> dict[str, Array]:
    """Return the values of the space's parameters in these rows, by column."""
    return {
        axis.name: _column(axis, place[rows])
        for axis, place in zip(space.axes, places, strict=True)
    }


def _column(axis: Axis, places: Array) -> Array:
    """Return the values of one axis as a table has them: lists are texts."""
    if isinstance(axis.values, Choices) and not axis.values.numbers:
        values = axis.values.values
        listed = [json.dumps(one) if isinstance(one, list) else one for one in values]
        return np.array(listed)[places]
    return numbers_of(axis.values, places)


# --- values of the network ---


class _Variant:
    """What a space says of its variants, worked out for a group of rows at once."""

    def __init__(self, space: Space):
        self.space = space
        self.shape = space.network.inputs[0].shape if space.network.inputs else ()
        lets = set(space.lets)
        self.first = [one for one in space.where if not names_of(one) & lets]
        self.then = [one for one in space.where if names_of(one) & lets]

    def of(self, values: Mapping[str, Any]) -> Any:
        """Return settings and input of the network, or NoVariant."""
        scope = dict(values)
        with Allowance(limits(), alarm=False):  # each group has the items of one network
            return self._worked_out(scope)

    def _worked_out(self, scope: dict[str, Any]) -> Any:
        try:
            self._meet(self.first, scope)
            for name, template in self.space.lets.items():
                scope[name] = _value(template, scope)
            self._meet(self.then, scope)
            settings = {
                name: _value(template, scope) for name, template in self.space.settings.items()
            }
            shape = settings.pop("input", None)
            return settings, None if shape is None else self._input(shape)
        except NoVariant as reason:
            return reason

    def _meet(self, conditions: Sequence[Template], scope: Mapping[str, Any]) -> None:
        for condition in conditions:
            if not _truth(condition, scope):
                raise NoVariant(DROPPED, f"`{cut(condition.plain())}` is false")

    def _input(self, value: Any) -> tuple[Any, ...]:
        """Return an input's shape: one number is the side of the network's own input."""
        if type(value) in (int, float, Column):
            shape: Any = (self.shape[0], *(value for _ in self.shape[1:]))
        else:
            shape = parse_shape(value) or value
        if isinstance(shape, (list, tuple)) and 1 <= len(shape) <= 4 and all(map(_is_side, shape)):
            return tuple(shape)
        raise NoVariant("kind", "`input` is not a shape of whole numbers from 1 to 1,000,000")


def _is_side(value: Any) -> bool:
    return is_whole(value) and bool(value >= 1) and bool(value <= MAX_SIDE)


def _truth(condition: Template, scope: Mapping[str, Any]) -> bool:
    """Return the answer of a condition. Raises NoVariant where it has none."""
    answer = _value(condition, scope)
    if type(answer) is not bool:
        raise NoVariant("expression", f"`{cut(condition.plain())}` is neither true nor false")
    return answer


def _value(template: Template, scope: Mapping[str, Any]) -> Any:
    """Return a template's value. Raises NoVariant where it has none.

    The reason has no numbers in it: they differ from row to row.
    """
    try:
        return template.evaluate(scope)
    except ExpressionError as error:
        at = error.at or template
        if error.limit:
            raise ProblemError.of(at.mark, "limit", str(error), error.hint) from None
        raise NoVariant("expression", f"`{cut(str(at.plain()))}` has no value") from None
