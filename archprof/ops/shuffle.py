"""Ops that change the order of elements: roll, channel_shuffle, pixel_shuffle, pixel_unshuffle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, like
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import moved, roll
from archprof.ops.answers import Function
from archprof.ops.base import Shape, ShapeError
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading, Same, Taps
from archprof.ops.reshape import Move, dimension
from archprof.ops.settings import integers, positive, setting
from archprof.ops.sliding import MAX_PHASES


class Roll(Move):
    """A cyclic shift along `dims` (batch not counted), torch.roll: Swin's shifted windows.

    Elements wrap around.
    """

    name: ClassVar[str] = "roll"

    shifts: tuple[int, ...] = setting(integers, about="How far it moves along each of `dims`.")
    dims: tuple[int, ...] = setting(
        integers, about="The dimensions it moves along, the batch not counted."
    )

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(self.shifts) != len(self.dims):
            raise ShapeError(f"{len(self.shifts)} shifts for {len(self.dims)} dims")
        for dim in self.dims:
            dimension(self.name, dim, len(inputs[0]))
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,) if any(self.shifts) else (tuple(Same(i) for i in range(len(output))),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0]) if any(self.shifts) else None

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return roll(run, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        dims = tuple(d if d < 0 else d + 1 for d in self.dims)
        return Function(torch.roll, kwargs={"shifts": self.shifts, "dims": dims})


class Shuffle(Move):
    """What moves elements of channels and pixels into a new tensor, in the memory format of its
    input; the gradient is moved back in its own.
    """

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return moved(run, inputs[0], self.name, like(shape, inputs[0].layout))


class ChannelShuffle(Shuffle):
    """ShuffleNet's exchange between `groups` of channels, torch.nn.ChannelShuffle."""

    name: ClassVar[str] = "channel_shuffle"

    groups: int = setting(positive, about="Channels are dealt out in so many groups.")

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, _, _ = channels_first(self.name, inputs[0])
        if channels % self.groups:
            raise ShapeError(f"{channels} channels do not divide into {self.groups} groups")
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), Same(1), Same(2)),)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ChannelShuffle(self.groups)


class PixelShuffle(Shuffle):
    """C*r*r×H×W to C×rH×rW, torch.nn.PixelShuffle."""

    name: ClassVar[str] = "pixel_shuffle"

    factor: int = setting(
        positive, about="How many times higher and wider; the channels become fewer by its square."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        if c % self.factor**2:
            raise ShapeError(
                f"{c} channels are not a multiple of {self.factor}*{self.factor} = {self.factor**2}"
            )
        return (c // self.factor**2, h * self.factor, w * self.factor)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        if self.factor > MAX_PHASES:
            return (None,)
        taps = ((0, 0),) * self.factor
        return ((New(), Taps(1, taps, 1), Taps(2, taps, 1)),)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.PixelShuffle(self.factor)


class PixelUnshuffle(Shuffle):
    """C×rH×rW to C*r*r×H×W, torch.nn.PixelUnshuffle: space to depth."""

    name: ClassVar[str] = "pixel_unshuffle"

    factor: int = setting(
        positive, about="How many times lower and narrower; the channels become more by its square."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        if h % self.factor or w % self.factor:
            raise ShapeError(f"{h}x{w} pixels do not divide into {self.factor}x{self.factor}")
        return (c * self.factor**2, h // self.factor, w // self.factor)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        taps = ((0, self.factor - 1),)  # all channels of a place together
        return ((New(), Taps(1, taps, self.factor), Taps(2, taps, self.factor)),)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.PixelUnshuffle(self.factor)
