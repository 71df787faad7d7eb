"""Activations between two bounds: hardtanh and softsign."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.activations import softsign
from archprof.autograd.layout import Layout
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.activation import Activation, InPlaceActivation
from archprof.ops.answers import Saved
from archprof.ops.base import Shape, ShapeError
from archprof.ops.settings import number, setting


class Hardtanh(InPlaceActivation):
    """min(max(x, min_val), max_val), torch.nn.Hardtanh."""

    name: ClassVar[str] = "hardtanh"

    min_val: float = setting(number, -1.0, about="The lower bound.")
    max_val: float = setting(number, 1.0, about="The upper bound.")

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.min_val >= self.max_val:
            raise ShapeError(
                f"hardtanh between {self.min_val:g} and {self.max_val:g} leaves nothing",
                "`min_val` lies below `max_val`",
            )
        return inputs[0]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Hardtanh(self.min_val, self.max_val, inplace=self.inplace)


class Softsign(Activation):
    """x/(1 + |x|), torch.nn.Softsign."""

    name: ClassVar[str] = "softsign"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the divisor beside the input
        return Saved("input"), Saved("own", elements=math.prod(output))

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # |x| and 1 + |x| are there before the output is
        return math.prod(shape) * itemsize

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return softsign(run, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Softsign()
