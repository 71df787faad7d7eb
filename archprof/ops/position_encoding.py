"""Positions as sines and cosines, made anew from the size of what arrives: position_encoding2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, contiguous
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, new
from archprof.ops.answers import FREE, Cost, Function, Saved, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.reading import Reading
from archprof.ops.settings import number, positive, setting


class PositionEncoding2d(Op):
    """Sines and cosines of each pixel's row, then of its column: `channels`×H×W for any image of
    C×H×W. EdgeNeXt, Maaz et al. 2022, arXiv 2206.10589, with timm's values to the last bit.

    It has the values of a buffer by the rule fourier_2d, but is not a buffer: it is made anew in
    each pass, and its arithmetic, which does not depend on the image, is not counted.
    """

    name: ClassVar[str] = "position_encoding2d"
    family: ClassVar[Family] = "parameter"

    channels: int = setting(positive, about="Channels of the output, a multiple of 4.")
    temperature: float = setting(number, 10_000.0, about="What the longest period grows with.")

    constant: ClassVar[bool] = True
    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.channels % 4:
            raise ShapeError(
                f"{self.channels} channels, expected a multiple of 4: sine and cosine of row and"
                " column"
            )
        return (self.channels, *channels_first(self.name, inputs[0])[1:])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return contiguous(shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # a line of each channel, down for the rows and then across for the columns: places and
        # periods, their quotients, sines and cosines, and both in turn
        height, width = shape[-2:]
        half, pairs, output = self.channels // 2, self.channels // 4, math.prod(shape)
        rows = height + pairs + 3 * pairs * height + half * height
        columns = half * height + width + pairs + 3 * pairs * width + half * width
        return max(rows - output, columns - output, half * (height + width)) * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        itemsize = inputs[0].itemsize
        lines = [self._line(run, places, itemsize) for places in shape[-2:]]
        made = new(run, contiguous(shape), itemsize, "cat")
        del lines
        return made

    def _line(self, run: Run, places: int, itemsize: int) -> FakeTensor:
        """Return half of the channels along one axis."""
        pairs = self.channels // 4
        line, column, matrix = (contiguous(size) for size in ((places,), (pairs,), (pairs, places)))
        scratch = [new(run, line, itemsize, "arange"), new(run, column, itemsize, "arange")]
        periods = new(run, column, itemsize, "pow")
        scratch.append(new(run, matrix, itemsize, "div"))
        del periods
        scratch += [new(run, matrix, itemsize, kernel) for kernel in ("sin", "cos")]
        made = new(run, contiguous((2 * pairs, places)), itemsize, "stack")
        del scratch
        return made

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        settings = {"channels": self.channels, "temperature": self.temperature}
        return Function(torch.nn.position_encoding2d, kwargs=settings)
