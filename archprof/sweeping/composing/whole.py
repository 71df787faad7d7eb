"""Whole networks, analysed for many variants at once: where parts cannot be told apart.

Variants go together as long as all of them take the same way through the analysis, such as those of
one depth; each way is gone once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archprof.allowance import ensured
from archprof.analysis.analysis import analyze
from archprof.column import Column, TooLarge
from archprof.column_groups import by_group
from archprof.language.expand import expand
from archprof.language.network import Network
from archprof.problem import Problem, ProblemError
from archprof.sweeping.composing.composed import Composed
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.in_full import numbers
from archprof.sweeping.variants import Variants

INPUT = " input"  # among the values of parameters, whose names have no space


def analyse_together(
    network: Network, variants: Variants, conditions: SweepConditions, rows: Array, found: Composed
) -> None:
    """Find the totals of some rows of variants; those that have to be analysed by themselves stay
    apart.
    """

    def run(values: Mapping[str, Any]) -> dict[str, Any] | Problem | None:
        shape = values[INPUT] if variants.input is not None else network.input
        given = {name: value for name, value in values.items() if name != INPUT}
        changed = network.replaced(overrides={**network.overrides, **given}, input=shape)
        return _totals(changed, conditions)

    everything = {**variants.values, INPUT: variants.input}
    for group, result in by_group(run, everything, rows):
        if result is None:
            found.apart[group] = True
            continue
        found.apart[group] = False
        if isinstance(result, Problem):
            found.fail(group, result)
            continue
        for name, value in result.items():
            found.totals[name][group] = value.rows if type(value) is Column else value


def _totals(network: Network, conditions: SweepConditions) -> dict[str, Any] | Problem | None:
    """Return the totals of a network whose sizes are columns, or what is wrong with it; None where
    they cannot be computed so.
    """
    c = conditions
    try:
        with ensured():
            graph = expand(network)
        if graph.problems:
            return graph.problems[0]
        return numbers(analyze(graph, c.batch, c.dtype, c.count, c.optimizer, c.ema).known_totals)
    except ProblemError as error:
        return error.problems[0]
    except (TooLarge, TypeError):
        return None
