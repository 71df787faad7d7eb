"""The step of training of many variants: of those that take one way through it, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from archprof.language.network import Network
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.composing.whole import answered_together
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.in_full import in_full, step_numbers
from archprof.sweeping.space.bounds import Bound, within
from archprof.sweeping.variants import NONE, OF_STEP, Found, Variants


def with_steps(
    found: Found,
    network: Network,
    variants: Variants,
    conditions: SweepConditions,
    budget: Sequence[Bound],
) -> Found:
    """Return what is found of variants with the numbers of their step, NONE where the budget
    forbids their totals.
    """
    numbers = {name: np.full(variants.count, NONE, np.int64) for name in OF_STEP}
    reasons = found.reasons.copy()
    faults = {fault: number for number, fault in enumerate(found.faults, 1)}
    apart = [np.zeros(0, np.int64)]
    rows = np.flatnonzero((reasons == 0) & simulated(budget, found.totals))
    for group, result in answered_together(network, variants, conditions, rows, step_numbers):
        if not isinstance(result, dict):
            apart.append(group)
            continue
        for name, value in result.items():
            numbers[name][group] = value
    alone = np.concatenate(apart)
    full = in_full(network, variants, conditions, alone.tolist())
    for name, values in numbers.items():
        values[alone] = full.totals[name]
    reasons[alone] = full.numbered(faults)
    return found.replaced(totals={**found.totals, **numbers}, reasons=reasons, faults=tuple(faults))


def simulated(budget: Sequence[Bound], totals: Mapping[str, Array]) -> Array:
    """Return by variant whether the limits of its totals leave anything to be asked of its step."""
    return within([bound for bound in budget if bound.quantity not in OF_STEP], totals)
