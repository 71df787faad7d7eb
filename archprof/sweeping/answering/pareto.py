"""Pareto fronts: the rows that no other row beats.

A row beats another where it is nowhere larger and somewhere smaller. Of equal rows none beats
another: all of them are on the front, or none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

from archprof.allowance import check
from archprof.problem import Mark, ProblemError

BLOCK = 256
MOST_COMPARISONS = 20_000_000_000
"""Numbers that may be compared for a front of four objectives and more: about a minute."""

Numbers = np.ndarray[Any, Any]


def front(costs: Sequence[Numbers]) -> Numbers:
    """Return the rows of the front in their order; of every one of `costs` less is better.

    One objective takes the least, two a sort and a running minimum, three a sort and a staircase
    (Kung, Luccio and Preparata 1975), more are compared with the front so far, block by block.
    Raises ProblemError where that would be more than MOST_COMPARISONS.
    """
    order = np.lexsort(costs[::-1])
    ordered = [cost[order] for cost in costs]
    fresh = np.ones(len(order), bool)  # those that differ from the row before
    fresh[1:] = np.any([cost[1:] != cost[:-1] for cost in ordered], axis=0)
    kept: Numbers = _of_distinct([cost[fresh] for cost in ordered])
    found: Numbers = np.sort(order[kept[np.cumsum(fresh) - 1]])
    return found


def _of_distinct(costs: Sequence[Numbers]) -> Numbers:
    """Return which of the rows are on the front: all differ, and are in lexicographic order.

    So no row beats one before it.
    """
    if len(costs) == 1:
        first: Numbers = np.arange(len(costs[0])) == 0
        return first
    if len(costs) == 2:
        return _by_running_minimum(costs[1])
    if len(costs) == 3:
        return _by_staircase(costs[1], costs[2])
    return _by_blocks(costs)


def _by_running_minimum(second: Numbers) -> Numbers:
    kept = np.ones(len(second), bool)
    kept[1:] = second[1:] < np.minimum.accumulate(second)[:-1]
    return kept


def _by_staircase(second: Numbers, third: Numbers) -> Numbers:
    """Keep the rows so far that no other beats in the last two, in a staircase: from step to step
    `along` grows and `down` falls.
    """
    kept = np.zeros(len(second), bool)
    along: list[float] = []
    down: list[float] = []
    for row, (x, y) in enumerate(zip(second.tolist(), third.tolist(), strict=True)):
        left = bisect_right(along, x)
        if left and down[left - 1] <= y:
            continue
        kept[row] = True
        first = bisect_left(along, x)
        last = first
        while last < len(along) and down[last] >= y:
            last += 1
        along[first:last], down[first:last] = [x], [y]
    return kept


def _by_blocks(costs: Sequence[Numbers]) -> Numbers:
    table = np.stack([_ranks(cost) for cost in costs], axis=1)
    kept = np.zeros(len(table), bool)
    found = table[:0]
    compared = 0
    for start in range(0, len(table), BLOCK):
        check()
        block = table[start : start + BLOCK]
        compared += (len(found) + len(block)) * block.size
        if compared > MOST_COMPARISONS:
            raise _too_many(len(costs), len(table), len(found))
        rows = np.flatnonzero(~_no_larger(found, block).any(axis=1))
        among = _no_larger(block[rows], block[rows])
        np.fill_diagonal(among, False)  # no row beats itself
        rows = rows[~among.any(axis=1)]
        kept[start + rows] = True
        found = np.concatenate([found, block[rows]])
    return kept


def _ranks(cost: Numbers) -> Numbers:
    """Return whole numbers in the same order."""
    ranks: Numbers = np.unique(cost, return_inverse=True)[1].astype(np.int32)
    return ranks


def _no_larger(others: Numbers, rows: Numbers) -> Numbers:
    """Return for each row (down) whether each of the others (along) is nowhere larger."""
    found = np.ones((len(rows), len(others)), bool)
    for mine, theirs in zip(rows.T, others.T, strict=True):
        found &= theirs <= mine[:, None]
    return found


def _too_many(objectives: int, rows: int, found: int) -> ProblemError:
    message = (
        f"the front of {objectives} objectives over {rows:,} variants has more than {found:,}, and"
        f" takes more than {MOST_COMPARISONS:,} comparisons"
    )
    hint = "ask for fewer objectives, or for fewer variants with a limit such as params <= 40M"
    return ProblemError.of(Mark("front"), "limit", message, hint)
