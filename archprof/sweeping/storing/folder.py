"""A folder of parts: which are there, and their rows without loading all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from archprof.allowance import check
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.space.bounds import FIELD, SHORT, column_hint
from archprof.sweeping.storing.identity import Shard, SweepIdentity, difference, part_name
from archprof.sweeping.storing.parts import StoredPart, foreign, read_columns, read_part
from archprof.sweeping.storing.tabulating import ROW

MOST_PARTS = 1_000_000
_NAME = re.compile(r"part-(\d{1,9})\.parquet")
OF_FIELD = ("field_height", "field_width", "sees")
EVERYTHING = 2**62  # as a receptive field

Numbers = np.ndarray[Any, Any]


class RowsPage(Record):
    """Valid rows of a part: their numbers, and columns by name."""

    rows: Numbers
    values: Mapping[str, Numbers]


class Stored(Record):
    """The parts of one sweep in a folder, in order."""

    folder: Path
    identity: SweepIdentity
    shards: tuple[Shard, ...]
    columns: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows lie there."""
        return sum(shard.last - shard.first for shard in self.shards)

    @property
    def known(self) -> tuple[str, ...]:
        """The columns and other names that may be asked about."""
        return known_names(self.columns)

    def pages(self, names: Sequence[str]) -> Iterator[RowsPage]:
        """Yield valid rows that have all of these columns, part by part; numbers as int64 or
        float64, truth values as such, texts as objects.

        Names are those of `known`. Raises ProblemError for an unknown one and a bad part.
        """
        names = tuple(dict.fromkeys(names))
        sources = [one for name in names for one in self._sources(name)]
        for shard in self.shards:
            check()
            yield page_of(self.read(shard, [ROW, "params", *sources]), names)

    def read(self, shard: Shard, names: Sequence[str] | None = None) -> pa.Table:
        """Return columns of a part, or all. Raises ProblemError."""
        chosen = None if names is None else list(dict.fromkeys(names))
        return read_columns(self.folder / shard.file, self.identity, chosen)

    def taken(self, rows: Sequence[int] | Numbers) -> pa.Table:
        """Return rows by their numbers, in this order. Raises ProblemError for one not there."""
        wanted = np.asarray(rows, np.int64)
        tables = []
        for shard in self.shards:
            here = wanted[(wanted >= shard.first) & (wanted < shard.last)]
            if len(here):
                tables.append(self.read(shard).take(here - shard.first))
        found = pa.concat_tables(tables, promote_options="default") if tables else self._none()
        places = {row: place for place, row in enumerate(found[ROW].to_pylist())}
        lacking = next((row for row in wanted.tolist() if row not in places), None)
        if lacking is not None:
            message = f"there is no row {lacking:,} in it"
            raise ProblemError.of(Mark(str(self.folder)), "row", message)
        order = pa.array([places[row] for row in wanted.tolist()], pa.int64())
        return found.take(order).combine_chunks()

    def _none(self) -> pa.Table:
        return self.read(self.shards[0]).slice(0, 0)

    def _sources(self, name: str) -> tuple[str, ...]:
        """Return the columns that a name is worked out from."""
        if name not in self.known:
            message = f"there is no column {shown(name)}"
            hint = column_hint(name, self.known)
            raise ProblemError.of(Mark(str(self.folder)), "column", message, hint)
        return OF_FIELD if name == FIELD else (SHORT.get(name, name),)


def known_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Return columns, and the shorter names of those that are there."""
    return (*columns, *(name for name, of in SHORT.items() if of == FIELD or of in columns))


def page_of(table: pa.Table, names: Sequence[str]) -> RowsPage:
    """Return the valid rows of a table that have all of these columns."""
    columns = [table[ROW], table["params"], *(column(name, table) for name in names)]
    whole = pa.table(columns, ["", " ", *names]).drop_null()
    arrays = [_array(column) for column in whole.columns]
    return RowsPage(arrays[0], dict(zip(names, arrays[2:], strict=True)))


def column(name: str, table: pa.Table) -> pa.ChunkedArray:
    """Return what a name means: a column, or the smaller side of the largest receptive field.

    Of a network that sees everything that is more than any number, as `check` has it; where it is
    unknown what layers see there is none.
    """
    if name != FIELD:
        return table[SHORT.get(name, name)]
    smaller = compute.min_element_wise(*(table[side] for side in OF_FIELD[:2]), skip_nulls=False)
    local, all_ = (compute.equal(table["sees"], seen) for seen in ("local", "all"))
    none = pa.scalar(None, pa.int64())
    return compute.if_else(all_, EVERYTHING, compute.if_else(local, smaller, none))


def _array(column: pa.ChunkedArray) -> Numbers:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    found: Numbers = column.to_numpy()
    return found


def open_folder(folder: Path) -> Stored | None:
    """Return the sweep whose parts lie in a folder, None where there are none.

    The first part says of which sweep they are, the others are compared with it when they are read.
    Raises ProblemError for a folder that cannot be read, and a bad first part.
    """
    numbers = _numbers(folder)
    if not numbers:
        return None
    first = read_part(folder / part_name(numbers[0]))
    last = len(first.identity.shards()) - 1
    if numbers[-1] > last:
        stray = folder / part_name(numbers[-1])
        raise foreign(stray, f"the sweep that lies here ends with part {last:,}")
    return _stored(folder, first, numbers)


def kept(folder: Path, identity: SweepIdentity) -> list[Shard]:
    """Return the parts of a sweep that lie in its folder already.

    Raises ProblemError for a part of another sweep, and one that cannot be read.
    """
    found = []
    for number in _numbers(folder):
        part = read_part(folder / part_name(number))
        other = difference(part.identity, identity)
        if other:
            hint = "give the --sample, --seed and --set of that sweep, or another folder with -o"
            raise foreign(part.path, f"it is a part of another sweep: {other}", hint)
        found.append(part.shard)
    return found


def _stored(folder: Path, first: StoredPart, numbers: Sequence[int]) -> Stored:
    shards = tuple(first.identity.shard(number) for number in numbers)
    return Stored(folder, first.identity, shards, first.columns, first.numbers)


def _numbers(folder: Path) -> list[int]:
    """Return the numbers of the parts in a folder, in order; other files are not looked at."""
    found = []
    try:
        for entry in folder.iterdir():
            match = _NAME.fullmatch(entry.name)
            if match and entry.name == part_name(int(match[1])):
                found.append(int(match[1]))
            if len(found) > MOST_PARTS:
                message = f"it has more than {MOST_PARTS:,} parts"
                raise ProblemError.of(Mark(str(folder)), "limit", message)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise ProblemError.of(Mark(str(folder)), "file", message) from None
    return sorted(found)
