"""Convolutions: conv1d, conv2d and conv3d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import like
from archprof.autograd.padding import padded_by_itself
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Saved
from archprof.ops.axes import AXES
from archprof.ops.base import Shape, ShapeError
from archprof.ops.convolution_base import Convolution
from archprof.ops.settings import choice, setting

KERNELS = {"reflect": "reflection_pad", "replicate": "replication_pad"}
"""Torch's kernels by what is put around the input; their names end in the number of axes."""


class PaddedConvolution(Convolution):
    """A convolution that pads with zeros, or with the input's own elements.

    With these torch pads a copy beforehand and convolves that without padding. A receptive field
    counts all that is put around as pixels beyond the edge.
    """

    padding_mode: Literal["zeros", "reflect", "replicate"] = setting(
        choice("zeros", "reflect", "replicate"),
        "zeros",
        about="What is put around: zeros, the input mirrored at its edge, or its last element.",
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        result = super().output_shape(*inputs)
        if self.padding_mode != "reflect":
            return result
        padded = (p + odd for p, odd in zip(self.pads(), self.odd(), strict=True))
        for axis, n, most in zip(AXES[self.rank], inputs[0][1:], padded, strict=True):
            if most >= n:
                raise ShapeError(
                    f"a {axis.name} of {n} cannot be mirrored by {most}",
                    "reflect takes fewer than there are, because the edge itself is not repeated",
                )
        return result

    def _copied(self, shape: Shape) -> Shape | None:
        if self.padding_mode == "zeros":
            return super()._copied(shape)
        if not any(self.pads()) and not any(self.odd()):
            return shape  # which torch copies all the same
        sides = zip(shape[-self.rank :], self.pads(), self.odd(), strict=True)
        return (*shape[: -self.rank], *(n + 2 * p + odd for n, p, odd in sides))

    def _fvcore(self, macs: int) -> int:
        return macs if self.padding_mode != "zeros" else super()._fvcore(macs)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        if self.padding_mode == "zeros":
            return super().saved(inputs, output)
        # of the input the padding's backward pass needs the shape alone
        copy = self._copied(inputs[0]) or inputs[0]
        return Saved("input", wanted_by=(0,)), Saved("own", elements=math.prod(copy))

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self.padding_mode == "zeros":
            return super().kernels(run, inputs, weights, shape)
        padded = self._copied(inputs[0].shape) or inputs[0].shape
        kernel = f"{KERNELS[self.padding_mode]}{self.rank}d"
        x = padded_by_itself(run, inputs[0], kernel, like(padded, inputs[0].layout))
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

    `padding: same` keeps the size at stride 1.

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
