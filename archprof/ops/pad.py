"""Padding: pad and pad_same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.layout import Layout, contiguous, elementwise, like
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import moved
from archprof.ops.answers import Function, Working
from archprof.ops.base import Shape, ShapeError
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading, Same, Taps
from archprof.ops.reshape import Move
from archprof.ops.settings import boolean, integers, number, pair, setting
from archprof.ops.sliding_window import SlidingWindow


class Pad(Move):
    """Zeros (or `value`) around the pixels, negative to crop: `sides: [left, right, top, bottom]`,
    and `channels: [before, after]`.

    torch.nn.functional.pad; ResNet's shortcut A pads channels, U-Net crops.
    """

    name: ClassVar[str] = "pad"

    sides: tuple[int, ...] = setting(
        integers,
        (0, 0, 0, 0),
        about="Pixels added at [left, right, top, bottom]; negative ones crop.",
    )
    channels: tuple[int, ...] = setting(integers, (0, 0), about="Channels added [before, after].")
    value: float = setting(number, 0.0, about="What is put around the pixels.")

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        if len(self.sides) != 4 or len(self.channels) != 2:
            raise ShapeError(
                f"sides needs [left, right, top, bottom], found {list(self.sides)}; channels needs"
                f" [before, after], found {list(self.channels)}"
            )
        left, right, top, bottom = self.sides
        for what, n, sides in (
            ("channels", c, self.channels),
            ("rows", h, (top, bottom)),
            ("columns", w, (left, right)),
        ):
            if n + sum(min(side, 0) for side in sides) < 0:
                raise ShapeError(
                    f"sides {list(sides)} crop more than the {n} {what} there are",
                    "torch crops before it pads",
                )
        result = (c + sum(self.channels), h + top + bottom, w + left + right)
        if min(result) < 1:
            raise ShapeError(
                f"padding {units.shape(inputs[0])} by {list(self.sides)} leaves {result[0]} x"
                f" {result[1]} x {result[2]}"
            )
        return result

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        left, _, top, _ = self.sides
        channel = Same(0) if self.channels == (0, 0) else New()
        return ((channel, Taps(1, ((-top, -top),), 1), Taps(2, ((-left, -left),), 1)),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        crops = max((*self.sides, *self.channels)) <= 0
        return elementwise(Layout(shape, inputs[0].strides)) if crops else like(shape, inputs[0])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        left, right, top, bottom = self.sides
        return {
            "height": Working(
                "H + top + bottom", {"H": inputs[0][1], "top": top, "bottom": bottom}
            ),
            "width": Working("W + left + right", {"W": inputs[0][2], "left": left, "right": right}),
        } | super().working(inputs, output)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        layout = self.layout((inputs[0].layout,), shape, training=True)
        return moved(run, inputs[0], "constant_pad_nd", layout or contiguous(shape))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.functional.pad,
            args=((*self.sides, *self.channels),),
            kwargs={"value": self.value},
        )


class PadSame(Move):
    """Zeros so that a window of this kernel, stride and dilation gives ceil(N/stride) outputs, the
    odd one right and below.

    TensorFlow's SAME: max((ceil(N/S) - 1)*S + D*(K - 1) + 1 - N, 0) in all; as
    timm.layers.pad_same. `lowest`: minus infinity in place of zeros, for a max pooling.
    """

    name: ClassVar[str] = "pad_same"

    kernel: tuple[int, int] = setting(pair, about="Height and width of the window that follows.")
    stride: tuple[int, int] = setting(pair, (1, 1), about="The stride of the window that follows.")
    dilation: tuple[int, int] = setting(
        pair, (1, 1), about="The dilation of the window that follows."
    )
    lowest: bool = setting(
        boolean, False, about="Pads with minus infinity instead of zeros, for a max pooling."
    )

    is_module: ClassVar[bool] = False

    def sliding_window(self) -> SlidingWindow:
        return SlidingWindow(self.kernel, self.stride, dilation=self.dilation)

    def _totals(self, shape: Shape) -> tuple[int, int]:
        """Return the rows and columns to add to this shape."""
        height, width = (
            max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            for n, k, s, d in zip(shape[1:], self.kernel, self.stride, self.dilation, strict=True)
        )
        return height, width

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        height, width = self._totals(inputs[0])
        return (c, h + height, w + width)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        top, left = (total // 2 for total in self._totals(inputs[0]))
        return ((Same(0), Taps(1, ((-top, -top),), 1), Taps(2, ((-left, -left),), 1)),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return elementwise(inputs[0]) if inputs[0].shape == shape else like(shape, inputs[0])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "height": self._side("H", inputs[0][1], 0),
            "width": self._side("W", inputs[0][2], 1),
        } | super().working(inputs, output)

    def _side(self, axis: str, size: int, index: int) -> Working:
        """Return the working of the height (`index` 0) or width (1): the pixels there are, and
        those that are added.
        """
        window = "K" if self.dilation[index] == 1 else "(K - 1)*D + 1"
        return Working(
            f"{axis} + max((ceil({axis}/S) - 1)*S + {window} - {axis}, 0)",
            {
                axis: size,
                "S": self.stride[index],
                "K": self.kernel[index],
                "D": self.dilation[index],
            },
        )

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        layout = self.layout((inputs[0].layout,), shape, training=True)
        return moved(run, inputs[0], "constant_pad_nd", layout or contiguous(shape))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.pad_same,
            kwargs={
                "kernel": self.kernel,
                "stride": self.stride,
                "dilation": self.dilation,
                "lowest": self.lowest,
            },
        )
