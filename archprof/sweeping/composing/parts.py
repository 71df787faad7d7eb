"""Parts of a network, analysed for many variants at once: what they add, as a table of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from archprof.allowance import ensured
from archprof.analysis.part import Inseparable, PartTotals, part
from archprof.analysis.sums import Sums
from archprof.column import Column, TooLarge
from archprof.column_groups import by_group
from archprof.language.document import Document, Layer
from archprof.language.expand.builder import build_part
from archprof.language.network import Network
from archprof.problem import Problem
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.composing.states import States, state_of
from archprof.sweeping.conditions import SweepConditions

AXES = 2  # of an image
STATE = " state"  # among the values of a scope, whose names have no space

SUMS = len(Sums._fields)
PEAK, DEPTH, START, WHOLE, UNKNOWN, ENDS, FAULT = range(SUMS, SUMS + 7)
REACH = FAULT + 1  # by axis, -1 where there is none
STEPS = REACH + AXES  # by axis its first, last and step
WIDTH = STEPS + 3 * AXES
"""The columns of a table of parts."""

SOUND, APART = 0, -1
"""In FAULT: a sound part, and one whose variants have to be analysed by themselves; otherwise the
number of what is wrong with it.
"""


class LayerPlace(NamedTuple):
    """Where a layer stands: its document, the values that it sees, whether parameters around it
    are frozen.
    """

    document: Document
    scope: Mapping[str, Any]
    frozen: bool


class PartAnalyser:
    """Analyses parts."""

    def __init__(self, network: Network, conditions: SweepConditions, states: States):
        self.network, self.conditions, self.states = network, conditions, states
        self.faults: dict[tuple[str, str], int] = {}
        self.apart: set[str] = set()  # why some variants cannot be composed
        self.runs = 0

    def of(self, layer: Layer, place: LayerPlace, codes: Array, turn: int | None) -> Array:
        """Return the numbers of the parts of one layer, or of one turn of its repeat, a row for
        each of `place.scope`; `codes`: the states in which its input arrives.
        """
        found = np.zeros((len(codes), WIDTH), np.int64)
        for form, rows, numbers in self.states.by_form(codes):
            columns = [Column(np.ascontiguousarray(each)) for each in numbers.T]
            spread = [_spread(column, rows, len(codes)) for column in columns]
            values = {**place.scope, STATE: spread}

            def run(values: Mapping[str, Any], form: Any = form) -> PartTotals | Problem | str:
                begins = state_of(form, values[STATE], self.conditions.batch)
                scope = {name: value for name, value in values.items() if name != STATE}
                return self._analysed(layer, place, scope, begins, turn)

            for group, result in by_group(run, values, rows):
                found[group] = self._row(result, len(group))
        return found

    def _analysed(
        self, layer: Layer, place: LayerPlace, scope: dict[str, Any], begins: Any, turn: int | None
    ) -> PartTotals | Problem | str:
        """Return a part, what is wrong with it, or why it has to be analysed with its network."""
        self.runs += 1
        try:
            with ensured() as allowance:
                graph, elements = build_part(
                    self.network,
                    place.document,
                    layer,
                    scope,
                    begins,
                    turn,
                    place.frozen,
                    allowance,
                )
            if graph.problems:
                return graph.problems[0]
            if len(graph.outputs) != 1:
                return f"`{layer.key or layer.target_kind}` gives several tensors"
            analysis = self.conditions.analysis(graph)
            if any(row.macs is None or row.saved_bytes is None for row in analysis.layers):
                return "a layer's cost is unknown"
            return part(analysis, elements)
        except Inseparable as why:
            return f"`{layer.key or layer.target_kind}`: {why}"
        except TooLarge:
            return str(TooLarge())
        except TypeError:
            return "an op computes with plain numbers alone"

    def _row(self, result: PartTotals | Problem | str, count: int) -> Array:
        """Return the numbers of so many parts that were analysed at once, a row for each."""
        found = np.zeros((count, WIDTH), np.int64)
        if isinstance(result, str):
            self.apart.add(result)
            found[:, FAULT] = APART
            return found
        if isinstance(result, Problem):
            fault = result.rule, result.message
            found[:, FAULT] = self.faults.setdefault(fault, len(self.faults) + 1)
            return found
        numbers = [*result.sums, result.peak, result.depth, result.start]
        numbers += ["whole" in result.beyond, "unknown" in result.beyond]
        for i, value in enumerate(numbers):
            found[:, i] = _rows(value)
        found[:, ENDS] = self.states.codes(result.ends, count)
        found[:, REACH:STEPS] = -1
        for axis, reach in enumerate(result.reach or ()):
            found[:, REACH + axis] = _rows(reach)
        for axis, step in enumerate(result.steps):
            for i, value in enumerate(step or (0, 0, 1)):
                found[:, STEPS + 3 * axis + i] = _rows(value)
        return found


def _rows(value: Any) -> Any:
    return value.rows if type(value) is Column else value


def _spread(column: Column, rows: Array, count: int) -> Column:
    """Return a column of some rows as one of all, 0 elsewhere."""
    found = np.zeros(count, column.rows.dtype)
    found[rows] = column.rows
    return Column(found)
