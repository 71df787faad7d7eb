"""Normalization: batch, layer, group, RMS, local response and global response norm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, like, permuted
from archprof.autograd.norms import batch_norm, group_norm
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Weight, Working, product
from archprof.ops.base import PointwiseOp, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first, with_dimensions
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading
from archprof.ops.settings import boolean, number, positive, setting


class Norm(PointwiseOp):
    family: ClassVar[Family] = "normalization"

    def _rate(self) -> int:
        """Return the FLOPs per output element."""
        return RATES[self.name]

    def _affine(self) -> bool:
        raise NotImplementedError

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        """Return how many scales (and shifts) there are."""
        raise NotImplementedError

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (self._features(inputs),)
        return {"weight": Weight(shape), "bias": Weight(shape)} if self._affine() else {}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        elements = math.prod(output)
        return Cost(0, self._rate() * elements, fvcore=elements * (5 if self._affine() else 4))

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        trainable = [w for w in self.weights(*inputs).values() if w.trainable]
        params = (
            Working(f"{len(trainable)}*F", {"F": self._features(inputs)})
            if trainable
            else Working("0")
        )
        return {
            "params": params,
            "macs": Working("0"),
            "flops": Working(f"{self._rate()}*{product(output)}"),
        }


class BatchNorm(Norm):
    """Normalises each channel over the batch and all axes behind the channels."""

    eps: float = setting(
        number, 1e-5, totals="nothing", about="Added to the variance before it divides."
    )
    momentum: float = setting(
        number, 0.1, totals="nothing", about="The weight of a new batch in the running statistics."
    )
    affine: bool = setting(
        boolean, True, about="Whether each channel has a learned scale and shift."
    )

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return self.output_shape(*inputs)[0]

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0], self.rank)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (inputs[0][0],)
        return super().weights(*inputs) | {
            "running_mean": Weight(shape, trainable=False),
            "running_var": Weight(shape, trainable=False),
            "num_batches_tracked": Weight((), trainable=False, itemsize=8),
        }

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        elements = math.prod(output)
        return Cost(0, self._rate() * elements, fvcore=elements * (2 if self.affine else 1))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=output[0], at_least=4, per_sample=False)
        return Saved("input"), statistic, statistic  # mean and inverse deviation of the batch

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return batch_norm(run, inputs[0], weights.get("weight"), weights.get("bias"))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        module = getattr(torch.nn, f"BatchNorm{self.rank}d")
        return module(inputs[0][0], eps=self.eps, momentum=self.momentum, affine=self.affine)


class BatchNorm2d(BatchNorm):
    """Normalises each channel over batch and pixels, torch.nn.BatchNorm2d; running statistics are
    buffers.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    """

    name: ClassVar[str] = "batch_norm2d"
    rank: ClassVar[int] = 2


class BatchNorm1d(BatchNorm):
    """Normalises each channel of channels x length, or each feature of a vector, over the batch,
    torch.nn.BatchNorm1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
    """

    name: ClassVar[str] = "batch_norm1d"
    rank: ClassVar[int] = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) == 1:
            return inputs[0]
        return super().output_shape(*inputs)


class BatchNorm3d(BatchNorm):
    """Normalises each channel over batch, depth, height and width, torch.nn.BatchNorm3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
    """

    name: ClassVar[str] = "batch_norm3d"
    rank: ClassVar[int] = 3


class GroupNorm(Norm):
    """Normalises each sample over groups of channels and all pixels, torch.nn.GroupNorm.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
    """

    name: ClassVar[str] = "group_norm"

    groups: int = setting(positive, about="Channels are normalised in so many groups.")
    eps: float = setting(
        number, 1e-5, totals="nothing", about="Added to the variance before it divides."
    )
    affine: bool = setting(
        boolean, True, about="Whether each channel has a learned scale and shift."
    )

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][0]

    def output_shape(self, *inputs: Shape) -> Shape:
        channels = with_dimensions(self.name, inputs[0])[0]
        if channels % self.groups:
            raise ShapeError(
                f"{channels} channels do not divide into {self.groups} groups:"
                f" {channels}/{self.groups} = {channels / self.groups:.4g}"
            )
        if math.prod(inputs[0]) == self.groups:
            raise ShapeError(
                f"{product(inputs[0])} in {self.groups} groups is one number per group, which has"
                " no variance; torch refuses it",
                "fewer groups",
            )
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (tuple(New() for _ in output),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=self.groups)
        return Saved("input"), statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        copied = 0 if self._as_it_lies(inputs[0]) else math.prod(shape) * itemsize
        return copied + self._kept_beside(inputs, shape, itemsize)  # mean and deviation

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        return 0 if self._as_it_lies(inputs[0]) else math.prod(inputs[0].shape)

    def _as_it_lies(self, layout: Layout) -> bool:
        """Return whether the kernel takes the input without copying it."""
        if layout.channels_last:
            behind = range(2, len(layout.shape))
            layout = permuted(layout, (0, *behind, 1))
        return layout.contiguous

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, bias = weights.get("weight"), weights.get("bias")
        return group_norm(run, inputs[0], self.groups, weight, bias)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GroupNorm(self.groups, inputs[0][0], eps=self.eps, affine=self.affine)
