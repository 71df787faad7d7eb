"""Deformable convolution: deform_conv2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.layout import Layout
from archprof.autograd.products import deformable_convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Working
from archprof.ops.base import Shape, ShapeError
from archprof.ops.convolution_base import Convolution
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import axes_setting, sides_or_zero
from archprof.ops.sliding_window import Sides


class DeformConv2d(Convolution):
    """A convolution whose taps lie where a second input moves them, torchvision.ops.DeformConv2d:
    the sum over the window of weight * mask * input(place + tap + offset), bilinear between pixels
    and 0 beyond the edge.

    Inputs: the image, the offsets, and in version 2 (modulated) a mask. Of a window of K taps each
    output pixel has 2K offsets, down and then to the right for each tap, and K masks; as many times
    more channels are for so many groups of input channels. Dai et al. 2017, arXiv 1703.06211; Zhu
    et al. 2019, arXiv 1811.11168.

    An offset may point anywhere, so that every output has the whole image as its receptive field.
    What is kept and made is what torchvision's kernel does, one forwards and one backwards; the
    built module computes the same in torch's own functions, since torch has no such kernel.

    https://docs.pytorch.org/vision/stable/generated/torchvision.ops.deform_conv2d.html
    """

    name: ClassVar[str] = "deform_conv2d"
    rank: ClassVar[int] = 2
    arity: ClassVar[tuple[int, int | None]] = (2, 3)

    padding: Sides = axes_setting(sides_or_zero, 0, about="Zeros on each side of an axis.")

    def output_shape(self, *inputs: Shape) -> Shape:
        image, offset, *mask = inputs
        result = super().output_shape(image)
        places, taps = result[1:], math.prod(self.kernel)
        self._check("offset", offset, 2 * taps, places)
        groups = offset[0] // (2 * taps)
        if image[0] % groups:
            raise ShapeError(
                f"{image[0]} channels do not divide into the {groups} groups that an offset of"
                f" {offset[0]} channels is for: {offset[0]}/(2*{taps}) = {groups}"
            )
        if mask:
            self._check("mask", mask[0], groups * taps, places)
            if mask[0][0] != groups * taps:
                raise ShapeError(
                    f"the mask has {mask[0][0]} channels for an offset of {offset[0]}, expected"
                    f" half as many: {groups * taps}"
                )
        return result

    def _check(self, what: str, shape: Shape, channels: int, places: Shape) -> None:
        """Raise ShapeError unless a shape is some times so many channels at the places of the
        output.
        """
        if len(shape) == 3 and shape[0] % channels == 0 and shape[1:] == places:
            return
        expected = units.shape((channels, *places))
        raise ShapeError(
            f"the {what} is {units.shape(shape)}, expected {expected}, or a multiple of these"
            " channels",
            f"a conv2d of the same kernel, stride, padding and dilation with out: {channels}",
        )

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        cost = super().cost(inputs, output)
        sampled = inputs[0][0] * math.prod((*self.kernel, *output[1:]))
        # fvcore does not know torchvision's operator
        return Cost(cost.macs, cost.flops + self._rate(inputs) * sampled, fvcore=0)

    def _rate(self, inputs: tuple[Shape, ...]) -> int:
        """Return the FLOPs of an element that is sampled: bilinear, and a product with the mask."""
        masked = 1 if len(inputs) > 2 else 0
        return RATES["interpolate_bilinear"] + masked

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        anywhere, own_place = (New(), New(), New()), (New(), Same(1), Same(2))
        return (anywhere, *(own_place for _ in inputs[1:]))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        zeros = []  # in place of a mask, one for each sample, and of a bias
        if len(inputs) < 3:
            zeros.append(Saved("own", elements=1))
        if not self.bias:
            zeros.append(Saved("own", elements=self.out, per_sample=False))
        return (*(Saved("input", i) for i in range(len(inputs))), *zeros)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._kept_beside(inputs, shape, itemsize)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return None

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = super().working(inputs, output)
        flops = lines["flops"]
        sampled = f"{self._rate(inputs)}*Kh*Kw*Cin*Hout*Wout"
        formula = f"{flops.formula} + {sampled}"
        return lines | {"flops": Working(formula, flops.values)}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        mask = inputs[2] if len(inputs) > 2 else None
        sampled = inputs[0], inputs[1], mask
        cost = self.cost(tuple(each.shape[1:] for each in inputs), shape[1:])
        weight, bias = weights["weight"], weights.get("bias")
        return deformable_convolution(run, sampled, weight, bias, shape, cost.macs * shape[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        settings = self._torch_settings()
        return torch.nn.DeformConv2d(inputs[0][0], self.out, self.kernel, **settings)
