"""Ops that only act in training: dropout, of elements or of channels, and drop path."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.pointwise import drop_path, dropout, feature_dropout
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import FREE, Cost, Saved, Working
from archprof.ops.base import PointwiseOp, Shape
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.settings import probability, setting


class _TrainingOnly(PointwiseOp):
    family: ClassVar[Family] = "identity"
    draws: ClassVar[bool] = True

    p: float

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "new" if training and self.p else "view"  # in evaluation the input passes through

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}


class Dropout(_TrainingOnly):
    """Zeroes elements with probability `p` in training, torch.nn.Dropout; keeps its mask.

    The mask has the input's dtype, as torch has it on the CPU; the fused CUDA kernel keeps one byte
    per element instead.
    """

    name: ClassVar[str] = "dropout"

    p: float = setting(
        probability,
        0.5,
        totals="ends",
        about="The probability that an element is dropped in training.",
    )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        if self.p == 1:
            return (Saved("own", elements=1, per_sample=False),)  # a product with zero
        return (Saved("own", elements=math.prod(output)),) if self.p else ()

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return dropout(run, inputs[0], self.p) if self.p else inputs[0]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Dropout(self.p)


class DropPath(_TrainingOnly):
    """Stochastic depth: drops the whole branch of a sample with probability `p` in training; keeps
    one number per sample.

    Huang et al. 2016; torchvision's StochasticDepth in row mode, timm's DropPath.
    """

    name: ClassVar[str] = "drop_path"

    p: float = setting(
        probability,
        totals="ends",
        about="The probability that a sample's branch is dropped in training.",
    )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("own", elements=1),) if self.p else ()

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return drop_path(run, inputs[0]) if self.p else inputs[0]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.DropPath(self.p)


class FeatureDropout(_TrainingOnly):
    """Zeroes whole channels with probability `p` in training; keeps one number for each channel of
    each sample.
    """

    p: float = setting(
        probability,
        0.5,
        totals="ends",
        about="The probability that a channel is dropped in training.",
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0], self.rank)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        if self.p == 1:
            return (Saved("own", elements=1, per_sample=False),)  # a product with zero
        return (Saved("own", elements=output[0]),) if self.p else ()

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return feature_dropout(run, inputs[0], self.p) if self.p else inputs[0]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return getattr(torch.nn, f"Dropout{self.rank}d")(self.p)


class Dropout1d(FeatureDropout):
    """Zeroes whole channels of channels x length with probability `p` in training,
    torch.nn.Dropout1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
    """

    name: ClassVar[str] = "dropout1d"
    rank: ClassVar[int] = 1


class Dropout2d(FeatureDropout):
    """Zeroes whole channels of channels x height x width with probability `p` in training,
    torch.nn.Dropout2d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
    """

    name: ClassVar[str] = "dropout2d"
    rank: ClassVar[int] = 2


class Dropout3d(FeatureDropout):
    """Zeroes whole channels of channels x depth x height x width with probability `p` in training,
    torch.nn.Dropout3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
    """

    name: ClassVar[str] = "dropout3d"
    rank: ClassVar[int] = 3
