"""Totals of variants, composed of parts that they share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from archprof.column import Column, Differs
from archprof.column_groups import taken
from archprof.graph.state import of_input
from archprof.language.network import Network
from archprof.ops.elements import DTYPES
from archprof.sweeping.composing.composed import Composed
from archprof.sweeping.composing.keys import Array
from archprof.sweeping.composing.parts import PartAnalyser
from archprof.sweeping.composing.reads import shares_outwards
from archprof.sweeping.composing.states import States
from archprof.sweeping.composing.walk import NoChain, Walk
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.variants import Variants

IMAGE = 3
"""Dimensions of an image, without the batch."""
MOST_RUNS = 256
"""How often variants may be divided because no column has the values of all."""


class NotComposed(Exception):
    """Variants that have to be analysed one by one, in words why."""


def compose(network: Network, variants: Variants, conditions: SweepConditions) -> Composed:
    """Return the totals of variants. Raises NotComposed."""
    if len(network.inputs) > 1:
        raise NotComposed("it has several inputs")
    shape = variants.input or (network.inputs[0].shape if network.inputs else ())
    if len(shape) != IMAGE:
        raise NotComposed("its input is no image")
    if conditions.freeze:
        raise NotComposed("parameters are frozen by their paths")
    found = Composed(variants.count)
    waiting = [np.arange(variants.count)]
    for _ in range(MOST_RUNS):
        if not waiting:
            return found
        rows = waiting.pop()
        if not len(rows):
            continue
        values = {name: taken(value, rows) for name, value in variants.values.items()}
        try:
            _go(network, values, taken(tuple(shape), rows), conditions, rows, found)
        except Differs as differs:
            waiting += [rows[~differs.mask], rows[differs.mask]]
        except NoChain as why:
            raise NotComposed(str(why)) from None
    raise NotComposed("its variants differ in too many ways")


def _go(
    network: Network,
    values: Mapping[str, Any],
    shape: tuple[Any, ...],
    conditions: SweepConditions,
    rows: Array,
    found: Composed,
) -> None:
    """Find the totals of some rows; `values` and `shape` are theirs."""
    if shares_outwards(network.document):
        raise NoChain("a block shares the weights of a layer outside it")
    count, batch, itemsize = len(rows), conditions.batch, DTYPES[conditions.dtype]
    elements = network.inputs[0].elements
    states = States(batch)
    begins = of_input(shape, len(shape) - 1, batch, itemsize, elements)
    parts = PartAnalyser(network, conditions, states)
    parts.faults = found.faults
    walk = Walk(network, count, states.codes(begins, count), states, parts)
    given = {name: value.plain() for name, value in _variant(network).items()}
    everything = {**given, **network.overrides, **values}
    scope = walk.file_scope(network.document, everything, np.arange(count))
    walk.go(scope)
    if not walk.tally.exact:
        raise NotComposed("sums are too large for whole numbers of 64 bits")
    of_element = elements.itemsize or itemsize
    size = math.prod(shape) * batch * of_element
    held = size.rows if type(size) is Column else np.full(count, size)
    for name, numbers in walk.tally.totals(conditions, held).items():
        found.totals[name][rows] = numbers
    found.reasons[rows] = walk.evaluator.reasons
    found.apart[rows] = walk.evaluator.apart
    found.why |= parts.apart


def _variant(network: Network) -> Mapping[str, Any]:
    return network.variant.values if network.variant else {}
