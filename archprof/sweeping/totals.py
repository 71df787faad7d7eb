"""The totals of variants: composed of parts that they share, as far as that is exact."""

from __future__ import annotations

import numpy as np

from archprof.language.network import Network
from archprof.sweeping.composing.compose import Composed, NotComposed, compose
from archprof.sweeping.conditions import Conditions
from archprof.sweeping.in_full import in_full
from archprof.sweeping.variants import Found, Variants


def totals_of(network: Network, variants: Variants, conditions: Conditions) -> Found:
    """Return the totals of all variants, equal to those that each has by itself.

    Raises ProblemError as `in_full` does.
    """
    try:
        composed = compose(network, variants, conditions)
    except NotComposed as why:
        return in_full(network, variants, conditions).replaced(refused=str(why))
    return _completed(composed, network, variants, conditions)


def _completed(
    composed: Composed, network: Network, variants: Variants, conditions: Conditions
) -> Found:
    """Return what was composed, with the rest analysed by itself, and the messages of faults as a
    variant by itself has them.
    """
    totals, reasons = composed.totals, composed.reasons
    invalid = reasons > 0
    first = [np.flatnonzero(reasons == fault)[:1] for fault in composed.faults.values()]
    examples = np.concatenate(first) if first else np.zeros(0, np.int64)
    alone = np.flatnonzero(composed.apart & ~invalid)
    rows = np.concatenate([alone, examples]).astype(np.int64)
    if not len(rows):
        return Found(totals, reasons, composed=True)
    found = in_full(network, variants, conditions, rows.tolist())
    own = len(alone)
    for name, numbers in found.totals.items():
        totals[name][alone] = numbers[:own]
    named = np.zeros(len(composed.faults) + 1, np.int64)
    for row, reason in zip(examples, found.reasons[own:], strict=True):
        named[reasons[row]] = reason
    reasons = np.where(invalid, named[reasons], 0)
    reasons[alone] = found.reasons[:own]
    refused = "; ".join(sorted(composed.why))
    return Found(totals, reasons, found.faults, composed=not own, refused=refused)
