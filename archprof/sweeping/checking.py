"""The self-check of a sweep: rows drawn at random, analysed in full, against what is stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from archprof.record import Record
from archprof.sweeping.in_full import in_full
from archprof.sweeping.simulating import simulated
from archprof.sweeping.space.space import Batch, Space
from archprof.sweeping.storing.folder import Stored
from archprof.sweeping.storing.tabulating import OPTIONAL, WHY
from archprof.sweeping.variants import NONE, OF_STEP, SEES
from archprof.units import number_of

DRAWS = 20
"""So many times the rows of a check are drawn, as a `where` may drop most of them."""


class Discrepancy(Record):
    """A number of a row that differs from the one that analysing it in full gives.

    None: there is none; of `why` it is the rule of the problem.
    """

    row: int
    name: str
    stored: int | str | None
    full: int | str | None


class Checked(Record):
    """How many rows were analysed in full, and in what they differ."""

    rows: int
    differing: tuple[Discrepancy, ...] = ()


def checked(
    space: Space, stored: Stored, count: int, random: np.random.Generator | None = None
) -> Checked:
    """Return how rows drawn at random compare with their variants analysed in full.

    Rows that the space drops before any analysis are not counted. Raises ProblemError for a bad
    part.
    """
    random = random or np.random.default_rng()
    drawn = random.integers(0, stored.identity.rows, DRAWS * count)
    analysed = np.ones(len(drawn), bool)
    for batch in space.variants(drawn):
        analysed[batch.positions] = batch.variants is not None
    rows = drawn[analysed][:count]
    differing = [
        one
        for batch in space.variants(rows)
        for one in _compared(space, stored, batch, rows[batch.positions])
    ]
    return Checked(len(rows), tuple(differing))


def in_words(found: Checked) -> str:
    """Return how a check went: 64 rows analysed in full: equal."""
    rows = f"{number_of(found.rows, 'row')} analysed in full"
    if not found.differing:
        return f"{rows}: equal"
    first = found.differing[0]
    more = len({one.row for one in found.differing}) - 1
    others = f", and {number_of(more, 'more row')} differ" if more else ""
    return (
        f"{rows}: row {first.row:,} has {first.name} {first.stored}, in full {first.full}{others};"
        " this is a bug in archprof: please report it with the space"
    )


def _compared(
    space: Space, stored: Stored, batch: Batch, rows: np.ndarray[Any, Any]
) -> list[Discrepancy]:
    """Return in what the stored rows of a batch differ from the same analysed in full."""
    if batch.variants is None:
        return []
    full = in_full(space.network, batch.variants, space.conditions)
    asked = simulated(space.budget, full.totals)
    names = space.conditions.totals
    table = stored.taken(rows.tolist()).select([WHY, *names]).to_pylist()
    found = []
    for place, (row, values) in enumerate(zip(rows.tolist(), table, strict=True)):
        reason = int(full.reasons[place])
        rule = full.faults[reason - 1][0] if reason else None
        if rule is not None and values[WHY] is not None:
            continue  # of several faults either way may find another first
        expected: dict[str, Any] = {WHY: rule}
        if rule is None:
            expected |= {
                name: _as_stored(name, int(full.totals[name][place]))
                for name in names
                if asked[place] or name not in OF_STEP
            }
        found += [
            Discrepancy(row, name, values[name], value)
            for name, value in expected.items()
            if values[name] != value
        ]
    return found


def _as_stored(name: str, value: int) -> int | str | None:
    if name == "sees":
        return SEES[value]
    return None if name in OPTIONAL and value == NONE else value
