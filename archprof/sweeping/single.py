"""Variants of a space one by one, each as a network: what is measured, or looked at closely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from archprof.allowance import ensured
from archprof.analysis.analysis import Analysis
from archprof.language.expand import expand
from archprof.language.network import Network
from archprof.language.override import override
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.in_full import numbers, plain, step_numbers
from archprof.sweeping.space.bounds import within
from archprof.sweeping.variants import Variants
from archprof.units import number_of

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space
    from archprof.sweeping.sweep import Sweep

LOOKED_AT = 100
"""Rows that are drawn for each variant that is wanted, of which the others may be invalid."""


class SingleVariant(Record):
    """A variant: its row in the sample, the space's parameters in it, and its numbers."""

    row: int
    values: Mapping[str, Any]
    analysis: Analysis


def single_variants(space: Space, rows: Iterable[int]) -> Iterator[SingleVariant]:
    """Yield the variants in these rows that are valid, in their order."""
    for row in rows:
        for batch in space.variants(np.array([row], np.int64)):
            if batch.variants is not None:
                network = network_of(space.network, batch.variants, 0)
                values = {name: column[0].item() for name, column in batch.columns.items()}
                yield from _valid(row, values, network, space.conditions)


def stored_variants(sweep: Sweep, rows: Iterable[int]) -> Iterator[SingleVariant]:
    """Yield the variants in these rows of a sweep that has its space, in their order.

    Raises ProblemError for a row that is not there, or has no network.
    """
    space = sweep.needed_space("its variants")
    for row in rows:
        (values,) = sweep.rows([row]).select(list(sweep.parameters)).to_pylist()
        yield from _valid(row, values, sweep.network(row), space.conditions)


def drawn_variants(space: Space, count: int, seed: int) -> list[SingleVariant]:
    """Return so many valid variants within the space's budget, in random order, or all there are.

    Raises ProblemError where all rows, or nearly all, are invalid.
    """
    rows = Random(seed).sample(range(space.count), min(space.count, LOOKED_AT * count))
    valid = (one for one in single_variants(space, rows) if _is_allowed(space, one.analysis))
    found = list(islice(valid, count))
    if not found or (len(found) < count and len(rows) < space.count):
        message = f"of {number_of(len(rows), 'random row')} {len(found)} are valid, wanted {count}"
        hint = "widen what `where` and `budget` of the space allow, or narrow its ranges to that"
        raise ProblemError.of(Mark(space.file), "sample", message, hint)
    return found


def network_of(network: Network, variants: Variants, place: int) -> Network:
    """Return the network that one of some variants is."""
    values = {name: plain(value, place) for name, value in variants.values.items()}
    shape = None if variants.input is None else plain(variants.input, place)
    return override(network, values, shape)


def _valid(
    row: int, values: Mapping[str, Any], network: Network, conditions: SweepConditions
) -> Iterator[SingleVariant]:
    """Yield the variant with its numbers, nothing for an invalid one."""
    try:
        with ensured():
            graph = expand(network)
        if not graph.problems:
            yield SingleVariant(row, values, conditions.analysis(graph))
    except ProblemError:
        return


def _is_allowed(space: Space, analysis: Analysis) -> bool:
    found = numbers(analysis.totals)
    if space.conditions.train:
        found |= step_numbers(analysis)
    totals = {name: np.array([value]) for name, value in found.items()}
    return bool(within(space.budget, totals)[0])
