"""Rows of columns apart and together again: code runs once for each group of rows that answer its
questions alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archprof.column import Column, Differs, rows_of
from archprof.column_functions import is_number, is_whole

if TYPE_CHECKING:
    from numpy import ndarray


def taken(value: Any, rows: ndarray[Any, Any]) -> Any:
    """Return a value at some of its rows: columns, also those in lists; anything else as it is."""
    if type(value) is Column:
        return settled(Column(value.rows[rows]))
    if type(value) is list:
        return [taken(item, rows) for item in value]
    if type(value) is tuple:
        return tuple(taken(item, rows) for item in value)
    return value


def settled(column: Column) -> Any:
    """Return the plain number that a column is where all rows have the same."""
    rows = column.rows
    if len(rows) and bool((rows == rows[0]).all()):
        return rows[0].item()
    return column


def by_group(
    run: Callable[[Mapping[str, Any]], Any],
    values: Mapping[str, Any],
    rows: ndarray[Any, Any],
    least: int = 1,
) -> Iterator[tuple[ndarray[Any, Any], Any]]:
    """Yield what `run` gives for the values at these rows, in as few groups as its questions make:
    the group's rows, and the result, whose columns are those rows'.

    Of a group of fewer rows than `least` each is run by itself, with plain numbers.
    What `run` raises it raises for a whole group; it has to catch what concerns single rows.
    """
    waiting = [rows]
    while waiting:
        group = waiting.pop()
        if not len(group):
            continue
        if 1 < len(group) < least:
            waiting += [group[place : place + 1] for place in range(len(group))]
            continue
        try:
            result = run({name: taken(value, group) for name, value in values.items()})
        except Differs as differs:
            waiting += [group[~differs.mask], group[differs.mask]]
            continue
        yield group, result


class Unalike(Exception):
    """Values that no column can have together: lists of other lengths, or other texts."""


def merged(parts: Sequence[tuple[ndarray[Any, Any], Any]], count: int) -> Any:
    """Return one value for `count` rows of which each part has those that go with it.

    Rows that no part has are 0. Raises Unalike.
    """
    first = parts[0][1]
    if type(first) is list:
        if any(type(value) is not list or len(value) != len(first) for _, value in parts):
            raise Unalike
        return [
            merged([(rows, value[i]) for rows, value in parts], count) for i in range(len(first))
        ]
    if type(first) is not Column and all(_same(first, value) for _, value in parts[1:]):
        return first
    if not all(is_number(value) for _, value in parts):
        raise Unalike
    if len({is_whole(value) for _, value in parts}) > 1:
        raise Unalike
    import numpy as np

    found = np.zeros(count, np.int64 if is_whole(first) else np.float64)
    for rows, value in parts:
        found[rows] = rows_of(value)
    return Column(found)


def _same(one: Any, other: Any) -> bool:
    """Whether two plain values are of one type and equal."""
    return type(one) is type(other) and bool(one == other)
