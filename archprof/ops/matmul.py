"""torch.matmul of two inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.layout import Layout, contiguous, permuted, viewed
from archprof.autograd.matrices import matmul
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import repeated
from archprof.ops.answers import Cost, Function, Saved, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.merge import broadcast
from archprof.ops.reading import New, Reading, Same


class Matmul(Op):
    """The product …×N×K times …×K×M of two inputs, torch.matmul; dimensions before the last two
    broadcast, and the batch is in front of them.

    https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
    """

    name: ClassVar[str] = "matmul"
    family: ClassVar[Family] = "product"

    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    broadcasts: ClassVar[bool] = True
    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        first, second = inputs
        given = f"{units.shape(first)} and {units.shape(second)}"
        if min(len(first), len(second)) < 2:
            raise ShapeError(
                f"matmul needs matrices N x K and K x M, found {given}",
                "a `reshape` makes a matrix of a vector",
            )
        if first[-1] != second[-2]:
            raise ShapeError(
                f"matmul of {given}: the first has {first[-1]} columns, the second"
                f" {second[-2]} rows",
                "a `permute` turns one of them",
            )
        return (*broadcast(self.name, (first[:-2], second[:-2])), first[-2], second[-1])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        macs = math.prod(output) * inputs[0][-1]
        # fvcore takes the first factor for the larger one
        return Cost(macs, 2 * macs, fvcore=math.prod(inputs[0]) * output[-1])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        outer = len(output) - 2
        found = []
        for number, shape in enumerate(inputs):
            before = len(shape) - 2
            entries: list[New | Same] = []
            for dim in range(outer):
                own = dim - outer + before
                alike = own >= 0 and shape[own] == output[dim]
                entries.append(Same(own) if alike else New())
            row, column = (Same(before), New()) if number == 0 else (New(), Same(before + 1))
            found.append((*entries, row, column))
        return tuple(found)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input", 0, wanted_by=(1,)), Saved("input", 1, wanted_by=(0,))

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        return self._copies(inputs)[item.number]

    def _copies(self, inputs: tuple[Layout, ...]) -> tuple[int, int]:
        """Return the elements of the copies of both factors, 0 where one is seen as it lies."""
        first, second = inputs
        folded = _times_one(inputs)
        if folded == 1:
            rows = (first.shape[0] * first.shape[1], first.shape[2])
            return _unseen(first, rows), 0
        if folded == 0:
            rows = (second.shape[0] * second.shape[2], second.shape[1])
            return 0, _unseen(permuted(second, (0, 2, 1)), rows)
        outer = broadcast(self.name, (first.shape[:-2], second.shape[:-2]))
        return _repeated(first, outer), _repeated(second, outer)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        copies = sum(self._copies(inputs))
        turned = permuted(contiguous((shape[0], *shape[:-3:-1])), (0, 2, 1))
        if _times_one(inputs) == 0 and not turned.contiguous:
            copies += math.prod(shape)  # the product of the turned factors
        return copies * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"B": math.prod(output[:-2]), "N": output[-2], "K": inputs[0][-1], "M": output[-1]}
        return {
            "params": Working("0"),
            "macs": Working("B*N*K*M", names),
            "flops": Working("2*B*N*K*M", names),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return matmul(run, inputs[0], inputs[1])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.matmul)


def _times_one(inputs: tuple[Layout, ...]) -> int | None:
    """Return which factor is one learned matrix that torch multiplies by all rows of the other at
    once; None for any other product.
    """
    first, second = inputs
    if not len(first.shape) == len(second.shape) == 3 or first.shape[0] == second.shape[0]:
        return None
    for number, factor in enumerate(inputs):
        if factor.shape[0] == 1 and factor.trains:
            return number
    return None


def _unseen(layout: Layout, shape: Shape) -> int:
    """Return the elements of the copy that a view of this shape needs, 0 where it needs none."""
    return math.prod(shape) if viewed(layout, shape) is None else 0


def _repeated(factor: Layout, outer: Shape) -> int:
    """Return the elements of the copy of a factor, repeated to one batch of matrices."""
    missing = len(outer) + 2 - len(factor.shape)
    lies = Layout((1,) * missing + factor.shape, (0,) * missing + factor.strides)
    matrix = factor.shape[-2:]
    return _unseen(repeated(lies, (*outer, *matrix)), (math.prod(outer), *matrix))
