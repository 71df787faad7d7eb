"""The values of a spec's expressions for many variants at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from archprof.allowance import ensured
from archprof.column import Column, Differs, TooLarge
from archprof.column_functions import is_number, is_whole
from archprof.column_groups import Unalike, by_group, merged, settled
from archprof.language.document import Document, Template
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame, LayerFailed, Result, Rules, Stop
from archprof.language.expand.values import Values
from archprof.language.names_read import names_read
from archprof.limits import usual
from archprof.ops.settings import Reads
from archprof.problem import Problem
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.composing.reads import ARRIVING, Uses

NOWHERE = Result((-1,))
Evaluate = Callable[[Values, Frame], Any]


class Failure:
    """What is wrong where an expression has no value."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems


TOO_LARGE = Failure([])


class Evaluator:
    """Evaluates for `count` variants, and notes what is wrong with some: by row the number of its
    fault in `faults`, 0 where nothing is. `apart`: the rows that have to be analysed by themselves.
    """

    def __init__(self, count: int, faults: dict[tuple[str, str], int]):
        self.count, self.faults = count, faults
        self.reasons = np.zeros(count, np.int64)
        self.apart = np.zeros(count, bool)

    def sound(self, rows: Array) -> Array:
        """Return those of the rows with which nothing is wrong so far."""
        sound: Array = rows[(self.reasons[rows] == 0) & ~self.apart[rows]]
        return sound

    def fail(self, rows: Array, problem: Problem) -> None:
        """Note for rows what is wrong with them."""
        fault = problem.rule, problem.message
        self.reasons[rows] = self.faults.setdefault(fault, len(self.faults) + 1)

    def value(
        self, template: Template, document: Document, scope: Mapping[str, Any], rows: Array
    ) -> Any:
        """Return the value at these rows as one for all rows, which has columns where it differs.

        Raises Differs for rows whose values no column can have together, LayerFailed where no row
        has one.
        """
        if template.constant:
            return template.data

        def evaluate(values: Values, frame: Frame) -> Any:
            return values.evaluate(template, frame.scope, None)

        good = list(self._groups(evaluate, template, document, scope, rows))
        if not good:
            raise LayerFailed
        try:
            return merged(good, self.count)
        except Unalike:
            raise Differs(self._mask(good[0][0])) from None

    def turns(
        self, template: Template, document: Document, scope: Mapping[str, Any], rows: Array
    ) -> Array:
        """Return by row how often a repeat builds its layer, 0 where that is not such a number."""

        def evaluate(values: Values, frame: Frame) -> Any:
            times = values.evaluate(template, frame.scope, None)
            if not is_whole(times) or times < 0:
                values.complaints.fail(template.mark, "kind", "`repeat` is no whole number")
            if times > usual().layers:
                values.complaints.fail(template.mark, "limit", "`repeat` is too large")
            return times

        found = np.zeros(self.count, np.int64)
        for group, times in self._groups(evaluate, template, document, scope, rows):
            found[group] = times.rows if type(times) is Column else times
        return found

    def true(
        self, template: Template, document: Document, scope: Mapping[str, Any], rows: Array
    ) -> Array:
        """Return those of the rows at which a condition is true."""

        def evaluate(values: Values, frame: Frame) -> Any:
            return values.truth(template, "`when`", frame)

        groups = self._groups(evaluate, template, document, scope, rows)
        found = [group for group, true in groups if true]
        return np.sort(np.concatenate(found)) if found else rows[:0]

    def _groups(
        self,
        evaluate: Evaluate,
        template: Template,
        document: Document,
        scope: Mapping[str, Any],
        rows: Array,
    ) -> Iterator[tuple[Array, Any]]:
        """Yield the rows that have a value, with it; the others fail."""
        needed = {name: scope[name] for name in names_read(template) if name in scope}

        def run(values: Mapping[str, Any]) -> Any:
            complaints = Complaints(document.texts())
            frame = Frame(
                document, Rules({}, False), dict(values), "", None, {}, NOWHERE, aux=False
            )
            try:
                with ensured() as allowance:
                    allowance.items = 0
                    return evaluate(Values(complaints), frame)
            except (LayerFailed, Stop):
                return Failure(complaints.problems)
            except TooLarge:
                return TOO_LARGE

        for group, value in by_group(run, needed, rows):
            if value is TOO_LARGE:
                self.apart[group] = True
            elif not isinstance(value, Failure):
                yield group, value
            elif value.problems:
                self.fail(group, value.problems[0])

    def _mask(self, rows: Array) -> Array:
        mask = np.zeros(self.count, bool)
        mask[rows] = True
        return mask


def columns_in(values: Iterable[Any]) -> Iterator[Array]:
    """Yield the columns in values, also those in lists."""
    for value in values:
        if type(value) is Column:
            yield value.rows
        elif type(value) is list:
            yield from columns_in(value)


def plain_in(values: Iterable[Any]) -> tuple[Hashable, ...]:
    """Return what in values is the same for all rows, also in lists; of columns their kind."""
    found: list[Hashable] = []
    for value in values:
        if type(value) is list:
            found.append(plain_in(value))
        else:
            kind = value.rows.dtype.kind if type(value) is Column else type(value)
            found.append((kind, None if type(value) is Column else value))
    return tuple(found)


def values_read(scope: Mapping[str, Any], uses: Uses) -> list[Any]:
    """Return the values that totals read, without what the state of what arrives says."""
    read = {name: use for name, use in uses.items() if name in scope and name not in ARRIVING}
    return [as_read(scope[name], use) for name, use in read.items()]


def as_read(value: Any, use: Reads) -> Any:
    """Return a value; of a rate of which totals read the ends, whether it is below 0, 0, between,
    1, or above, counted from -1.
    """
    if use != "ends" or not is_number(value):
        return value
    rows = value.rows if type(value) is Column else np.array([value])
    return settled(Column(np.sign(rows).astype(np.int64) + (rows >= 1) + (rows > 1)))
