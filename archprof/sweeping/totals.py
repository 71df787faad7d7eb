"""The totals of variants: composed of parts that they share, as far as that is exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from archprof.allowance import Allowance, paused
from archprof.column import TooLarge
from archprof.language.network import Network
from archprof.language.override import override
from archprof.limits import Limits, usual
from archprof.sweeping.composing.compose import NotComposed, compose
from archprof.sweeping.composing.composed import Composed
from archprof.sweeping.composing.whole import analyse_together
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.in_full import in_full, plain
from archprof.sweeping.simulating import with_steps
from archprof.sweeping.space.bounds import Bound
from archprof.sweeping.variants import Found, Variants

BYTES = 20_000
"""Of memory for each variant, at most: its columns, and those of what is computed on the way."""


def totals_of(
    network: Network,
    variants: Variants,
    conditions: SweepConditions,
    budget: Sequence[Bound] = (),
) -> Found:
    """Return the totals of all variants, equal to those that each has by itself.

    The step of a variant whose totals the budget forbids is not simulated. Raises ProblemError for
    values that no variant could have, such as an unknown parameter.
    """
    if not variants.count:
        return in_full(network, variants, conditions)
    values = {name: plain(value, 0) for name, value in variants.values.items()}
    override(network, values)
    with paused(), Allowance(_limits(variants.count), network.name, alarm=False):
        with np.errstate(all="ignore"):  # what overflows is refused where it is used
            still = conditions.replaced(train=False)
            found = _composed(network, variants, still)
            together = np.flatnonzero(found.apart)
            analyse_together(network, variants, still, together, found)
            completed = _completed(found, network, variants, still)
            if conditions.train:
                completed = with_steps(completed, network, variants, conditions, budget)
        return completed.replaced(composed=not len(together))


def _composed(network: Network, variants: Variants, conditions: SweepConditions) -> Composed:
    """Return what can be composed; all rows are apart where nothing can."""
    try:
        return compose(network, variants, conditions)
    except (NotComposed, TooLarge) as why:
        found = Composed(variants.count)
        found.apart[:] = True
        found.why.add(str(why))
        return found


def _limits(count: int) -> Limits:
    """Return what so many variants may use: the time that each may use by itself."""
    one = usual()
    return one._replace(seconds=one.seconds * count, megabytes=one.megabytes + count * BYTES / 1e6)


def _completed(
    composed: Composed, network: Network, variants: Variants, conditions: SweepConditions
) -> Found:
    """Return what was composed, with the rest analysed by itself, and the faults as a variant by
    itself has them: of those that share one, the first is asked.
    """
    totals, reasons = composed.totals, composed.reasons
    faults: dict[tuple[str, str], int] = {}
    named = np.zeros(len(composed.faults) + 1, np.int64)
    alone = composed.apart & (reasons == 0)
    for (rule, _), number in composed.faults.items():
        rows = np.flatnonzero(reasons == number)
        if not len(rows):
            continue
        example = in_full(network, variants, conditions, rows[:1].tolist())
        if example.faults and example.faults[0][0] == rule:
            named[number] = faults.setdefault(example.faults[0], len(faults) + 1)
        else:
            alone[rows] = True
    reasons = named[reasons]
    rows = np.flatnonzero(alone)
    if len(rows):
        found = in_full(network, variants, conditions, rows.tolist())
        for name, numbers in found.totals.items():
            totals[name][rows] = numbers
        reasons[rows] = found.numbered(faults)
    refused = "; ".join(sorted(composed.why))
    return Found(totals, reasons, tuple(faults), refused=refused)
