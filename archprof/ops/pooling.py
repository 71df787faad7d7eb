"""Pooling: max, average, and adaptive average."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.layout import Layout, like
from archprof.autograd.pooling import mean, pool
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops import sliding
from archprof.ops.answers import Cost, Saved, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading, Same, Taps
from archprof.ops.settings import boolean, optional, pair, pair_or_zero, setting
from archprof.ops.sliding_window import SlidingWindow


class _Pool(Op):
    """A window over each channel. Stride defaults to the kernel, as in torch."""

    family: ClassVar[Family] = "pooling"

    kernel: tuple[int, int] = setting(pair, about="Height and width of the window.")
    stride: tuple[int, int] | None = setting(
        optional(pair),
        None,
        about="How far the window moves from one output to the next; nothing: its own size.",
    )
    padding: tuple[int, int] = setting(
        pair_or_zero, (0, 0), about="Rows and columns added on each side, at most half the window."
    )
    ceil_mode: bool = setting(boolean, False, about="Rounds the output's size up instead of down.")

    def sliding_window(self) -> SlidingWindow:
        return SlidingWindow(self.kernel, self.stride or self.kernel, self.padding)

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0])
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
                    for dim, k, s, p, d in zip((1, 2), *self.sliding_window().sides(), strict=True)
                ),
            ),
        )

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        _, height, width = inputs[0]
        _, *out = self.output_shape(*inputs)
        return sliding.notes(
            (height, width), *self.sliding_window().sides(), (out[0], out[1]), self.ceil_mode
        )

    def _sizes(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {"channels": Working("C", {"C": inputs[0][0]})}
        for name, axis, n, k, s, p, d in zip(
            ("height", "width"), "HW", inputs[0][1:], *self.sliding_window().sides(), strict=True
        ):
            if self.ceil_mode:
                text = sliding.ceil_formula(n, k, s, p, d, axis)
            else:
                text = sliding.formula(d, axis)
            lines[name] = Working(text, {axis: n, "P": p, "K": k, "S": s, "D": d})
        lines["params"] = lines["macs"] = Working("0")
        return lines


class MaxPool2d(_Pool):
    """The largest element of each window, torch.nn.MaxPool2d: k*k - 1 comparisons per output.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """

    name: ClassVar[str] = "max_pool2d"

    dilation: tuple[int, int] = setting(
        pair, (1, 1), about="How far apart the taps of the window lie."
    )

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

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = dict(zip(("Kh", "Kw", "C", "Hout", "Wout"), (*self.kernel, *output), strict=True))
        return self._sizes(inputs, output) | {"flops": Working("(Kh*Kw - 1)*C*Hout*Wout", names)}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return pool(run, inputs[0], shape, indices=True)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.MaxPool2d(
            self.kernel,
            stride=self.sliding_window().stride,
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )


class AvgPool2d(_Pool):
    """The mean of each window, torch.nn.AvgPool2d: k*k per output.

    `count_include_pad: false` leaves the padding out of the mean.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
    """

    name: ClassVar[str] = "avg_pool2d"

    count_include_pad: bool = setting(boolean, True, about="Whether the mean counts the padding.")

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        flops = math.prod(self.kernel) * math.prod(output)
        return Cost(0, flops, lecture=flops)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = dict(zip(("Kh", "Kw", "C", "Hout", "Wout"), (*self.kernel, *output), strict=True))
        return self._sizes(inputs, output) | {"flops": Working("Kh*Kw*C*Hout*Wout", names)}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return pool(run, inputs[0], shape, indices=False)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.AvgPool2d(
            self.kernel,
            stride=self.sliding_window().stride,
            padding=self.padding,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
        )


class AdaptiveAvgPool2d(Op):
    """Average pooling to a given size, torch.nn.AdaptiveAvgPool2d; `size: 1` is global average
    pooling.

    Window i covers floor(i*N/M) … ceil((i+1)*N/M) - 1.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """

    name: ClassVar[str] = "adaptive_avg_pool2d"
    family: ClassVar[Family] = "pooling"

    size: tuple[int, int] = setting(
        pair, about="Height and width of the output; 1 is global average pooling."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, _, _ = channels_first(self.name, inputs[0])
        if max(self.size) > 4096:
            raise ShapeError(f"size {units.shape(self.size)}: at most 4096")
        return (channels, *self.size)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        covered = math.prod(
            sum(last - first + 1 for first, last in _bins(n, m))
            for n, m in zip(inputs[0][1:], self.size, strict=True)
        )
        # the lecture's k² per output is the same sum: each output's own window
        return Cost(
            0, inputs[0][0] * covered, fvcore=math.prod(inputs[0]), lecture=inputs[0][0] * covered
        )

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        # one window is the whole axis, whatever its size
        return (
            (
                Same(0),
                *(
                    New() if m == 1 else Taps(dim, _bins(n, m), n)
                    for dim, n, m in zip((1, 2), inputs[0][1:], self.size, strict=True)
                ),
            ),
        )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # torch computes a 1x1 output as a mean, which keeps only its sizes
        return () if self.size == (1, 1) else (Saved("input"),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        uneven = [f"{n}/{m}" for n, m in zip(inputs[0][1:], self.size, strict=True) if n % m]
        return (f"windows overlap: {uneven[0]} is no whole number",) if uneven else ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {
            name: Working(name[0].upper(), {name[0].upper(): n})
            for name, n in zip(("channels", "height", "width"), output, strict=True)
        }
        covered = [
            sum(last - first + 1 for first, last in _bins(n, m))
            for n, m in zip(inputs[0][1:], self.size, strict=True)
        ]
        lines["params"] = lines["macs"] = Working("0")
        lines["flops"] = Working(
            "C*Hread*Wread", {"C": inputs[0][0], "Hread": covered[0], "Wread": covered[1]}
        )
        return lines

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self.size == (1, 1):
            return mean(run, inputs[0], shape)
        return pool(run, inputs[0], shape, indices=False)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.AdaptiveAvgPool2d(self.size)


def _bins(size: int, bins: int) -> tuple[tuple[int, int], ...]:
    """Return first and last input index of each adaptive window, torch's rule."""
    return tuple((i * size // bins, -(-(i + 1) * size // bins) - 1) for i in range(bins))
