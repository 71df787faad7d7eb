"""Resizing by interpolation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout, like
from archprof.autograd.pooling import interpolate
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Working, product
from archprof.ops.base import Op, Shape
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.rates import RATES
from archprof.ops.reading import Reading, Same, Taps
from archprof.ops.settings import choice, pair, setting
from archprof.ops.sliding import MAX_PHASES


class Interpolate(Op):
    """Upsampling by a whole `factor`, torch.nn.Upsample; `mode` nearest or bilinear (align_corners
    false).

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
    """

    name: ClassVar[str] = "interpolate"
    family: ClassVar[Family] = "resize"

    factor: tuple[int, int] = setting(pair, about="How many times higher and wider.")
    mode: Literal["nearest", "bilinear"] = setting(
        choice("nearest", "bilinear"),
        "nearest",
        about="nearest copies the nearest pixel, bilinear weighs the four around.",
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        c, h, w = channels_first(self.name, inputs[0])
        return (c, h * self.factor[0], w * self.factor[1])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        elements = math.prod(output)
        return Cost(
            0,
            RATES[f"interpolate_{self.mode}"] * elements,
            fvcore=elements * (4 if self.mode == "bilinear" else 1),
        )

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        if max(self.factor) > MAX_PHASES:
            return (None,)
        return ((Same(0), self._taps(1, self.factor[0]), self._taps(2, self.factor[1])),)

    def _taps(self, dim: int, factor: int) -> Taps:
        if self.mode == "nearest":
            return Taps(dim, ((0, 0),) * factor, 1)
        # output o lies at (2o + 1 - factor)/(2 factor) between its two neighbours, of which an edge
        # has but one; exactly on one where that is whole
        places = [(2 * o + 1 - factor, 2 * factor) for o in range(factor)]
        return Taps(dim, tuple((p // q, -(-p // q)) for p, q in places), 1, padding=0)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"H": inputs[0][1], "W": inputs[0][2], "Fh": self.factor[0], "Fw": self.factor[1]}
        rate = RATES[f"interpolate_{self.mode}"]
        return {
            "height": Working("H*Fh", names),
            "width": Working("W*Fw", names),
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"{rate}*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return interpolate(run, inputs[0], shape, self.mode)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Upsample(scale_factor=self.factor, mode=self.mode)
