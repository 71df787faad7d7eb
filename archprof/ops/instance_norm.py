"""Instance norm: each channel of each sample on its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout
from archprof.autograd.norms import instance_norm
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Saved
from archprof.ops.axes import in_words
from archprof.ops.base import Shape, ShapeError
from archprof.ops.inputs import channels_first
from archprof.ops.normalization import Norm
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import boolean, number, setting


class InstanceNorm(Norm):
    """Normalises each channel of each sample over all axes behind the channels, in training and in
    evaluation: there are no running statistics.
    """

    eps: float = setting(
        number, 1e-5, totals="nothing", about="Added to the variance before it divides."
    )
    affine: bool = setting(
        boolean, False, about="Whether each channel has a learned scale and shift."
    )

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][0]

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0], self.rank)
        if math.prod(size) == 1:
            raise ShapeError(
                f"{self.name} of {channels} channels of one number each: one number has no"
                " variance; torch refuses it",
                f"more than one place along {in_words(self.rank)}",
            )
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((Same(0), *(New() for _ in output[1:])),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=output[0], at_least=4)
        scales = (Saved("own", elements=output[0]),) if self.affine else ()
        return Saved("input"), *scales, statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        copied = 0 if inputs[0].contiguous else math.prod(shape) * itemsize
        repeated = 2 * self.affine * math.prod(shape[:2]) * itemsize  # scales and shifts
        statistics = 2 * math.prod(shape[:2]) * itemsize
        return copied + repeated + statistics

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        return 0 if inputs[0].contiguous else math.prod(inputs[0].shape)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return None

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return instance_norm(run, inputs[0], weights.get("weight"), weights.get("bias"))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        module = getattr(torch.nn, f"InstanceNorm{self.rank}d")
        return module(inputs[0][0], eps=self.eps, affine=self.affine)


class InstanceNorm1d(InstanceNorm):
    """Normalises each channel of each sample over its length, torch.nn.InstanceNorm1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
    """

    name: ClassVar[str] = "instance_norm1d"
    rank: ClassVar[int] = 1


class InstanceNorm2d(InstanceNorm):
    """Normalises each channel of each sample over its height and width, torch.nn.InstanceNorm2d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
    """

    name: ClassVar[str] = "instance_norm2d"
    rank: ClassVar[int] = 2


class InstanceNorm3d(InstanceNorm):
    """Normalises each channel of each sample over its depth, height and width,
    torch.nn.InstanceNorm3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
    """

    name: ClassVar[str] = "instance_norm3d"
    rank: ClassVar[int] = 3
