"""Rows of a space as a table: their parameters, their totals, and why some are invalid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from archprof.sweeping.space.axis import Axis, Choices
from archprof.sweeping.space.space import Batch, Space
from archprof.sweeping.storing.identity import Totalled
from archprof.sweeping.totals import totals_of
from archprof.sweeping.variants import NONE, OF_STEP, SEES, TOTALS

WHY, MESSAGE, ROW = "why", "message", "row"
OPTIONAL = ("field_height", "field_width", *OF_STEP)
"""Totals that a valid variant may lack."""

RESERVED = (ROW, *TOTALS, *OF_STEP, WHY, MESSAGE)
"""The columns that no parameter has."""

TEXT = pa.dictionary(pa.int32(), pa.string())


def column_of(parameter: str) -> str:
    """Return the column of a space's parameter, which is not to be taken for a total."""
    return f"set.{parameter}" if parameter in RESERVED else parameter


def schema(space: Space) -> pa.Schema:
    """Return the columns of a space's tables: the row, its parameters, its totals, and for an
    invalid one the rule and the message of its problem.
    """
    fields = [pa.field(ROW, pa.int64(), nullable=False)]
    fields += [pa.field(column_of(axis.name), _kind(axis)) for axis in space.axes]
    totals = space.conditions.totals
    fields += [pa.field(name, TEXT if name == "sees" else pa.int64()) for name in totals]
    fields += [pa.field(WHY, TEXT), pa.field(MESSAGE, TEXT)]
    return pa.schema(fields)


def _kind(axis: Axis) -> pa.DataType:
    """Return the type of a parameter's column."""
    values = axis.values
    if isinstance(values, Choices) and not values.numbers:
        return pa.bool_() if all(type(one) is bool for one in values.values) else TEXT
    return pa.int64() if values.whole else pa.float64()


def tabulated(space: Space, rows: np.ndarray[Any, Any]) -> tuple[pa.Table, Totalled]:
    """Return the table of some rows of a space's sample, and how their totals were found.

    Raises ProblemError for what no variant could have, such as an unknown parameter.
    """
    return table_of(space, rows, space.variants(rows))


def table_of(
    space: Space, rows: np.ndarray[Any, Any], batches: Sequence[Batch]
) -> tuple[pa.Table, Totalled]:
    """Return the table of rows that these batches are. An invalid row has no totals."""
    count = len(rows)
    totals = {name: np.zeros(count, np.int64) for name in space.conditions.totals}
    faults = {name: np.full(count, None, object) for name in (WHY, MESSAGE)}
    ways = []
    for batch in batches:
        if batch.variants is None:
            _fail(faults, batch.positions, batch.fault)
            continue
        found = totals_of(space.network, batch.variants, space.conditions, space.budget)
        ways.append(Totalled(found.composed, found.refused))
        for name, values in totals.items():
            values[batch.positions] = found.totals[name]
        for number, fault in enumerate(found.faults, 1):
            _fail(faults, batch.positions[found.reasons == number], fault)
    valid = np.array([rule is None for rule in faults[WHY]], bool)
    arrays = [pa.array(rows, pa.int64())]
    arrays += [_parameter(axis, batches, count) for axis in space.axes]
    arrays += [_total(name, values, valid) for name, values in totals.items()]
    arrays += [pa.array(texts, pa.string()).dictionary_encode() for texts in faults.values()]
    slow = next((way for way in ways if not way.composed), Totalled(True))
    return pa.table(arrays, schema=schema(space)), slow


def _fail(
    faults: dict[str, np.ndarray[Any, Any]], at: np.ndarray[Any, Any], fault: tuple[str, str]
) -> None:
    """Note the rule and the message of a problem in some rows."""
    faults[WHY][at], faults[MESSAGE][at] = fault


def _parameter(axis: Axis, batches: Sequence[Batch], count: int) -> pa.Array:
    """Return a parameter of all rows as a column."""
    first = batches[0].columns[axis.name]
    values = np.empty(count, object if first.dtype.kind == "U" else first.dtype)
    for batch in batches:
        values[batch.positions] = batch.columns[axis.name]
    column = pa.array(values)
    return column.dictionary_encode() if _kind(axis) == TEXT else column.cast(_kind(axis))


def _total(name: str, values: np.ndarray[Any, Any], valid: np.ndarray[Any, Any]) -> pa.Array:
    """Return a total as a column: null for an invalid row, and where there is none."""
    if name == "sees":
        return pa.DictionaryArray.from_arrays(pa.array(values, pa.int32(), mask=~valid), SEES)
    lacking = ~valid
    if name in OPTIONAL:
        lacking |= values == NONE
    return pa.array(values, pa.int64(), mask=lacking)
