"""Rows of a space to variants: points drawn, worked out, and put into groups that are alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archprof.column import Column, by_group
from archprof.language.document import Template
from archprof.sweeping.composing.keys import distinct
from archprof.sweeping.sampling.draw import drawn, numbers_of
from archprof.sweeping.space.axis import Axis, Choices
from archprof.sweeping.space.groups import Groups
from archprof.sweeping.space.names import names_of
from archprof.sweeping.space.space import REPEATED, Batch
from archprof.sweeping.space.variant import NoVariant, VariantSettings, truth

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space

Array = NDArray[Any]


def batches(space: Space, rows: Array) -> list[Batch]:
    """Return the variants of rows in groups that are alike. Raises IndexError for others' rows."""
    if not len(rows):
        return []
    if rows.min() < 0 or rows.max() >= space.count:
        raise IndexError(f"a row beyond the {space.count:,} of the sample")
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
    variant = VariantSettings(space)
    for values, at in points.alike(kept):
        for positions, result in by_group(variant.of, values, at):
            groups.add(kept[positions], result)
    return [
        Batch(positions, variants, points.columns(positions), fault)
        for positions, variants, fault in groups.merged()
    ]


class Points:
    """Points of a space. `places` has for each axis where each point is in it, as `drawn` has it.

    Axes whose `when` is false are set to their first value, in `places` itself; `moved` are the
    points where one was not.
    """

    def __init__(self, space: Space, places: list[Array]):
        self.space, self.count = space, len(places[0])
        self.places = places
        self.moved = np.zeros(self.count, bool)
        self.known: dict[frozenset[str], tuple[Array, Array]] = {}
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
        """Return a condition's answer in each point; where it has no value, it is false.

        It is worked out once for all points that have the same values of what it uses.
        """

        def answer(scope: Mapping[str, Any]) -> bool:
            try:
                return truth(condition, scope)
            except NoVariant:
                return False

        names = frozenset(names_of(condition))
        points, which = self._distinct(names)
        answers = np.zeros(len(points), bool)
        for values, at in self.alike(points, names):
            for positions, found in by_group(answer, {**values, "index": index}, at):
                answers[positions] = found
        return answers[which]

    def _distinct(self, names: frozenset[str]) -> tuple[Array, Array]:
        """Return points that have all values of these parameters that there are, and for each point
        which of them has its values.
        """
        if names not in self.known:
            which, points = distinct([place for _, _, place in self._taken(names)], self.count)
            self.known[names] = points, which
        return self.known[names]

    def _taken(self, names: frozenset[str] | None) -> list[tuple[str, Axis, Array]]:
        """Return the axes of parameters, with their names and places; None: of all."""
        axes = [(one.name, axis) for one in self.space.parameters for axis in one.axes]
        return [
            (name, axis, place)
            for (name, axis), place in zip(axes, self.places, strict=True)
            if names is None or name in names
        ]

    def alike(
        self, points: Array, names: frozenset[str] | None = None
    ) -> Iterator[tuple[dict[str, Any], Array]]:
        """Yield values by parameter, and which of the points have those texts, truth values and
        lists: their positions in `points`, over all of which numbers are columns.

        `names`: of these parameters alone.
        """
        taken = [(name, axis, place[points]) for name, axis, place in self._taken(names)]
        columns = {
            axis.name: Column(numbers_of(axis.values, place))
            for _, axis, place in taken
            if not _words(axis)
        }
        chosen = [one for one in self.space.parameters if names is None or one.name in names]
        for group in _split([place for _, axis, place in taken if _words(axis)], len(points)):
            entries: dict[str, list[Any]] = {}
            for name, axis, place in taken:
                words = _words(axis)
                value = words[place[group[0]]] if words else columns[axis.name]
                entries.setdefault(name, []).append(value)
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


def _split(words: Sequence[Array], count: int) -> Iterator[Array]:
    """Yield so many points in groups that are at the same places of all axes of words."""
    if not count:  # none is left where all repeat others
        return
    kinds, _ = distinct(words, count)
    order = np.argsort(kinds, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(kinds[order])) + 1)


def _column(axis: Axis, places: Array) -> Array:
    """Return the values of one axis as a table has them: lists are texts."""
    words = _words(axis)
    if not words:
        return numbers_of(axis.values, places)
    texts = [json.dumps(one) if isinstance(one, list) else one for one in words]
    return np.array(texts)[places]
