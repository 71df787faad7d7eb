"""Ops that move elements and compute nothing: flatten, permute, reshape, pad, roll, shuffles and
windows.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.ops.base import (
    FREE,
    Cost,
    Family,
    Function,
    New,
    Op,
    PointwiseOp,
    Raster,
    Reading,
    Same,
    Saved,
    Shape,
    ShapeError,
    Taps,
    Working,
    channels_first,
    product,
)
from archprof.ops.layout import Layout, elementwise, like, permuted, viewed
from archprof.ops.settings import boolean, integer, integers, number, pair, positive, setting
from archprof.ops.sliding import MAX_PHASES
from archprof.ops.window import Window


class _Move(Op):
    """Costs nothing and keeps nothing: said once here for the ops of this file, which only move
    data.
    """

    family: ClassVar[Family] = "movement"

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}


def _dim(op: str, dim: int, rank: int) -> int:
    """A dimension counted from 0 without the batch.

    Raises ShapeError where the tensor has no such one.
    """
    if not -rank <= dim < rank:
        raise ShapeError(
            f"{op}: dim {dim} of a tensor of {rank} dimensions (the batch is not counted)"
        )
    return dim % rank


class Identity(_Move, PointwiseOp):
    """Passes its input on, torch.nn.Identity."""

    name: ClassVar[str] = "identity"
    family: ClassVar[Family] = "identity"

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Identity()


class Flatten(_Move):
    """Dimensions `start` to `end` as one, torch.flatten; the batch is not counted, so C×H×W
    becomes C*H*W features.
    """

    name: ClassVar[str] = "flatten"

    start: int = setting(integer, 0)
    end: int = setting(integer, -1)

    def _range(self, shape: Shape) -> tuple[int, int]:
        first, last = _dim(self.name, self.start, len(shape)), _dim(self.name, self.end, len(shape))
        if first > last:
            raise ShapeError(
                f"flatten from dim {first} to dim {last}: the start lies behind the end"
            )
        return first, last

    def output_shape(self, *inputs: Shape) -> Shape:
        first, last = self._range(inputs[0])
        return (*inputs[0][:first], math.prod(inputs[0][first : last + 1]), *inputs[0][last + 1 :])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        first, last = self._range(inputs[0])
        return (
            (
                *(Same(i) for i in range(first)),
                Raster(tuple(range(first, last + 1))),
                *(Same(i) for i in range(last + 1, len(inputs[0]))),
            ),
        )

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return viewed(inputs[0], shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        first, last = self._range(inputs[0])
        return {"features": Working(product(inputs[0][first : last + 1]))} | super().working(
            inputs, output
        )

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        first, last = self._range(inputs[0])
        return torch.nn.Flatten(first + 1, last + 1)


class Permute(_Move):
    """The dimensions in another order, the batch left out: [1, 2, 0] turns C×H×W into H×W×C.

    torch.permute.
    """

    name: ClassVar[str] = "permute"

    order: tuple[int, ...] = setting(integers)

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if sorted(self.order) != list(range(len(inputs[0]))):
            raise ShapeError(
                f"order {list(self.order)} is no order of the {len(inputs[0])} dimensions of"
                f" {units.shape(inputs[0])}"
            )
        return tuple(inputs[0][i] for i in self.order)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (tuple(Same(i) for i in self.order),)

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return permuted(inputs[0], (0, *(i + 1 for i in self.order)))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.permute, args=((0, *(i + 1 for i in self.order)),))


class Reshape(_Move):
    """The same elements under another shape; one dimension may be -1. torch.reshape.

    Its receptive field is not tracked.
    """

    name: ClassVar[str] = "reshape"

    size: tuple[int, ...] = setting(integers)

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        total, known = math.prod(inputs[0]), math.prod(n for n in self.size if n != -1)
        if self.size.count(-1) > 1 or any(n < 1 and n != -1 for n in self.size):
            raise ShapeError(f"size {list(self.size)}: positive numbers, and at most one -1")
        if total % known if -1 in self.size else total != known:
            raise ShapeError(
                f"{units.shape(inputs[0])} has {total} elements, {list(self.size)} asks for"
                f" {'a multiple of ' if -1 in self.size else ''}{known}"
            )
        return tuple(total // known if n == -1 else n for n in self.size)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view"

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return viewed(inputs[0], shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.reshape, args=(self.output_shape(*inputs),))


class Pad(_Move):
    """Zeros (or `value`) around the pixels, negative to crop: `sides: [left, right, top, bottom]`,
    and `channels: [before, after]`.

    torch.nn.functional.pad; ResNet's shortcut A pads channels, U-Net crops.
    """

    name: ClassVar[str] = "pad"

    sides: tuple[int, ...] = setting(integers, (0, 0, 0, 0))
    channels: tuple[int, ...] = setting(integers, (0, 0))
    value: float = setting(number, 0.0)

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

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
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

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.functional.pad,
            args=((*self.sides, *self.channels),),
            kwargs={"value": self.value},
        )


class PadSame(_Move):
    """Zeros so that a window of this kernel, stride and dilation gives ceil(N/stride) outputs, the
    odd one right and below.

    TensorFlow's SAME: max((ceil(N/S) - 1)*S + D*(K - 1) + 1 - N, 0) in all; as
    timm.layers.pad_same. `lowest`: minus infinity in place of zeros, for a max pooling.
    """

    name: ClassVar[str] = "pad_same"

    kernel: tuple[int, int] = setting(pair)
    stride: tuple[int, int] = setting(pair, (1, 1))
    dilation: tuple[int, int] = setting(pair, (1, 1))
    lowest: bool = setting(boolean, False)

    is_module: ClassVar[bool] = False

    def sliding_window(self) -> Window:
        return Window(self.kernel, self.stride, dilation=self.dilation)

    def _totals(self, shape: Shape) -> tuple[int, int]:
        """Rows and columns to add to this shape."""
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

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
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


class Roll(_Move):
    """A cyclic shift along `dims` (batch not counted), torch.roll: Swin's shifted windows.

    Elements wrap around.
    """

    name: ClassVar[str] = "roll"

    shifts: tuple[int, ...] = setting(integers)
    dims: tuple[int, ...] = setting(integers)

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(self.shifts) != len(self.dims):
            raise ShapeError(f"{len(self.shifts)} shifts for {len(self.dims)} dims")
        for dim in self.dims:
            _dim(self.name, dim, len(inputs[0]))
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,) if any(self.shifts) else (tuple(Same(i) for i in range(len(output))),)

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0]) if any(self.shifts) else None

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        dims = tuple(d if d < 0 else d + 1 for d in self.dims)
        return Function(torch.roll, kwargs={"shifts": self.shifts, "dims": dims})


class ChannelShuffle(_Move):
    """ShuffleNet's exchange between `groups` of channels, torch.nn.ChannelShuffle."""

    name: ClassVar[str] = "channel_shuffle"

    groups: int = setting(positive)

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, _, _ = channels_first(self.name, inputs[0])
        if channels % self.groups:
            raise ShapeError(f"{channels} channels do not divide into {self.groups} groups")
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), Same(1), Same(2)),)

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ChannelShuffle(self.groups)


class PixelShuffle(_Move):
    """C*r*r×H×W to C×rH×rW, torch.nn.PixelShuffle."""

    name: ClassVar[str] = "pixel_shuffle"

    factor: int = setting(positive)

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        if c % self.factor**2:
            raise ShapeError(
                f"{c} channels are no multiple of {self.factor}*{self.factor} = {self.factor**2}"
            )
        return (c // self.factor**2, h * self.factor, w * self.factor)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        if self.factor > MAX_PHASES:
            return (None,)
        taps = ((0, 0),) * self.factor
        return ((New(), Taps(1, taps, 1), Taps(2, taps, 1)),)

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.PixelShuffle(self.factor)


class PixelUnshuffle(_Move):
    """C×rH×rW to C*r*r×H×W, torch.nn.PixelUnshuffle: space to depth."""

    name: ClassVar[str] = "pixel_unshuffle"

    factor: int = setting(positive)

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        if h % self.factor or w % self.factor:
            raise ShapeError(f"{h}x{w} pixels do not divide into {self.factor}x{self.factor}")
        return (c * self.factor**2, h // self.factor, w // self.factor)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        taps = ((0, self.factor - 1),)  # all channels of a place together
        return ((New(), Taps(1, taps, self.factor), Taps(2, taps, self.factor)),)

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.PixelUnshuffle(self.factor)


class WindowPartition(_Move):
    """H×W×C cut into windows of `window`×`window` tokens: (H/w * W/w)×w*w×C, Swin.

    Its receptive field is not tracked.
    """

    name: ClassVar[str] = "window_partition"

    window: int = setting(positive)

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 3:
            raise ShapeError(
                f"{self.name} needs height x width x channels, found {units.shape(inputs[0])}"
            )
        h, w, c = inputs[0]
        if h % self.window or w % self.window:
            raise ShapeError(
                f"{h}x{w} tokens do not divide into windows of {self.window}x{self.window}:"
                f" {h}/{self.window} = {h / self.window:.4g}",
                "pad the input to a multiple of the window",
            )
        return (h // self.window * (w // self.window), self.window**2, c)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view"  # of a map that is one window, a copy of others

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        n, h, w, c = inputs[0].shape
        return _swapped(
            inputs[0], (n, h // self.window, self.window, w // self.window, self.window, c), shape
        )

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.window_partition, kwargs={"window": self.window})


class WindowReverse(_Move):
    """Windows put back in place: (H/w * W/w)×w*w×C to H×W×C with `height` and `width` given,
    Swin.
    """

    name: ClassVar[str] = "window_reverse"

    height: int = setting(positive)
    width: int = setting(positive)

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 3:
            raise ShapeError(
                f"{self.name} needs windows x tokens x channels, found {units.shape(inputs[0])}"
            )
        windows, tokens, c = inputs[0]
        side = math.isqrt(tokens)
        if (
            side * side != tokens
            or windows * tokens != self.height * self.width
            or self.height % side
            or self.width % side
        ):
            raise ShapeError(
                f"{windows} windows of {tokens} tokens do not tile {self.height}x{self.width}"
            )
        return (self.height, self.width, c)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view"  # of a map that is one window, a copy of others

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        n, _, tokens, c = inputs[0].shape
        side = math.isqrt(tokens)
        return _swapped(
            inputs[0], (n, self.height // side, self.width // side, side, side, c), shape
        )

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.window_reverse, kwargs={"height": self.height, "width": self.width}
        )


def _swapped(source: Layout, split: tuple[int, ...], shape: tuple[int, ...]) -> Layout | None:
    """The view split so, its third and fourth dimensions swapped, joined to `shape`; None where
    that takes a copy.
    """
    first = viewed(source, split)
    return first and viewed(permuted(first, (0, 1, 3, 2, 4, 5)), shape)
