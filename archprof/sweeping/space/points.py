"""Rows of a space to variants: points drawn, worked out, and put into groups that are alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archprof.column import Column, by_group
from archprof.language.document import Template
from archprof.sweeping.sampling.draw import drawn, numbers_of
from archprof.sweeping.space.axis import Axis, Choices
from archprof.sweeping.space.groups import Groups
from archprof.sweeping.space.names import names_of
from archprof.sweeping.space.space import REPEATED, Batch
from archprof.sweeping.space.variant import NoVariant, Variant, truth

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space

Array = NDArray[Any]


def batches(space: Space, rows: Array) -> list[Batch]:
    """Return the variants of rows in groups that are alike."""
    places = drawn(space.axes, space.sample, np.asarray(rows, np.int64))
    return batches_at(space, places, space.sample.method == "grid")


def batches_at(space: Space, places: list[Array], once: bool = False) -> list[Batch]:
    """Return the variants of points, of which `drawn` says what their places are.

    `once`: a variant that another point of the grid is too is left out.
    """
    points = Points(space, places)
    groups, kept = Groups(), np.arange(points.count)
    if once:
        again = NoVariant(REPEATED, "another row of the grid is this variant")
        groups.add(kept[points.moved], again)
        kept = kept[~points.moved]
    variant = Variant(space)
    for values, at in points.alike(kept):
        for positions, result in by_group(variant.of, values, at):
            groups.add(positions, result)
    return [
        Batch(positions, variants, points.columns(positions), fault)
        for positions, variants, fault in groups.merged()
    ]


class Points:
    """Points of a space. `places` has for each axis where each point is in it, as `drawn` has it.

    Axes whose `when` is false are at their first value; `moved` are the points where one was not.
    """

    def __init__(self, space: Space, places: list[Array]):
        self.space, self.count = space, len(places[0])
        self.places = places
        self.moved = np.zeros(self.count, bool)
        axes = [(i, axis) for one in space.parameters for i, axis in enumerate(one.axes)]
        for at, (index, axis) in enumerate(axes):
            if axis.when is not None:
                self._settle(at, ~self._answers(axis.when, index))

    def _settle(self, at: int, off: Array) -> None:
        """Set an axis to its first value in the points that are `off`."""
        axis, places = self.space.axes[at], self.places[at]
        first = axis.first if axis.values.count is None else 0
        self.moved |= off & (places != first)
        self.places[at] = np.where(off, first, places)

    def _answers(self, condition: Template, index: int) -> Array:
        """Return a condition's answer in each point; where it has no value, it is false."""

        def answer(scope: Mapping[str, Any]) -> bool:
            try:
                return truth(condition, scope)
            except NoVariant:
                return False

        answers = np.zeros(self.count, bool)
        for values, points in self.alike(np.arange(self.count), names_of(condition)):
            for positions, found in by_group(answer, {**values, "index": index}, points):
                answers[positions] = found
        return answers

    def alike(
        self, points: Array, names: set[str] | None = None
    ) -> Iterator[tuple[dict[str, Any], Array]]:
        """Yield values by parameter, and points of which texts, truth values and lists are those.

        Numbers are columns over all points. `names`: of these parameters alone.
        """
        axes = [(parameter, axis) for parameter in self.space.parameters for axis in parameter.axes]
        taken = [
            (parameter.name, axis, place)
            for (parameter, axis), place in zip(axes, self.places, strict=True)
            if names is None or parameter.name in names
        ]
        columns = {
            axis.name: Column(numbers_of(axis.values, place))
            for _, axis, place in taken
            if not _words(axis)
        }
        for group in _split([place for _, axis, place in taken if _words(axis)], points):
            entries: dict[str, list[Any]] = {}
            for name, axis, place in taken:
                words = _words(axis)
                value = words[place[group[0]]] if words else columns[axis.name]
                entries.setdefault(name, []).append(value)
            chosen = [one for one in self.space.parameters if one.name in entries]
            yield {one.name: one.value(entries[one.name]) for one in chosen}, group

    def columns(self, points: Array) -> dict[str, Array]:
        """Return the values of the space's parameters in these points, by column."""
        return {
            axis.name: _column(axis, place[points])
            for axis, place in zip(self.space.axes, self.places, strict=True)
        }


def _words(axis: Axis) -> tuple[Any, ...]:
    """Return the texts, truth values or lists that an axis chooses from, none for numbers."""
    values = axis.values
    return values.values if isinstance(values, Choices) and not values.numbers else ()


def _split(words: Sequence[Array], points: Array) -> Iterator[Array]:
    """Yield the points in groups that are at the same places of all axes of words."""
    if not len(points):
        return
    if not words:
        yield points
        return
    table = np.stack([place[points] for place in words])
    _, which = np.unique(table, axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    yield from np.split(points[order], np.flatnonzero(np.diff(which.ravel()[order])) + 1)


def _column(axis: Axis, places: Array) -> Array:
    """Return the values of one axis as a table has them: lists are texts."""
    words = _words(axis)
    if not words:
        return numbers_of(axis.values, places)
    texts = [json.dumps(one) if isinstance(one, list) else one for one in words]
    return np.array(texts)[places]
