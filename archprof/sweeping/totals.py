"""The totals of variants."""

from __future__ import annotations

from archprof.language.network import Network
from archprof.sweeping.conditions import Conditions
from archprof.sweeping.in_full import in_full
from archprof.sweeping.variants import Found, Variants


def totals_of(network: Network, variants: Variants, conditions: Conditions) -> Found:
    """Return the totals of all variants. Raises ProblemError as `in_full` does."""
    return in_full(network, variants, conditions)
