"""A sweep: the table of a space's variants, and what is asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from archprof.language.network import Network
from archprof.machine import available_bytes
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.answering.asking import best_rows, pages_that_meet, rows_of_front
from archprof.sweeping.answering.filters import Filter, condition
from archprof.sweeping.answering.objectives import objectives
from archprof.sweeping.answering.sensitivity import ParameterStep, steps
from archprof.sweeping.sampling.reading_back import place_of
from archprof.sweeping.single import network_of
from archprof.sweeping.space.bounds import Objective
from archprof.sweeping.space.points import batches_at
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import Stored
from archprof.sweeping.storing.tabulating import MESSAGE, RESERVED, ROW, WHY, column_of
from archprof.units import size


class Sweep(Record):
    """The variants of a space with their totals; parts of its table are read when it is asked.

    `space` is None where only the table is at hand. `filters` are conditions that rows have to
    meet, beside the space's own budget.
    """

    stored: Stored
    space: Space | None = None
    filters: tuple[Filter, ...] = ()

    @property
    def table(self) -> pa.Table:
        """All rows as a table of pyarrow; an invalid one has no totals, but `why` and `message`.

        Of a sweep with conditions those that meet them. Raises ProblemError where it does not fit
        into the memory.
        """
        if self.filters:
            pages = pages_that_meet(self.stored, [], self.filters)
            return self.rows(np.concatenate([page.rows for page in pages]))
        self._refuse_large(self.stored.rows)
        parts = [self.stored.read(shard) for shard in self.stored.shards]
        return pa.concat_tables(parts).replace_schema_metadata(None)

    def to_pandas(self) -> Any:
        """Return the table as a frame of pandas. Raises ModuleNotFoundError where it is not there,
        and ProblemError as `table` does.
        """
        return self.table.to_pandas()

    def where(self, text: str) -> Sweep:
        """Return the sweep with one more condition: `params <= 40M and sum(depths) > 20`.

        Raises ProblemError for what is not a condition over its columns.
        """
        return self.replaced(filters=(*self.filters, self._condition(text)))

    def front(self, *wanted: str) -> pa.Table:
        """Return the rows that no other row beats, of those within the budget: "min macs", "max
        params"; without arguments as the space has it.

        Raises ProblemError for what is not an objective, and for a front that takes too long.
        """
        found = self.wanted(wanted or self.stored.identity.front, "--front")
        return self.rows(rows_of_front(self.stored, found, self.asked()))

    def best(self, *wanted: str, count: int = 10) -> pa.Table:
        """Return the best rows by the first objective, where it is equal by the second, of those
        within the budget. Raises ProblemError for what is not an objective.
        """
        found = self.wanted(wanted, "--best")
        return self.rows(best_rows(self.stored, found, self.asked(), count))

    @property
    def invalid(self) -> pa.Table:
        """The invalid rows: their parameters, why (the rule), and the message of their problem."""
        parts = []
        for shard in self.stored.shards:
            table = self.stored.read(shard, [ROW, *self.parameters, WHY, MESSAGE])
            parts.append(table.filter(table[WHY].is_valid()))
        return pa.concat_tables(parts).replace_schema_metadata(None)

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows are invalid, by the rule of their problem, the most frequent first."""
        found: Counter[str] = Counter()
        for shard in self.stored.shards:
            counts = self.stored.read(shard, [WHY])[WHY].value_counts().to_pylist()
            found.update({one["values"]: one["counts"] for one in counts if one["values"]})
        return dict(found.most_common())

    def example(self, why: str) -> str:
        """Return the message of the first row that is invalid by this rule, "" for none."""
        for shard in self.stored.shards:
            table = self.stored.read(shard, [WHY, MESSAGE])
            found = table.filter(compute.equal(table[WHY], why)).slice(0, 1)
            if found.num_rows:
                return str(found[MESSAGE][0].as_py())
        return ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The columns of the space's own parameters."""
        return tuple(name for name in self.stored.columns if name not in RESERVED)

    def rows(self, numbers: Sequence[int] | np.ndarray[Any, Any]) -> pa.Table:
        """Return rows by their numbers, in this order. Raises ProblemError for one not there."""
        self._refuse_large(len(numbers))
        return self.stored.taken(numbers)

    def network(self, row: int) -> Network:
        """Return the network that a row is. Raises ProblemError for one that is none."""
        space = self.needed_space("its networks")
        (batch,) = batches_at(space, [np.array([place]) for place in self._places(space, row)])
        if batch.variants is None:
            message = f"row {row:,} has no network: {batch.fault[1]}"
            raise ProblemError.of(Mark("row"), "row", message)
        return network_of(space.network, batch.variants, 0)

    def steps(self, row: int) -> list[ParameterStep]:
        """Return what the totals of a row become where one parameter is moved one step.

        Raises ProblemError for a row without totals, and where the space is not there.
        """
        rows = self.stored.identity.rows
        if not isinstance(row, (int, np.integer)) or not 0 <= row < rows:
            message = f"there is no row {shown(row)} of {rows:,}"
            raise ProblemError.of(Mark("row"), "row", message, "rows are numbers, from 0 on")
        space = self.needed_space("its steps")
        return steps(space, row, self._places(space, row))

    def _places(self, space: Space, row: int) -> list[float]:
        """Return where a row is in each axis of its space, whatever has chosen it."""
        (values,) = self.rows([row]).to_pylist()
        return [place_of(axis, values[column_of(axis.name)]) for axis in space.axes]

    def needed_space(self, what: str) -> Space:
        """Return the space. Raises ProblemError where only the table is at hand."""
        if self.space is None:
            message = f"{what} need the space, and this is its table alone"
            hint = "name the space, and the folder as `out` (-o): what lies there is not made again"
            raise ProblemError.of(Mark(str(self.stored.folder)), "space", message, hint)
        return self.space

    def asked(self) -> tuple[Filter, ...]:
        """Return all conditions that an answer has to meet: the budget's, and the given ones."""
        budget = (self._condition(text, "budget") for text in self.stored.identity.budget)
        return (*budget, *self.filters)

    def wanted(self, texts: str | Sequence[str], option: str) -> tuple[Objective, ...]:
        """Return objectives over the numbers of the table. Raises ProblemError."""
        own = [name for name in self.stored.numbers if name != ROW]
        return objectives(texts, own, option)

    def _condition(self, text: str, option: str = "--where") -> Filter:
        return condition(text, self.stored.known, option)

    def _refuse_large(self, rows: int) -> None:
        """Raise ProblemError where so many rows do not fit into the memory, twice."""
        needed, room = 2 * 8 * rows * len(self.stored.columns), available_bytes()
        if room is not None and needed > room:
            message = f"{rows:,} rows take about {size(needed)}, and {size(room)} are free"
            hint = "ask with `where` and `front`, or read the parts with DuckDB or polars"
            raise ProblemError.of(Mark(str(self.stored.folder)), "limit", message, hint)
