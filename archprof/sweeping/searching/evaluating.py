"""Points that were suggested, evaluated: their rows of a table, what they cost, what they break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from archprof.sweeping.answering.objectives import cost
from archprof.sweeping.searching.asked_search import AskedSearch
from archprof.sweeping.searching.distributions import places
from archprof.sweeping.searching.outside import OUTSIDE, Judge, judged
from archprof.sweeping.single import network_of
from archprof.sweeping.space.bounds import Bound
from archprof.sweeping.space.points import batches_at
from archprof.sweeping.space.space import Batch, Space
from archprof.sweeping.storing.folder import RowsPage, page_of
from archprof.sweeping.storing.identity import Totalled
from archprof.sweeping.storing.tabulating import table_of

Floats = NDArray[np.float64]


class TrialOutcome(NamedTuple):
    """What became of a valid point: less is better of each cost, and above 0 a limit is broken."""

    costs: tuple[float, ...]
    broken: tuple[float, ...]


class Evaluated(NamedTuple):
    """Points as a sweep's table has them, how, and the outcomes by row of those that are valid."""

    table: pa.Table
    how: Totalled
    outcomes: Mapping[int, TrialOutcome]


def evaluated(
    space: Space,
    asked: AskedSearch,
    judge: Judge | None,
    first: int,
    points: Sequence[Mapping[str, Any]],
) -> Evaluated:
    """Return what became of points, whose rows are numbered from `first` on.

    The user's own objective is called only for those that break no limit. Raises ProblemError where
    it fails.
    """
    rows = np.arange(first, first + len(points), dtype=np.int64)
    batches = batches_at(space, places(space.axes, points))
    unlimited = space.replaced(budget=())  # outside of which a step is not simulated
    table, how = table_of(unlimited, rows, batches)
    inner = [one for one in asked.front if one.quantity != OUTSIDE]
    names = [one.quantity for one in inner] + [one.quantity for one in space.budget]
    names += [name for one in asked.filters for name in one.names]
    page = page_of(table, list(dict.fromkeys(names)))
    broken = _broken(space, asked, page)
    costs = {one.quantity: cost(one, page.values[one.quantity]).astype(float) for one in inner}
    if judge is not None:
        allowed = page.rows[(broken <= 0).all(axis=1)]
        values = _judged(space, judge, batches, rows, set(allowed.tolist()))
        table = table.append_column(OUTSIDE, pa.array(values, pa.float64(), from_pandas=True))
        (wanted,) = (one for one in asked.front if one.quantity == OUTSIDE)
        # one that breaks a limit is worse than any that breaks none, whatever its costs
        costs[OUTSIDE] = cost(wanted, np.nan_to_num(values[page.rows - first]))
    columns = np.stack([costs[one.quantity] for one in asked.front], axis=1)
    return Evaluated(table, how, _by_row(page, columns, broken))


def _by_row(page: RowsPage, costs: Floats, broken: Floats) -> dict[int, TrialOutcome]:
    return {
        row: TrialOutcome(tuple(mine), tuple(limits))
        for row, mine, limits in zip(
            page.rows.tolist(), costs.tolist(), broken.tolist(), strict=True
        )
    }


def _broken(space: Space, asked: AskedSearch, page: RowsPage) -> Floats:
    """Return by row and limit how far it is broken, 0 or less where it is not.

    A budget is broken by a share of itself, so that the search sees which way leads back; of a
    condition it is only known whether it is met.
    """
    count = len(page.rows)
    columns = [_excess(one, page.values[one.quantity]) for one in space.budget]
    columns += [np.where(one.kept(page.values, count), 0.0, 1.0) for one in asked.filters]
    return np.stack(columns, axis=1) if columns else np.zeros((count, 0))


def _excess(bound: Bound, values: NDArray[Any]) -> Floats:
    beyond = bound.value - values if bound.least else values - bound.value
    return beyond / max(1, abs(bound.value))


def _judged(
    space: Space, judge: Judge, batches: Sequence[Batch], rows: NDArray[Any], wanted: set[int]
) -> Floats:
    """Return the user's own objective of the wanted rows, NaN elsewhere."""
    found = np.full(len(rows), np.nan)
    for batch in batches:
        for place, position in enumerate(batch.positions.tolist()):
            row = int(rows[position])
            if batch.variants is not None and row in wanted:
                network = network_of(space.network, batch.variants, place)
                found[position] = judged(judge, network, row)
    return found
