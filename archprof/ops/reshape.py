"""Ops that change only a tensor's shape or the order of its dimensions, and identity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.autograd.layout import Layout, permuted, viewed
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import permute, view
from archprof.column_functions import single
from archprof.ops.answers import FREE, Cost, Function, Saved, Working, product
from archprof.ops.base import Op, PointwiseOp, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.reading import Raster, Reading, Same
from archprof.ops.settings import integer, integers, setting


class Move(Op):
    """The base of ops that only move data: they cost nothing and keep nothing."""

    family: ClassVar[Family] = "movement"

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}


def dimension(op: str, dim: int, rank: int) -> int:
    """Return a dimension counted from 0 without the batch.

    Raises ShapeError where the tensor has no such dimension.
    """
    dim = single(dim)  # it is looked for in shapes
    if not -rank <= dim < rank:
        raise ShapeError(
            f"{op}: dim {dim} of a tensor of {rank} dimensions (the batch is not counted)"
        )
    return dim % rank


class Identity(Move, PointwiseOp):
    """Passes its input on, torch.nn.Identity."""

    name: ClassVar[str] = "identity"
    family: ClassVar[Family] = "identity"

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return inputs[0]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Identity()


class Flatten(Move):
    """Dimensions `start` to `end` as one, torch.flatten; the batch is not counted, so C×H×W
    becomes C*H*W features.
    """

    name: ClassVar[str] = "flatten"

    start: int = setting(
        integer, 0, about="The first dimension of those that are joined, the batch not counted."
    )
    end: int = setting(
        integer,
        -1,
        about="The last dimension of those that are joined; negative ones count from the end.",
    )

    def _range(self, shape: Shape) -> tuple[int, int]:
        first, last = (
            dimension(self.name, self.start, len(shape)),
            dimension(self.name, self.end, len(shape)),
        )
        if first > last:
            raise ShapeError(
                f"flatten from dim {first} to dim {last}: the start lies behind the end"
            )
        return first, last

    def output_shape(self, *inputs: Shape) -> Shape:
        first, last = self._range(inputs[0])
        return (*inputs[0][:first], math.prod(inputs[0][first : last + 1]), *inputs[0][last + 1 :])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        first, last = self._range(inputs[0])
        return (
            (
                *(Same(i) for i in range(first)),
                Raster(tuple(range(first, last + 1))),
                *(Same(i) for i in range(last + 1, len(inputs[0]))),
            ),
        )

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return viewed(inputs[0], shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        first, last = self._range(inputs[0])
        return {"features": Working(product(inputs[0][first : last + 1]))} | super().working(
            inputs, output
        )

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        first, last = self._range(inputs[0].shape[1:])
        if first == last:
            return inputs[0]
        return view(run, inputs[0], shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        first, last = self._range(inputs[0])
        return torch.nn.Flatten(first + 1, last + 1)


class Permute(Move):
    """The dimensions in another order, the batch left out: [1, 2, 0] turns C×H×W into H×W×C.

    torch.permute.
    """

    name: ClassVar[str] = "permute"

    order: tuple[int, ...] = setting(
        integers, about="Where each dimension comes from, the batch not counted."
    )

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if sorted(self.order) != list(range(len(inputs[0]))):
            raise ShapeError(
                f"order {list(self.order)} is not an order of the {len(inputs[0])} dimensions of"
                f" {units.shape(inputs[0])}"
            )
        return tuple(inputs[0][i] for i in self.order)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (tuple(Same(i) for i in self.order),)

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return permuted(inputs[0], (0, *(i + 1 for i in self.order)))

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return permute(run, inputs[0], (0, *(place + 1 for place in self.order)))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.permute, args=((0, *(i + 1 for i in self.order)),))


class Reshape(Move):
    """The same elements under another shape, torch.reshape; one dimension may be -1.

    Its receptive field is not tracked.
    """

    name: ClassVar[str] = "reshape"

    size: tuple[int, ...] = setting(
        integers, about="The new shape, the batch not counted; one dimension may be -1."
    )

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        total, known = math.prod(inputs[0]), math.prod(n for n in self.size if n != -1)
        if self.size.count(-1) > 1 or any(n < 1 and n != -1 for n in self.size):
            raise ShapeError(f"size {list(self.size)}: positive numbers, and at most one -1")
        if total % known if -1 in self.size else total != known:
            raise ShapeError(
                f"{units.shape(inputs[0])} has {total} elements, {list(self.size)} asks for"
                f" {'a multiple of ' if -1 in self.size else ''}{known}"
            )
        return tuple(total // known if n == -1 else n for n in self.size)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return viewed(inputs[0], shape)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return view(run, inputs[0], shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.reshape, args=(self.output_shape(*inputs),))
