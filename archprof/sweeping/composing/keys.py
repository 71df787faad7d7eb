"""Which rows are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

Array = ndarray[Any, Any]
ROOM = 2**62


def distinct(columns: Sequence[Array], count: int) -> tuple[Array, Array]:
    """Return for each of `count` rows the number of its kind, and for each kind its first row.

    Rows are of one kind where they are alike in all columns.
    """
    kinds, room = np.zeros(count, np.int64), 1
    for column in columns:
        numbers, width = _numbers(column)
        if width == 1:
            continue
        if room * width >= ROOM:
            kinds, room = _numbered(kinds)
        if room * width >= ROOM:
            numbers, width = _numbered(numbers)
        kinds = kinds * width + numbers
        room *= width
    return _first(kinds, room)


def _numbers(column: Array) -> tuple[Array, int]:
    """Return whole numbers from 0 that differ where a column's values do, and below which."""
    if column.dtype.kind == "f":
        column = np.ascontiguousarray(column).view(np.int64)
    least, most = int(column.min()), int(column.max())
    if most - least >= ROOM:
        return _numbered(column)
    return column.astype(np.int64) - least, most - least + 1


def _numbered(column: Array) -> tuple[Array, int]:
    """Return the rank of each value among those that there are, and how many there are."""
    values, ranks = np.unique(column, return_inverse=True)
    return ranks.astype(np.int64), len(values)


def _first(kinds: Array, room: int) -> tuple[Array, Array]:
    """Return kinds counted from 0, and the first row of each; faster where there is little room."""
    count = len(kinds)
    if room > 4 * count + 1000:
        _, first, ranks = np.unique(kinds, return_index=True, return_inverse=True)
        return ranks, first
    place = np.full(room, -1, np.int64)
    place[kinds[::-1]] = np.arange(count - 1, -1, -1)
    present = np.flatnonzero(place >= 0)
    rank = np.empty(room, np.int64)
    rank[present] = np.arange(len(present))
    return rank[kinds], place[present]


class Known:
    """Rows of a table that were found before, by their keys."""

    def __init__(self) -> None:
        self._rows: dict[bytes, Array] = {}

    def completed(self, keys: Sequence[Array], find: Callable[[Array], Array]) -> Array:
        """Return the table's rows for keys, given as columns; `find` gives those that are not known
        yet, from their places.
        """
        columns = [np.ascontiguousarray(column).view(f"V{column.itemsize}") for column in keys]
        names = [b"".join(key) for key in zip(*(c.tolist() for c in columns), strict=True)]
        missing = [place for place, name in enumerate(names) if name not in self._rows]
        if missing:
            found = find(np.array(missing))
            self._rows.update(zip((names[place] for place in missing), found, strict=True))
        return np.stack([self._rows[name] for name in names])
