"""Convolutions: conv1d, conv2d and conv3d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout, like
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops import padding_modes
from archprof.ops.answers import Saved
from archprof.ops.axes import AXES
from archprof.ops.base import Shape
from archprof.ops.convolution_base import Convolution
from archprof.ops.settings import choice, setting


class PaddedConvolution(Convolution):
    """A convolution that pads with zeros, or with the input's own elements.

    With these torch pads a copy beforehand and convolves that without padding.
    """

    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = setting(
        choice("zeros", "reflect", "replicate", "circular"),
        "zeros",
        about="What is put around: zeros, the input mirrored at its edge, its last element, or what"
        " lies on the other side.",
    )

    padded_by: ClassVar[tuple[str, ...]] = ("padding", "padding_mode")

    def _around(self) -> Mapping[str, Any]:
        return {} if self.padding_mode == "zeros" else {"mode": self.padding_mode}

    def output_shape(self, *inputs: Shape) -> Shape:
        result = super().output_shape(*inputs)
        for axis, n, sides in zip(AXES[self.rank], inputs[0][1:], self._sides(), strict=True):
            padding_modes.check_reach(self.padding_mode, f"a {axis.name} of {n}", n, max(sides))
        return result

    def _sides(self) -> list[tuple[int, int]]:
        """Return what is padded before and behind each axis."""
        return [(p, p + odd) for p, odd in zip(self.pads(), self.odd(), strict=True)]

    def _copied(self, shape: Shape) -> Shape | None:
        if self.padding_mode == "zeros":
            return super()._copied(shape)
        # a copy that torch makes even where nothing is padded
        sizes = zip(shape[-self.rank :], self._sides(), strict=True)
        return (*shape[: -self.rank], *(n + before + after for n, (before, after) in sizes))

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        if self.padding_mode == "zeros":
            return super().layout(inputs, shape, training)
        copied = self._copied(inputs[0].shape) or inputs[0].shape
        return like(shape, padding_modes.layout(self.padding_mode, copied, inputs[0]))

    def _fvcore(self, macs: int) -> int:
        return macs if self.padding_mode != "zeros" else super()._fvcore(macs)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        if self.padding_mode == "zeros":
            return super().saved(inputs, output)
        copy = Saved("own", elements=math.prod(self._copied(inputs[0]) or inputs[0]))
        if padding_modes.keeps_input(self.padding_mode):
            return Saved("input", wanted_by=(0,)), copy
        return (copy,)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self.padding_mode == "zeros":
            return super().kernels(run, inputs, weights, shape)
        x = padding_modes.pad(run, inputs[0], self.padding_mode, self._sides())
        return convolution(run, x, weights["weight"], weights.get("bias"), shape)

    def _torch_settings(self) -> dict[str, Any]:
        if self.padding_mode == "zeros":
            return super()._torch_settings()
        return {
            **super()._torch_settings(),
            "padding": self.padding,
            "padding_mode": self.padding_mode,
        }


class Conv2d(PaddedConvolution):
    """2-D convolution, torch.nn.Conv2d; input channels are those that arrive.

    `padding: same` keeps the size at stride 1. `padding: [[top, bottom], [left, right]]` is a layer
    of its own ahead of this one, a `pad` under this one's name with `_pad` behind it.

    Where a kernel is even, `same` pads one row or column more below or on the right than above or
    on the left.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    name: ClassVar[str] = "conv2d"
    rank: ClassVar[int] = 2


class Conv1d(PaddedConvolution):
    """1-D convolution of channels x length, torch.nn.Conv1d; settings as conv2d's, with one number.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
    """

    name: ClassVar[str] = "conv1d"
    rank: ClassVar[int] = 1


class Conv3d(PaddedConvolution):
    """3-D convolution of channels x depth x height x width, torch.nn.Conv3d; settings as conv2d's.

    The frames of a video lie along the depth.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
    """

    name: ClassVar[str] = "conv3d"
    rank: ClassVar[int] = 3
