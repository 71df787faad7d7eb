"""Transposed convolution: conv_transpose2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, like
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops import sliding
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading
from archprof.ops.settings import (
    boolean,
    pair,
    pair_or_zero,
    positive,
    setting,
)
from archprof.ops.sliding_window import SlidingWindow


class ConvTranspose2d(Op):
    """2-D transposed convolution, torch.nn.ConvTranspose2d: (N - 1)S - 2P + D(K - 1) +
    output_padding + 1.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    name: ClassVar[str] = "conv_transpose2d"
    family: ClassVar[Family] = "convolution"

    out: int = setting(positive, about="Channels of the output.")
    kernel: tuple[int, int] = setting(pair, about="Height and width of the window.")
    stride: tuple[int, int] = setting(
        pair, (1, 1), about="How far apart in the output the windows of neighbouring inputs lie."
    )
    padding: tuple[int, int] = setting(
        pair_or_zero, (0, 0), about="Rows and columns cut off the output on each side."
    )
    output_padding: tuple[int, int] = setting(
        pair_or_zero,
        (0, 0),
        about="Rows and columns added to the output at one side, less than the stride.",
    )
    dilation: tuple[int, int] = setting(
        pair, (1, 1), about="How far apart the taps of the window lie."
    )
    groups: int = setting(positive, 1, about="Groups of channels, each seen on its own.")
    bias: bool = setting(boolean, True, about="Whether each output channel has a learned bias.")

    counts_depth: ClassVar[bool] = True

    def sliding_window(self) -> SlidingWindow:
        return SlidingWindow(
            self.kernel, self.stride, self.padding, self.dilation, self.groups, transposed=True
        )

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0])
        for what, channels_of in (("input channels", channels), ("out", self.out)):
            if channels_of % self.groups:
                raise ShapeError(f"{what} {channels_of} is not a multiple of groups {self.groups}")
        result = []
        for n, k, s, p, extra, d in zip(
            size,
            self.kernel,
            self.stride,
            self.padding,
            self.output_padding,
            self.dilation,
            strict=True,
        ):
            if extra >= max(s, d):
                raise ShapeError(
                    f"output_padding {extra} must be smaller than the stride {s} or the"
                    f" dilation {d}"
                )
            out = (n - 1) * s - 2 * p + d * (k - 1) + extra + 1
            if out < 1:
                raise ShapeError(
                    f"({n} - 1)*{s} - 2*{p} + {d}*({k} - 1) + {extra} + 1 = {out}: nothing is left",
                    "less padding",
                )
            result.append(out)
        return (self.out, *result)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        result = {"weight": Weight((inputs[0][0], self.out // self.groups, *self.kernel))}
        if self.bias:
            result["bias"] = Weight((self.out,))
        return result

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        macs = math.prod(inputs[0]) * (self.out // self.groups) * math.prod(self.kernel)
        return Cost(macs, 2 * macs + self.bias * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        height, width = (
            sliding.transposed_taps(dim, k, s, p, d)
            for dim, k, s, p, d in zip((1, 2), *self.sliding_window().sides(), strict=True)
        )
        return ((New(), height, width) if height and width else None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        channels, height, width = inputs[0]
        lines = {"channels": Working("out", {"out": self.out})}
        for i, (name, axis, n) in enumerate((("height", "H", height), ("width", "W", width))):
            lines[name] = Working(
                f"({axis} - 1)*S - 2*P + D*(K - 1) + E + 1",
                {
                    axis: n,
                    "S": self.stride[i],
                    "P": self.padding[i],
                    "D": self.dilation[i],
                    "K": self.kernel[i],
                    "E": self.output_padding[i],
                },
            )
        names = {
            "Kh": self.kernel[0],
            "Kw": self.kernel[1],
            "Cin": channels,
            "Cout": self.out,
            "g": self.groups,
            "Hin": height,
            "Win": width,
            "Hout": output[1],
            "Wout": output[2],
        }
        given = "Cout" if self.groups == 1 else "(Cout/g)"
        lines["params"] = Working(f"Kh*Kw*Cin*{given}" + (" + Cout" if self.bias else ""), names)
        lines["macs"] = Working(f"Kh*Kw*Cin*{given}*Hin*Win", names)
        lines["flops"] = Working(
            f"2*Kh*Kw*Cin*{given}*Hin*Win" + (" + Cout*Hout*Wout" if self.bias else ""), names
        )
        return lines

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, bias = weights["weight"], weights.get("bias")
        return convolution(run, inputs[0], weight, bias, shape, transposed=True)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ConvTranspose2d(
            inputs[0][0],
            self.out,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            groups=self.groups,
            bias=self.bias,
            dilation=self.dilation,
        )
