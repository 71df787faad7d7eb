"""Reductions: whole dimensions become one element, or none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd import reductions
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Function, Saved, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.reading import New, Reading, Same
from archprof.ops.reshape import dimension
from archprof.ops.settings import boolean, dimensions, number_from_1, setting


def along(op: str, dims: tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """Return dimensions counted from 0, the batch not counted, in order.

    Raises ShapeError where the tensor lacks one, or one is named twice.
    """
    found = [dimension(op, dim, len(shape)) for dim in dims]
    if len(set(found)) != len(found):
        raise ShapeError(
            f"{op}: dim {list(dims)} names a dimension of {units.shape(shape)} twice",
            "negative ones count from the end",
        )
    return tuple(sorted(found))


class Reduction(Op):
    """The base of what gives one element for all those along `dim`."""

    family: ClassVar[Family] = "reduction"

    dim: tuple[int, ...] = setting(
        dimensions,
        about=(
            "The dimension that becomes one element, or a list of them, the batch not counted: 0 is"
            " the channels; negative ones count from the end."
        ),
    )
    keepdim: bool = setting(
        boolean, False, about="Whether such a dimension stays, as 1; otherwise it is gone."
    )

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        dims = along(self.name, self.dim, inputs[0])
        return reductions.reduced(inputs[0], dims, self.keepdim)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, math.prod(inputs[0]))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        dims = along(self.name, self.dim, inputs[0])
        rest = [None if d in dims else Same(d) for d in range(len(inputs[0]))]
        if self.keepdim:
            return (tuple(entry or New() for entry in rest),)
        return (tuple(entry for entry in rest if entry is not None),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(product(inputs[0])),
        }

    def _batched(self, inputs: Sequence[FakeTensor]) -> list[int]:
        """Return the dimensions of a tensor whose batch is counted."""
        return [d + 1 for d in along(self.name, self.dim, inputs[0].shape[1:])]

    def _called(self) -> dict[str, Any]:
        """Return the arguments of torch's function, which counts the batch."""
        dims = tuple(d if d < 0 else d + 1 for d in self.dim)
        return {"dim": dims[0] if len(dims) == 1 else dims, "keepdim": self.keepdim}


class MeanAlong(Reduction):
    """The mean of all elements along `dim`, torch.mean: `dim: [1, 2]` pools the pixels of an image,
    `dim: 0` the tokens of a sequence.
    """

    name: ClassVar[str] = "mean"

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return reductions.average(run, inputs[0], self._batched(inputs), self.keepdim)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.mean, kwargs=self._called())


class SumAlong(Reduction):
    """The sum of all elements along `dim`, torch.sum."""

    name: ClassVar[str] = "sum"

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return reductions.total(run, inputs[0], self._batched(inputs), self.keepdim)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.sum, kwargs=self._called())


class MaxAlong(Reduction):
    """The largest element along `dim`, torch.amax; equal ones share the gradient."""

    name: ClassVar[str] = "max"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input"), Saved("output")

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        dims, name = self._batched(inputs), f"a{self.name}"
        return reductions.extreme(run, inputs[0], dims, self.keepdim, name)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.amax, kwargs=self._called())


class MinAlong(MaxAlong):
    """The smallest element along `dim`, torch.amin; equal ones share the gradient."""

    name: ClassVar[str] = "min"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.amin, kwargs=self._called())


class NormAlong(Reduction):
    """The p-norm of the elements along `dim`, torch.linalg.vector_norm: the root of the sum of
    squares, or for `p: 1` the sum of magnitudes.
    """

    name: ClassVar[str] = "norm"

    p: float = setting(
        number_from_1, 2.0, about="The power of the magnitudes that are added up, and of the root."
    )

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        roots = 0 if self.p == 1 else math.prod(output)
        return Cost(0, 2 * math.prod(inputs[0]) + roots)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input"), Saved("output")

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        roots = "" if self.p == 1 else f" + {product(output)}"
        return super().working(inputs, output) | {
            "flops": Working(f"2*{product(inputs[0])}{roots}")
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        dims = self._batched(inputs)
        return reductions.vector_norm(run, inputs[0], dims, self.keepdim, self.p)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.linalg.vector_norm, kwargs={"ord": self.p} | self._called())
