"""Whose memory a captured tensor has."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.capture.call import Storing
from archprof.capture.operators import base_name
from archprof.capture.tape import Operation, Tensor


def memory(
    operation: Operation, place: int, given: list[int], tensors: Sequence[Tensor]
) -> tuple[Storing, list[int]]:
    """Return whether an output has memory of its own, and the inputs, that first whose memory it
    shares.

    `place`: which of the outputs. `given`: the numbers of the tensors among the arguments.
    """
    storage = tensors[operation.outputs[place]].storage
    shared = [number for number in given if tensors[number].storage == storage]
    if not shared or storage < 0:
        return "new", given
    rest = [number for number in given if number != shared[0]]
    name = base_name(operation.operator)
    inplace = name.endswith("_") and not name.endswith("__")
    return ("inplace" if inplace else "view"), [shared[0], *rest]
