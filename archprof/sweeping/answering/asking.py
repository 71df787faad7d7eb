"""Fronts and best rows over parts that are read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from archprof.sweeping.answering.filters import Filter
from archprof.sweeping.answering.objectives import cost
from archprof.sweeping.answering.pareto import front
from archprof.sweeping.space.bounds import Objective
from archprof.sweeping.storing.folder import RowsPage, Stored

Numbers = np.ndarray[Any, Any]
Chosen = Callable[[Sequence[Numbers]], Numbers]


def rows_of_front(
    stored: Stored, objectives: Sequence[Objective], filters: Sequence[Filter]
) -> Numbers:
    """Return the rows that no other row beats, the best by the first objective first.

    Rows that lack one of the numbers are not compared. Raises ProblemError.
    """
    rows, costs = _merged(stored, objectives, filters, front)
    kept = front(costs)
    order = np.lexsort((rows[kept], *(one[kept] for one in costs[::-1])))
    return rows[kept][order]


def best_rows(
    stored: Stored, objectives: Sequence[Objective], filters: Sequence[Filter], count: int
) -> Numbers:
    """Return the best rows by the first objective, where that is equal by the second, and so on."""

    def best(costs: Sequence[Numbers]) -> Numbers:
        order: Numbers = np.lexsort(costs[::-1])[:count]  # which keeps the order of equal rows
        return order

    rows, costs = _merged(stored, objectives, filters, best)
    return rows[best(costs)]


def pages_that_meet(
    stored: Stored, names: Sequence[str], filters: Sequence[Filter]
) -> Iterator[RowsPage]:
    """Yield the rows that meet all filters, part by part, with these columns."""
    needed = [*names, *(name for one in filters for name in one.names)]
    for page in stored.pages(needed):
        kept = np.ones(len(page.rows), bool)
        for one in filters:
            kept &= one.kept(page.values, len(page.rows))
        values = {name: page.values[name][kept] for name in names}
        yield RowsPage(page.rows[kept], values)


def _merged(
    stored: Stored, objectives: Sequence[Objective], filters: Sequence[Filter], choose: Chosen
) -> tuple[Numbers, list[Numbers]]:
    """Return the rows chosen of each part, and their costs: what is chosen of all is among them."""
    names = [one.quantity for one in objectives]
    rows, costs = [], []
    for page in pages_that_meet(stored, names, filters):
        found = [cost(one, page.values[one.quantity]) for one in objectives]
        chosen = choose(found)
        rows.append(page.rows[chosen])
        costs.append([one[chosen] for one in found])
    return np.concatenate(rows), [np.concatenate(one) for one in zip(*costs, strict=True)]
