"""Variants analysed one by one, as any network is: what composed totals must equal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from archprof.allowance import ensured
from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import Totals
from archprof.column import Column
from archprof.column_groups import taken
from archprof.language.expand import expand
from archprof.language.network import Network
from archprof.language.override import override
from archprof.problem import Problem, ProblemError
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.variants import NONE, OF_STEP, SEES, TOTALS, Found, Variants


def in_full(
    network: Network,
    variants: Variants,
    conditions: SweepConditions,
    rows: Iterable[int] | None = None,
) -> Found:
    """Return the totals of variants, each analysed by itself; `rows`: of these alone, in order.

    Raises ProblemError for values that no variant could have, such as an unknown parameter.
    """
    chosen = list(range(variants.count)) if rows is None else list(rows)
    totals = {name: np.zeros(len(chosen), np.int64) for name in conditions.totals}
    reasons = np.zeros(len(chosen), np.int64)
    faults: dict[tuple[str, str], int] = {}
    for place, row in enumerate(chosen):
        found = _analysed(network, variants, conditions, row)
        if isinstance(found, Problem):
            fault = found.rule, found.message
            reasons[place] = faults.setdefault(fault, len(faults) + 1)
            continue
        for name, value in found.items():
            totals[name][place] = value
    return Found(totals, reasons, tuple(faults))


def numbers(totals: Totals) -> dict[str, int]:
    """Return the totals of one network by the names of `TOTALS`."""
    local = totals.extent.local
    found = {
        "field_height": local[0] if local else NONE,
        "field_width": local[-1] if local else NONE,
        "sees": SEES.index(totals.extent.sees),
    }
    return {name: found[name] if name in found else getattr(totals, name) for name in TOTALS}


def step_numbers(analysis: Analysis) -> dict[str, int]:
    """Return the numbers of a network's step by the names of `OF_STEP`.

    Raises ProblemError naming a layer that one of them lacks, and for an impossible step.
    """
    return {name: analysis.known_total(name) for name in OF_STEP}


def plain(value: Any, row: int) -> Any:
    """Return a variant's value: a column's number in this row."""
    found = taken(value, np.array([row]))
    assert type(found) is not Column  # noqa: S101 - one row has one number
    return found


def _analysed(
    network: Network, variants: Variants, conditions: SweepConditions, row: int
) -> dict[str, int] | Problem:
    """Return the numbers of one variant, or its first problem."""
    values = {name: plain(value, row) for name, value in variants.values.items()}
    shape = None if variants.input is None else plain(variants.input, row)
    try:
        with ensured():
            graph = expand(override(network, values, shape))
            if graph.problems:
                return graph.problems[0]
            analysis = conditions.analysis(graph)
            found = numbers(analysis.known_totals)
            return found | step_numbers(analysis) if conditions.train else found
    except ProblemError as error:
        return error.problems[0]
