"""Pooling by a window that slides: max and average."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout
from archprof.autograd.pooling import pool, pooled
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.column_functions import is_whole
from archprof.ops import sliding
from archprof.ops.answers import Cost, Saved, Working
from archprof.ops.axes import AXES, kernel_values, kernels, output_values, outputs
from archprof.ops.base import Fault, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.padded_window import PaddedWindow
from archprof.ops.reading import Reading, Same
from archprof.ops.settings import (
    axes_setting,
    boolean,
    optional_sides,
    setting,
    sides,
    sides_of_padding,
)
from archprof.ops.sliding_window import Sides, SlidingWindow


class _Pool(PaddedWindow):
    """A window over each channel, along as many axes as the subclass has.

    Stride defaults to the kernel, as in torch.
    """

    family: ClassVar[Family] = "pooling"

    kernel: Sides = axes_setting(sides, about="{Axes} of the window.")
    stride: Sides | None = axes_setting(
        optional_sides,
        None,
        about="How far the window moves from one output to the next; nothing: its own size.",
    )
    padding: Sides = axes_setting(
        sides_of_padding,
        0,
        about="How much is added on each side, at most half the window; or before and behind each"
        " axis.",
    )
    ceil_mode: bool = setting(boolean, False, about="Rounds the output's size up instead of down.")

    def sliding_window(self) -> SlidingWindow:
        stride, dilation = self.stride or self.kernel, (1,) * self.rank
        return SlidingWindow(self.kernel, stride, self.padding, dilation)

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0], self.rank)
        for k, p in zip(self.kernel, self.padding, strict=True):
            if 2 * p > k:
                raise ShapeError(
                    f"padding {p} is more than half of the kernel {k}",
                    "torch refuses it: a window could lie outside the input",
                )
        return (
            channels,
            *(
                sliding.output_size(n, k, s, p, d, self.ceil_mode)
                for n, k, s, p, d in zip(size, *self.sliding_window().sides(), strict=True)
            ),
        )

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        # the last window of ceil mode is cut off behind the padding
        return (
            (
                Same(0),
                *(
                    sliding.taps(dim, k, s, p, d)._replace(padding=p)
                    for dim, (k, s, p, d) in enumerate(self.sliding_window().by_axis(), 1)
                ),
            ),
        )

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return pooled(self.name, shape, inputs[0])

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        output = self.output_shape(*inputs)
        return sliding.notes(
            inputs[0][1:], *self.sliding_window().sides(), output[1:], self.ceil_mode
        )

    def _sizes(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {"channels": Working("C", {"C": inputs[0][0]})}
        windows = self.sliding_window().by_axis()
        for axis, n, (k, s, p, d) in zip(AXES[self.rank], inputs[0][1:], windows, strict=True):
            if self.ceil_mode:
                text = sliding.ceil_formula(n, k, s, p, d, axis.size)
            else:
                text = sliding.formula(d, axis.size)
            lines[axis.name] = Working(text, {axis.size: n, "P": p, "K": k, "S": s, "D": d})
        lines["params"] = lines["macs"] = Working("0")
        return lines

    def _values(self, output: Shape) -> dict[str, int]:
        """Return what a product over windows and outputs names."""
        return {**kernel_values(self.kernel), "C": output[0], **output_values(output[1:])}


class MaxPooling(_Pool):
    """The largest element of each window."""

    dilation: Sides = axes_setting(sides, 1, about="How far apart the taps of the window lie.")

    def _around(self) -> Mapping[str, Any]:
        return {"lowest": True}

    def sliding_window(self) -> SlidingWindow:
        return super().sliding_window()._replace(dilation=self.dilation)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        window = math.prod(self.kernel)
        return Cost(0, (window - 1) * math.prod(output), lecture=window * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input"), Saved("own", elements=math.prod(output), itemsize=8)  # int64 indices

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the indices, which torch finds in evaluation too
        return self._kept_beside(inputs, shape, itemsize)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        # without gradients torch has another kernel for a sequence, whose output is contiguous
        if self.rank == 1 and not training:
            return None
        return super().layout(inputs, shape, training)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        formula = f"({kernels(self.rank)} - 1)*C*{outputs(self.rank)}"
        return self._sizes(inputs, output) | {"flops": Working(formula, self._values(output))}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return pool(run, inputs[0], shape, indices=True, name=self.name)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        module = getattr(torch.nn, f"MaxPool{self.rank}d")
        return module(
            self.kernel,
            stride=self.sliding_window().stride,
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )


class MaxPool2d(MaxPooling):
    """The largest element of each window, torch.nn.MaxPool2d: k*k - 1 comparisons per output.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """

    name: ClassVar[str] = "max_pool2d"
    rank: ClassVar[int] = 2


class AvgPooling(_Pool):
    """The mean of each window."""

    count_include_pad: bool = setting(boolean, True, about="Whether the mean counts the padding.")

    @classmethod
    def conflicts(cls, values: dict[str, Any]) -> list[Fault]:
        padding = values.get("padding")
        by_side = isinstance(padding, (list, tuple)) and not all(map(is_whole, padding))
        if not by_side or values.get("count_include_pad") is not False:
            return []
        message = "`count_include_pad` is false, but the mean counts what is padded by side"
        return [Fault("count_include_pad", message, "pad both sides of an axis alike")]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        flops = math.prod(self.kernel) * math.prod(output)
        return Cost(0, flops, lecture=flops)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        formula = f"{kernels(self.rank)}*C*{outputs(self.rank)}"
        return self._sizes(inputs, output) | {"flops": Working(formula, self._values(output))}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return pool(run, inputs[0], shape, indices=False, name=self.name)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        module = getattr(torch.nn, f"AvgPool{self.rank}d")
        return module(
            self.kernel,
            stride=self.sliding_window().stride,
            padding=self.padding,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
        )


class AvgPool2d(AvgPooling):
    """The mean of each window, torch.nn.AvgPool2d: k*k per output.

    `count_include_pad: false` leaves the padding out of the mean.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
    """

    name: ClassVar[str] = "avg_pool2d"
    rank: ClassVar[int] = 2


class MaxPool1d(MaxPooling):
    """The largest element of each stretch of channels x length, torch.nn.MaxPool1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
    """

    name: ClassVar[str] = "max_pool1d"
    rank: ClassVar[int] = 1


class MaxPool3d(MaxPooling):
    """The largest element of each window of channels x depth x height x width, torch.nn.MaxPool3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
    """

    name: ClassVar[str] = "max_pool3d"
    rank: ClassVar[int] = 3


class AvgPool1d(AvgPooling):
    """The mean of each stretch of channels x length, torch.nn.AvgPool1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
    """

    name: ClassVar[str] = "avg_pool1d"
    rank: ClassVar[int] = 1


class AvgPool3d(AvgPooling):
    """The mean of each window of channels x depth x height x width, torch.nn.AvgPool3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
    """

    name: ClassVar[str] = "avg_pool3d"
    rank: ClassVar[int] = 3
