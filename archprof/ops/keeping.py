"""What autograd keeps of a layer's tensors: which of those that an op names, and in what copy."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from archprof.autograd.layout import Layout
from archprof.autograd.tensor import FakeTensor

if TYPE_CHECKING:
    from archprof.ops.answers import Saved
    from archprof.ops.base import Op


def laid(tensors: Sequence[FakeTensor]) -> tuple[Layout, ...]:
    """Return layouts that say whether autograd wants a gradient, as an op is asked with them."""
    return tuple(each.layout._replace(trains=each.trains) for each in tensors)


def copied_elements(item: Saved, op: Op, layouts: tuple[Layout, ...], itemsize: int) -> int:
    """Return the elements of the copy of an input, in another order or a wider type, that autograd
    keeps as this item; 0 where it keeps no copy.
    """
    if item.what != "input":
        return 0
    if itemsize < item.at_least:
        return math.prod(layouts[item.number].shape)
    return op.copied(item, layouts)


def wanted(item: Saved, op: Op, layouts: tuple[Layout, ...], trained: Container[str]) -> bool:
    """Return whether autograd keeps an item: torch picks its algorithm, and an input or a weight
    for whose gradient it is kept wants one. `trained`: the weights that do.
    """
    if item.algorithm and item.algorithm != op.algorithm(layouts):
        return False
    return item.wanted([each.trains for each in layouts], trained)
