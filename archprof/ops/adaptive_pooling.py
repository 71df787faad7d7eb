"""Pooling to a given size: adaptive average and adaptive max."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.layout import Layout, like
from archprof.autograd.pooling import mean, pool
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Working
from archprof.ops.axes import AXES
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading, Same, Taps
from archprof.ops.settings import axes_setting, sides
from archprof.ops.sliding_window import Sides


class AdaptivePooling(Op):
    """A pooling whose windows follow from the output's size, along as many axes as the subclass
    has.
    """

    family: ClassVar[Family] = "pooling"

    size: Sides = axes_setting(sides, about="{Axes} of the output; 1 is global pooling.")

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *_ = channels_first(self.name, inputs[0], self.rank)
        if max(self.size) > 4096:
            raise ShapeError(f"size {units.shape(self.size)}: at most 4096")
        return (channels, *self.size)

    def _sides(self, inputs: tuple[Shape, ...]) -> list[tuple[int, int]]:
        """Return how many units arrive along each axis, and how many are given."""
        return list(zip(inputs[0][1:], self.size, strict=True))

    def _covered(self, inputs: tuple[Shape, ...]) -> list[int]:
        """Return for each axis the units under all windows, those under two counted twice."""
        return [
            sum(last - first + 1 for first, last in _bins(n, m)) for n, m in self._sides(inputs)
        ]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        # one window is the whole axis, whatever its size
        windows = (
            New() if m == 1 else Taps(dim, _bins(n, m), n)
            for dim, (n, m) in enumerate(self._sides(inputs), 1)
        )
        return ((Same(0), *windows),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        uneven = [f"{n}/{m}" for n, m in self._sides(inputs) if n % m]
        return (f"windows overlap: {uneven[0]} is no whole number",) if uneven else ()

    def _sizes(self, output: Shape) -> dict[str, Working]:
        """Return the working of the output's shape, and of what these ops have none of."""
        lines = {"channels": Working("C", {"C": output[0]})}
        for axis, n in zip(AXES[self.rank], output[1:], strict=True):
            lines[axis.name] = Working(axis.letter, {axis.letter: n})
        lines["params"] = lines["macs"] = Working("0")
        return lines


class AdaptiveAvgPooling(AdaptivePooling):
    """The mean of each window."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        flops = inputs[0][0] * math.prod(self._covered(inputs))
        # the lecture's k² per output is the same sum: each output's own window
        return Cost(0, flops, fvcore=math.prod(inputs[0]), lecture=flops)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # torch computes the mean of all as a mean, which keeps only its sizes
        return () if self._is_global() else (Saved("input"),)

    def _is_global(self) -> bool:
        """Return whether one mean is taken over all axes."""
        return max(self.size) == 1

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        read = [f"{axis.letter}read" for axis in AXES[self.rank]]
        values = dict(zip(read, self._covered(inputs), strict=True))
        formula = "*".join(("C", *read))
        return self._sizes(output) | {"flops": Working(formula, {"C": inputs[0][0], **values})}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self._is_global():
            return mean(run, inputs[0], shape)
        return pool(run, inputs[0], shape, indices=False)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return getattr(torch.nn, f"AdaptiveAvgPool{self.rank}d")(self.size)


class AdaptiveAvgPool2d(AdaptiveAvgPooling):
    """Average pooling to a given size, torch.nn.AdaptiveAvgPool2d; `size: 1` is global average
    pooling.

    Window i covers floor(i*N/M) … ceil((i+1)*N/M) - 1.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """

    name: ClassVar[str] = "adaptive_avg_pool2d"
    rank: ClassVar[int] = 2


def _bins(size: int, bins: int) -> tuple[tuple[int, int], ...]:
    """Return first and last input index of each adaptive window, torch's rule."""
    return tuple((i * size // bins, -(-(i + 1) * size // bins) - 1) for i in range(bins))
