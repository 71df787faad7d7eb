"""The rules by which tools count a resizing, as functions of its shapes.

What is antialiased is a module of a class of its own, which no tool knows: it sees the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from archprof.analysis.tool_rules import elements_read, elements_written
from archprof.graph.graph import Facts

if TYPE_CHECKING:
    from archprof.ops.resize import Interpolate


def _op(facts: Facts) -> Interpolate:
    return cast("Interpolate", facts.op)


def by_mode(rates: Mapping[str, int]) -> Callable[[Facts], int]:
    """Count a rate per output element by the mode, nothing in a mode that is not named."""
    return lambda facts: as_module(facts) * rates.get(_op(facts).mode, 0)


def as_module(facts: Facts) -> int:
    """Count 1 per output element of torch's own module."""
    return 0 if _op(facts).antialias else elements_written(facts)


def _pooled_inside(facts: Facts) -> int:
    """Count 1 per input element for the adaptive pooling that the mode area calls."""
    return elements_read(facts) if _op(facts).mode == "area" else 0


def twice(facts: Facts) -> int:
    """Count 1 per output element for the module, and for the function the same with a size, the
    input's elements times the factors, each rounded down, without.
    """
    op = _op(facts)
    elements = elements_written(facts)
    if op.size is None:
        elements = elements_read(facts) * math.prod(map(int, op.factors(facts.inputs[0])))
    return as_module(facts) + elements + _pooled_inside(facts)


def by_pixels(by_factor: Callable[[Facts], int]) -> Callable[[Facts], int]:
    """Count 1 for each pixel of a given size, whatever the channels; another rule with a factor."""

    def count(facts: Facts) -> int:
        if _op(facts).size is None:
            return by_factor(facts) + _pooled_inside(facts)
        return math.prod(facts.output[1:]) + _pooled_inside(facts)

    return count


def times_factors(facts: Facts) -> int:
    """Count the input's elements times the factors, rounded down."""
    return int(elements_read(facts) * math.prod(_op(facts).factors(facts.inputs[0])))
