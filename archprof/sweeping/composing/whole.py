"""Whole networks, analysed for many variants at once: where parts cannot be told apart.

Variants go together as long as all of them take the same way through the analysis, such as those of
one depth; each way is gone once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archprof.allowance import ensured
from archprof.analysis.analysis import Analysis
from archprof.column import TooLarge, rows_of
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

FEW = 5
"""Columns of fewer rows take longer than these rows take one by one: numpy's calls cost as much as
several of plain numbers.
"""

Numbers = dict[str, Any]
Answer = Callable[[Analysis], Numbers]


def analyse_together(
    network: Network, variants: Variants, conditions: SweepConditions, rows: Array, found: Composed
) -> None:
    """Find the totals of some rows of variants; those that have to be analysed by themselves stay
    apart.
    """
    for group, result in answered_together(network, variants, conditions, rows, _totals):
        if result is None:
            found.apart[group] = True
            continue
        found.apart[group] = False
        if isinstance(result, Problem):
            found.fail(group, result)
            continue
        for name, value in result.items():
            found.totals[name][group] = value


def answered_together(
    network: Network,
    variants: Variants,
    conditions: SweepConditions,
    rows: Array,
    answer: Answer,
) -> Iterator[tuple[Array, Numbers | Problem | None]]:
    """Yield rows that take one way through an analysis, with what `answer` gives for them by name,
    a number for each row or one for all; the problem that they share; None where they cannot be
    computed together.
    """

    def run(values: Mapping[str, Any]) -> Numbers | Problem | None:
        shape = values[INPUT] if variants.input is not None else network.input
        given = {name: value for name, value in values.items() if name != INPUT}
        changed = network.replaced(overrides={**network.overrides, **given}, input=shape)
        return _answered(changed, conditions, answer)

    everything = {**variants.values, INPUT: variants.input}
    for group, result in by_group(run, everything, rows, FEW):
        if isinstance(result, dict):
            yield group, {name: rows_of(value) for name, value in result.items()}
        else:
            yield group, result


def _answered(
    network: Network, conditions: SweepConditions, answer: Answer
) -> Numbers | Problem | None:
    """Return what is answered of a network whose sizes are columns, or what is wrong with it; None
    where it cannot be computed so.
    """
    try:
        with ensured():
            graph = expand(network)
            if graph.problems:
                return graph.problems[0]
            return answer(conditions.analysis(graph))
    except ProblemError as error:
        return error.problems[0]
    except (TooLarge, TypeError):
        return None


def _totals(analysis: Analysis) -> Numbers:
    return numbers(analysis.known_totals)
