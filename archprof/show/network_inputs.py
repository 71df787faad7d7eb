"""What a network is given, in words and as data."""

from __future__ import annotations

from typing import Any

from archprof import units
from archprof.graph.graph import Arrived, Graph


def inputs_text(graph: Graph) -> str:
    """Return `input 3x224x224`, or `inputs image 3x224x224, tokens 77 int64`."""
    given = graph.inputs
    if len(given) == 1:
        return f"input {shape_text(given[0])}"
    return f"inputs {', '.join(f'{one.name} {shape_text(one)}' for one in given)}"


def shape_text(given: Arrived) -> str:
    """Return the shape of an input, with its dtype where it has one of its own."""
    shape, dtype = units.shape(given.shape), given.elements.dtype
    return f"{shape} {dtype}" if dtype else shape


def inputs_data(graph: Graph) -> list[dict[str, Any]]:
    """Return the inputs as data, in order."""
    return [
        {
            "name": units.printable(one.name),
            "shape": list(one.shape),
            "dtype": one.elements.dtype or None,
            "below": one.elements.below or None,
        }
        for one in graph.inputs
    ]
