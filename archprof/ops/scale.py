"""Scales: by a learned tensor, and by a constant."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.pointwise import multiply, scaled
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import view
from archprof.ops.answers import Cost, Function, Saved, Weight, Working, product
from archprof.ops.base import PointwiseOp, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.settings import boolean, integer, integers, number, setting


class Scale(PointwiseOp):
    """Multiplies by a learned tensor of shape `size`, broadcast over the input: layer scale,
    skip-init gain (`size: []`).

    Its last dimension lies along the input's `dim`, the batch left out: `size: [C], dim: 0` scales
    channels of C×H×W. A 1 for the batch may stand before them. The parameter's state-dict key is
    the layer's own path. `value` is what it starts from.
    """

    name: ClassVar[str] = "scale"
    family: ClassVar[Family] = "scale"

    size: tuple[int, ...] = setting(
        integers, about="The shape of the learned tensor; [] is a single number."
    )
    value: float = setting(number, 1.0, totals="nothing", about="What every element starts from.")
    dim: int = setting(
        integer,
        -1,
        about="The input's dimension that the last one of `size` lies along, no batch counted.",
    )

    is_module: ClassVar[bool] = False

    def _trailing(self, shape: Shape) -> int:
        """Return how many of the input's dimensions lie behind the scale's last one."""
        if not -len(shape) <= self.dim < len(shape):
            raise ShapeError(
                f"a scale along dim {self.dim} of a tensor of {len(shape)} dimensions (the batch is"
                " not counted)"
            )
        return len(shape) - 1 - self.dim % len(shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        covered = inputs[0][: len(inputs[0]) - self._trailing(inputs[0])]
        for mine, theirs in zip(reversed(self.size), reversed(covered), strict=False):
            if mine not in (1, theirs):
                raise ShapeError(
                    f"a scale of {product(self.size)} does not broadcast over {product(inputs[0])}:"
                    f" {mine} against {theirs}",
                    (
                        "`dim` says along which dimension of the input it lies"
                        if len(self.size) == 1
                        else ""
                    ),
                )
        batched = self.size[:1] == (1,) and len(self.size) == len(covered) + 1
        if len(self.size) > len(covered) and not batched:
            raise ShapeError(
                f"a scale of {len(self.size)} dimensions over an input of {len(covered)}"
            )
        return inputs[0]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight(self.size)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input", for_weights=("",)),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working(product(self.size)),
            "macs": Working("0"),
            "flops": Working(f"1*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        factor = weights[""]
        behind = self._trailing(inputs[0].shape[1:])
        if behind and self.size:
            factor = view(run, factor, (*self.size, *[1] * behind))
        return multiply(run, inputs[0], factor)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        trailing = self._trailing(inputs[0])
        if trailing and self.size:
            return Function(torch.nn.scale_along, kwargs={"trailing": trailing}, start=self.value)
        return Function(torch.mul, start=self.value)


class ScaleBy(PointwiseOp):
    """Multiplies by a constant `factor`: the gains of networks without normalization.

    `inplace` overwrites the input.
    """

    name: ClassVar[str] = "scale_by"
    family: ClassVar[Family] = "scale"

    factor: float = setting(number, about="The constant.")
    inplace: bool = setting(
        boolean, False, about="Overwrites its input, which then needs no memory of its own."
    )

    is_module: ClassVar[bool] = False

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "inplace" if self.inplace else "new"

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"1*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return scaled(run, inputs[0], inplace=self.inplace)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.mul_ if self.inplace else torch.mul, args=(self.factor,))
