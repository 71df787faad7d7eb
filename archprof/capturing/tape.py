"""A tape: what a network computed for one sample, operator by operator, without torch.

A tape is made by running a user's code once, and is read without running any.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from archprof.record import NOTHING, Record

ITEMSIZES: Mapping[str, int] = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int16": 2,
    "uint16": 2,
    "float16": 2,
    "bfloat16": 2,
    "int32": 4,
    "uint32": 4,
    "float32": 4,
    "int64": 8,
    "uint64": 8,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
"""The bytes of an element, by torch's name of its dtype."""


MAX_SIZE = 2**31 - 1
"""Elements along a dimension of a tensor, as archprof's ops take them."""


class Tensor(NamedTuple):
    """A tensor on the tape: its shape with the batch of 1, torch's name of its dtype, how many
    elements lie between neighbours along each dimension, and a number that tensors which share
    memory have in common.
    """

    shape: tuple[int, ...]
    dtype: str
    strides: tuple[int, ...]
    storage: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


class TensorRef(NamedTuple):
    """A tensor as an argument of an operation: its number on the tape."""

    number: int


class StateEntry(Record):
    """A parameter or buffer: its tensor's number, and what torch says of it.

    `same_as`: the name under which the same parameter is registered first, "" where it is its own.
    """

    value: int
    trainable: bool  # a parameter, not a buffer
    frozen: bool = False  # a parameter whose gradient nobody wants
    persistent: bool = True
    same_as: str = ""


class ModuleCall(NamedTuple):
    """A call of a module's forward: its path, its class, and the call it is in, -1 for none."""

    path: str
    kind: str
    parent: int


class Operation(NamedTuple):
    """One operator that ran: its arguments by their names in torch's schema, where a tensor is a
    TensorRef; the numbers of the tensors it gave; the module call it ran in, -1 for none; and the
    line of the user's code.
    """

    operator: str  # as torch names it: aten.conv2d.default
    arguments: Mapping[str, Any]
    outputs: tuple[int, ...]
    module: int
    file: str
    line: int


class StoppedAt(NamedTuple):
    """Where a network could not be followed any further, and why."""

    file: str
    line: int
    reason: str


class Tape(Record):
    """What a network computed, and its weights.

    `arguments`: what the constructor was given. `stopped`: the tape ends before the network does.
    `training`: the same in training mode, where that runs other operators; None elsewhere.
    """

    name: str
    heading: str
    inputs: Mapping[str, int]  # the number of each input's tensor by its name
    outputs: tuple[int, ...]
    tensors: tuple[Tensor, ...]
    weights: Mapping[str, StateEntry]
    modules: tuple[ModuleCall, ...]
    operations: tuple[Operation, ...]
    arguments: Mapping[str, Any] = NOTHING
    made_by: str = ""  # such as "torch 2.13.0"
    stopped: StoppedAt | None = None
    training: Tape | None = None


def values(argument: Any) -> Iterator[int]:
    """Yield the numbers of the tensors in an argument, those in lists and mappings too."""
    waiting = [argument]
    while waiting:
        found = waiting.pop()
        if isinstance(found, TensorRef):
            yield found.number
        elif isinstance(found, Mapping):
            waiting.extend(reversed(list(found.values())))
        elif isinstance(found, (list, tuple)):
            waiting.extend(reversed(found))
