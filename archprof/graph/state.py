"""What of a tensor matters to the layers after it: where one part of a network ends and the next
begins.

A graph that begins with a state is a part of a network: its numbers, and the state in which it
leaves its output, depend on nothing else of what is before it.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from archprof.autograd.layout import Layout, contiguous
from archprof.ops.elements import FRACTIONS, Elements
from archprof.record import Record

Along = Literal["field", "whole", "nothing", "unknown"]
"""What a tensor's units see along an axis of the network's input: "field" where it is one interval,
which the part's own fields extend.
"""


class Lying(NamedTuple):
    """How a tensor lies in memory, batch first: its `layout`, the bytes of the storage that it is
    in, and whether that is the network's input.
    """

    layout: Layout
    bytes: int
    given: bool


class State(Record):
    """A tensor between two parts of a network.

    `shape` without the batch. `evaluation` and `training`: how it lies in memory there; `kept`:
    whether autograd keeps that memory already. `dims`: which axes of the network's input run along
    each of its dimensions; `axes`: what it sees along each axis, and `units` by axis how many units
    its field is of, 0 where it has none.
    """

    shape: tuple[int, ...]
    evaluation: Lying
    training: Lying
    kept: bool
    elements: Elements
    dims: tuple[tuple[int, ...], ...]
    axes: tuple[Along, ...]
    units: tuple[int, ...]

    def lying(self, training: bool) -> Lying:
        """Return how it lies in memory."""
        return self.training if training else self.evaluation


def of_input(
    shape: tuple[int, ...], axes: int, batch: int, itemsize: int, elements: Elements = FRACTIONS
) -> State:
    """Return the state of a network's input, which has so many axes behind its channels."""
    size = elements.itemsize or itemsize
    given = Lying(contiguous((batch, *shape)), math.prod(shape) * batch * size, True)
    if not axes:
        dims = ((),) * len(shape)
        return State(shape, given, given, False, elements, dims, ("unknown",), (0,))
    placed = ((), *((axis,) for axis in range(axes)))
    fields = tuple[Along, ...](["field"] * axes)
    return State(shape, given, given, False, elements, placed, fields, shape[1:])
