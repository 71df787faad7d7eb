"""Swin's windows of tokens: window_partition cuts them, window_reverse puts them back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.autograd.layout import Layout, permuted, viewed
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import permute, view
from archprof.ops.answers import Function
from archprof.ops.base import Shape, ShapeError
from archprof.ops.reading import Reading
from archprof.ops.reshape import Move
from archprof.ops.settings import positive, setting


class WindowPartition(Move):
    """H×W×C cut into windows of `window`×`window` tokens: (H/w * W/w)×w*w×C, Swin.

    Its receptive field is not tracked.
    """

    name: ClassVar[str] = "window_partition"

    window: int = setting(positive, about="Height and width of a window, in tokens.")

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

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"  # of a map that is one window, a copy of others

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        n, h, w, c = inputs[0].shape
        return _swapped(
            inputs[0], (n, h // self.window, self.window, w // self.window, self.window, c), shape
        )

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        samples, height, width, channels = inputs[0].shape
        side = self.window
        split = (samples, height // side, side, width // side, side, channels)
        windows = permute(run, view(run, inputs[0], split), (0, 1, 3, 2, 4, 5))
        return view(run, windows, shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.window_partition, kwargs={"window": self.window})


class WindowReverse(Move):
    """Windows put back in place: (H/w * W/w)×w*w×C to H×W×C with `height` and `width` given,
    Swin.
    """

    name: ClassVar[str] = "window_reverse"

    height: int = setting(positive, about="Height of the map, in tokens.")
    width: int = setting(positive, about="Width of the map, in tokens.")

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

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"  # of a map that is one window, a copy of others

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        n, _, tokens, c = inputs[0].shape
        side = math.isqrt(tokens)
        return _swapped(
            inputs[0], (n, self.height // side, self.width // side, side, side, c), shape
        )

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        samples, _, tokens, channels = inputs[0].shape
        side = math.isqrt(tokens)
        split = (samples, self.height // side, self.width // side, side, side, channels)
        windows = permute(run, view(run, inputs[0], split), (0, 1, 3, 2, 4, 5))
        return view(run, windows, shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.window_reverse, kwargs={"height": self.height, "width": self.width}
        )


def _swapped(source: Layout, split: tuple[int, ...], shape: tuple[int, ...]) -> Layout | None:
    """Return the view split so, its third and fourth dimensions swapped, joined to `shape`; None
    where that takes a copy.
    """
    first = viewed(source, split)
    return first and viewed(permuted(first, (0, 1, 3, 2, 4, 5)), shape)
