"""A row of the table of operators, and the answers that many rows give."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from archprof.autograd.layout import Layout
from archprof.capturing.arguments import Program
from archprof.capturing.operands import Operands
from archprof.ops.answers import FREE, Cost, Saved
from archprof.ops.base import Op, Shape
from archprof.ops.family import Family
from archprof.ops.reading import New, Reading, Same
from archprof.record import Record

Keeps = Sequence[Saved | None] | None
"""What autograd keeps; an entry None is a weight, which is there anyway. None: unknown."""


def nothing(operands: Operands) -> Keeps:
    """Return that autograd keeps nothing."""
    return ()


def no_reading(operands: Operands) -> tuple[Reading | None, ...]:
    """Return that what an output reads has no regular answer."""
    return (None,) * len(operands.placed)


def broadcast(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading of an elementwise operator whose inputs broadcast."""
    output = operands.output.shape
    return tuple(over(each.shape, output) for each in operands.inputs)


def over(shape: Shape, output: Shape) -> Reading | None:
    """Return the reading of a tensor that is broadcast over an output, None where it is not."""
    offset = len(output) - len(shape)
    if offset < 0:
        return None
    entries: list[New | Same] = []
    for i, size in enumerate(output):
        if i < offset or (shape[i - offset] == 1 != size):
            entries.append(New())
        elif shape[i - offset] == size:
            entries.append(Same(i - offset))
        else:
            return None
    return tuple(entries)


Copies = Callable[[Operands, Saved, tuple[Layout, ...]], int]


class Operator(Record):
    """What is known of one operator.

    `cost`: its arithmetic for one sample, by the captured shapes. `formula`: the same in words.
    `becomes`: the op of archprof's that says exactly the same, which then answers everything; it is
    taken only where its output and its weights are the captured ones. `keeps`: the tensors that
    autograd keeps. `reads`: what each output reads of each input. `copied`: how many elements the
    copy has that is kept in place of an input, given the inputs' layouts. `kernels`: what it does
    in training, kernel by kernel; without one it is a kernel that keeps what `keeps` says.
    """

    family: Family
    cost: Callable[[Operands], Cost]
    formula: str
    becomes: Callable[[Operands], Op | None] | None = None
    keeps: Callable[[Operands], Keeps] | None = None
    reads: Callable[[Operands], tuple[Reading | None, ...]] = no_reading
    copied: Copies | None = None
    kernels: Program | None = None


def free(operands: Operands) -> Cost:
    """Return that nothing is computed."""
    return FREE


def per_output(rate: int) -> Callable[[Operands], Cost]:
    """Return the cost of so many FLOPs for each element of the output."""

    def cost(operands: Operands) -> Cost:
        return Cost(0, rate * operands.output.elements)

    return cost


def per_input(operands: Operands) -> Cost:
    """Return the cost of one FLOP for each element of the first input."""
    return Cost(0, operands.first().elements)


def keep_input(*names: str) -> Callable[[Operands], Keeps]:
    """Return that autograd keeps these arguments."""

    def keeps(operands: Operands) -> Keeps:
        return [operands.kept(name) for name in names]

    return keeps


def keep_output(operands: Operands) -> Keeps:
    """Return that autograd keeps the output."""
    return (Saved("output"),)


def keep_factors(first: str, second: str) -> Callable[[Operands], Keeps]:
    """Return that autograd keeps each of two factors for the gradient of the other."""

    def keeps(operands: Operands) -> Keeps:
        if not operands.has(second):  # a number
            return ()
        return [operands.kept(first, second), operands.kept(second, first)]

    return keeps


def macs(count: int, extra: int = 0, fvcore: int | None = None) -> Cost:
    """Return the cost of so many multiply-accumulates and so many further FLOPs."""
    return Cost(count, 2 * count + extra, fvcore=fvcore)


def size(shape: Sequence[int]) -> int:
    """Return the elements of a shape."""
    return math.prod(shape)
