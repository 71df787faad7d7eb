"""Padding: pad and pad_same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.autograd.layout import Layout, contiguous, elementwise, like
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import moved
from archprof.ops import padding_modes
from archprof.ops.answers import Function, Saved, Working
from archprof.ops.axes import AXES
from archprof.ops.base import Shape, ShapeError
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading, Same, Taps
from archprof.ops.reshape import Move
from archprof.ops.settings import boolean, choice, integers, number, pair, setting
from archprof.ops.sliding_window import SlidingWindow


class Pad(Move):
    """Zeros (or `value`) around the pixels, negative to crop, or pixels of the image itself:
    `mode: reflect` mirrors them at the edge, `replicate` repeats the last, `circular` goes on with
    those of the other side. `channels: [before, after]` adds channels.

    `sides` go from the last axis to the first, as torch has them: [left, right] of C×L, [left,
    right, top, bottom] of C×H×W, and front and back behind these of C×D×H×W. A receptive field
    counts all that is put around as pixels beyond the edge. torch.nn.functional.pad; ResNet's
    shortcut A pads channels, U-Net crops.
    """

    name: ClassVar[str] = "pad"

    sides: tuple[int, ...] = setting(
        integers,
        (),
        about="Pixels added at [left, right, top, bottom, front, back]; negative ones crop.",
    )
    channels: tuple[int, ...] = setting(integers, (0, 0), about="Channels added [before, after].")
    value: float = setting(number, 0.0, totals="nothing", about="What is put around the pixels.")
    lowest: bool = setting(
        boolean,
        False,
        totals="nothing",
        about="Puts minus infinity around them instead, for a max pooling.",
    )
    mode: Literal["constant", "reflect", "replicate", "circular"] = setting(
        choice("constant", "reflect", "replicate", "circular"),
        "constant",
        about="Whether the value stands around the pixels, or they themselves.",
    )

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *axes = inputs[0] if len(inputs[0]) > 1 else channels_first(self.name, inputs[0])
        self._check_lengths(inputs[0])
        result = [_padded("channels", channels, self.channels)]
        for dim, n in enumerate(axes, start=1):
            sides = self._sides(len(inputs[0]))[dim]
            what = _elements(dim, len(axes))
            result.append(_padded(what, n, sides))
            padding_modes.check_reach(self.mode, f"{n} {what}", n, max(sides))
        if min(result) < 1:
            raise ShapeError(
                f"padding {units.shape(inputs[0])} by {list(self.sides)} leaves"
                f" {' x '.join(map(str, result))}"
            )
        return tuple(result)

    def _check_lengths(self, shape: Shape) -> None:
        """Raise ShapeError where `sides` or `channels` do not fit the input."""
        rank = len(shape) - 1
        if len(self.sides) % 2 or len(self.sides) > 2 * rank:
            raise ShapeError(
                f"sides needs two numbers for each of {rank} axes, from the last axis to the first,"
                f" found {list(self.sides)}",
                "of an image: [left, right, top, bottom]",
            )
        if len(self.channels) != 2:
            raise ShapeError(f"channels needs [before, after], found {list(self.channels)}")
        if self.mode != "constant" and (any(self.channels) or rank not in AXES):
            raise ShapeError(
                f"the mode {self.mode} is for one to three axes behind the channels, not for the"
                " channels"
            )

    def _sides(self, rank: int) -> dict[int, tuple[int, int]]:
        """Return what is added before and after by dimension of the input."""
        found = {dim: (0, 0) for dim in range(1, rank)}
        for place, sides in enumerate(zip(self.sides[::2], self.sides[1::2], strict=True)):
            found[rank - 1 - place] = sides
        return found

    def _all_sides(self, rank: int) -> tuple[int, ...]:
        """Return the sides of every axis, in torch's order."""
        return self.sides + (0,) * (2 * (rank - 1) - len(self.sides))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        channel = Same(0) if self.channels == (0, 0) else New()
        sides = self._sides(len(output))
        return ((channel, *(Taps(dim, ((-sides[dim][0],) * 2,), 1) for dim in sides)),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # of which the backward pass needs the shape alone
        return (Saved("input"),) if padding_modes.keeps_input(self.mode) else ()

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        if self.mode != "constant":
            return padding_modes.layout(self.mode, shape, inputs[0])
        crops = max((0, *self.sides, *self.channels)) <= 0
        return elementwise(Layout(shape, inputs[0].strides)) if crops else like(shape, inputs[0])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {}
        for dim, (before, after) in self._sides(len(output)).items():
            names = {"N": inputs[0][dim], "before": before, "after": after}
            lines[f"dim {dim}"] = Working("N + before + after", names)
        if len(output) == 3:
            left, right, top, bottom = self._all_sides(3)
            names = {"H": inputs[0][1], "top": top, "bottom": bottom}
            lines = {"height": Working("H + top + bottom", names)}
            names = {"W": inputs[0][2], "left": left, "right": right}
            lines["width"] = Working("W + left + right", names)
        return lines | super().working(inputs, output)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self.mode != "constant":
            sides = self._sides(len(shape) - 1)
            return padding_modes.pad(run, inputs[0], self.mode, list(sides.values()))
        layout = self.layout((inputs[0].layout,), shape, training=True) or contiguous(shape)
        grown = min((0, *self.sides, *self.channels)) >= 0
        return moved(run, inputs[0], "constant_pad_nd", layout, grown)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        sides = self._all_sides(len(inputs[0]))
        if self.mode != "constant":
            return Function(torch.nn.functional.pad, args=(sides,), kwargs={"mode": self.mode})
        if self.lowest:
            return Function(torch.nn.pad_lowest, args=((*sides, *self.channels),))
        return Function(
            torch.nn.functional.pad,
            args=((*sides, *self.channels),),
            kwargs={"value": self.value},
        )


def _elements(dim: int, rank: int) -> str:
    """Return what lies along a dimension, in the plural."""
    if rank == 2:
        return ("rows", "columns")[dim - 1]
    return f"elements of dim {dim}"


def _padded(what: str, size: int, sides: tuple[int, ...]) -> int:
    """Return a size with its sides. Raises ShapeError where more is cropped than there is."""
    if size + sum(min(side, 0) for side in sides) < 0:
        raise ShapeError(
            f"sides {list(sides)} crop more than the {size} {what} there are",
            "torch crops before it pads",
        )
    return size + sum(sides)


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
        return moved(run, inputs[0], "constant_pad_nd", layout or contiguous(shape), grown=True)

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
