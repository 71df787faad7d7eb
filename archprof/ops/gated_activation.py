"""Activations of which one half gates the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.activations import glu
from archprof.autograd.layout import Layout, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.reading import Reading, Same, Taps
from archprof.ops.settings import integer, setting


class Glu(Op):
    """a*sigmoid(b) of the halves a and b along `dim`, torch.nn.GLU. Dauphin et al. 2016, arXiv
    1612.08083.
    """

    name: ClassVar[str] = "glu"
    family: ClassVar[Family] = "activation"

    dim: int = setting(
        integer, -1, about="The dimension that is halved, the batch not counted: 0 is the channels."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if not -len(shape) <= self.dim < len(shape):
            raise ShapeError(
                f"glu along dim {self.dim} of a tensor of {len(shape)} dimensions (the batch is not"
                " counted)"
            )
        along = self.dim % len(shape)
        if shape[along] % 2:
            raise ShapeError(
                f"glu halves dim {self.dim}, which has {shape[along]} elements: an odd number"
            )
        return (*shape[:along], shape[along] // 2, *shape[along + 1 :])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        along = self.dim % len(output)
        half = output[along]
        halves = Taps(along, ((0, half),), 1, every=half)
        return (tuple(halves if i == along else Same(i) for i in range(len(output))),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return elementwise(Layout(shape, inputs[0].strides))

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return glu(run, inputs[0], shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        along = self.dim % len(output)
        return {
            f"dim {along}": Working("N/2", {"N": inputs[0][along]}),
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"{RATES[self.name]}*{product(output)}"),
        }

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GLU(dim=self.dim if self.dim < 0 else self.dim + 1)
