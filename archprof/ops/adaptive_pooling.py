"""Pooling to a given size: adaptive average and adaptive max."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof import units
from archprof.autograd.layout import Layout
from archprof.autograd.pooling import mean, pool, pooled
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Working
from archprof.ops.axes import AXES, output_values, outputs
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
        return pooled(self.name, shape, inputs[0])

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        uneven = [f"{n}/{m}" for n, m in self._sides(inputs) if n % m]
        return (f"windows overlap: {uneven[0]} is not a whole number",) if uneven else ()

    def _read_elements(self, inputs: tuple[Shape, ...]) -> tuple[str, dict[str, int]]:
        """Return the elements under all windows as a formula, with its numbers."""
        names = ("C", *(f"{axis.letter}read" for axis in AXES[self.rank]))
        return "*".join(names), dict(
            zip(names, (inputs[0][0], *self._covered(inputs)), strict=True)
        )

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
        # and fvcore knows the op for images alone
        return Cost(0, flops, fvcore=math.prod(inputs[0]) if self.rank == 2 else 0, lecture=flops)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # torch computes the mean of all as a mean, which keeps only its sizes
        return () if self._is_global() else (Saved("input"),)

    def _is_global(self) -> bool:
        """Return whether one mean is taken over all axes."""
        return max(self.size) == 1

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return self._sizes(output) | {"flops": Working(*self._read_elements(inputs))}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if self._is_global():
            return mean(run, inputs[0], shape)
        return pool(run, inputs[0], shape, indices=False, name=self.name)

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


class AdaptiveAvgPool1d(AdaptiveAvgPooling):
    """Average pooling of channels x length to a given size, torch.nn.AdaptiveAvgPool1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
    """

    name: ClassVar[str] = "adaptive_avg_pool1d"
    rank: ClassVar[int] = 1


class AdaptiveAvgPool3d(AdaptiveAvgPooling):
    """Average pooling of channels x depth x height x width to a given size,
    torch.nn.AdaptiveAvgPool3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
    """

    name: ClassVar[str] = "adaptive_avg_pool3d"
    rank: ClassVar[int] = 3


class AdaptiveMaxPooling(AdaptivePooling):
    """The largest element of each window: one comparison less than it has elements."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        covered = inputs[0][0] * math.prod(self._covered(inputs))
        return Cost(0, covered - math.prod(output), fvcore=0, lecture=covered)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input"), Saved("own", elements=math.prod(output), itemsize=8)  # int64 indices

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the indices, which torch finds in evaluation too
        return self._kept_beside(inputs, shape, itemsize)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        formula, values = self._read_elements(inputs)
        places = outputs(self.rank)
        flops = Working(f"{formula} - C*{places}", {**values, **output_values(output[1:])})
        return self._sizes(output) | {"flops": flops}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return pool(run, inputs[0], shape, indices=True, name=self.name)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return getattr(torch.nn, f"AdaptiveMaxPool{self.rank}d")(self.size)


class AdaptiveMaxPool1d(AdaptiveMaxPooling):
    """Max pooling of channels x length to a given size, torch.nn.AdaptiveMaxPool1d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
    """

    name: ClassVar[str] = "adaptive_max_pool1d"
    rank: ClassVar[int] = 1


class AdaptiveMaxPool2d(AdaptiveMaxPooling):
    """Max pooling to a given size, torch.nn.AdaptiveMaxPool2d; `size: 1` is global max pooling.

    The windows are those of adaptive_avg_pool2d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
    """

    name: ClassVar[str] = "adaptive_max_pool2d"
    rank: ClassVar[int] = 2


class AdaptiveMaxPool3d(AdaptiveMaxPooling):
    """Max pooling of channels x depth x height x width to a given size,
    torch.nn.AdaptiveMaxPool3d.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
    """

    name: ClassVar[str] = "adaptive_max_pool3d"
    rank: ClassVar[int] = 3


def _bins(size: int, bins: int) -> tuple[tuple[int, int], ...]:
    """Return first and last input index of each adaptive window, torch's rule."""
    return tuple((i * size // bins, -(-(i + 1) * size // bins) - 1) for i in range(bins))
