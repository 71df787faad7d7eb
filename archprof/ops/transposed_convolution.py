"""Transposed convolution: conv_transpose2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, contiguous, like
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops import sliding
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.axes import (
    AXES,
    arriving,
    input_values,
    kernel_values,
    kernels,
    output_values,
    outputs,
)
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.reading import New, Reading, Taps
from archprof.ops.settings import axes_setting, boolean, positive, setting, sides, sides_or_zero
from archprof.ops.sliding_window import Sides, SlidingWindow


class TransposedConvolution(Op):
    """A transposed convolution over as many axes as its subclass has."""

    family: ClassVar[Family] = "convolution"

    out: int = setting(positive, about="Channels of the output.")
    kernel: Sides = axes_setting(sides, about="{Axes} of the window.")
    stride: Sides = axes_setting(
        sides, 1, about="How far apart in the output the windows of neighbouring inputs lie."
    )
    padding: Sides = axes_setting(
        sides_or_zero, 0, about="How much is cut off the output on each side of an axis."
    )
    output_padding: Sides = axes_setting(
        sides_or_zero,
        0,
        about="How much is added to the output at the end of an axis, less than the stride.",
    )
    dilation: Sides = axes_setting(sides, 1, about="How far apart the taps of the window lie.")
    groups: int = setting(positive, 1, about="Groups of channels, each seen on its own.")
    bias: bool = setting(boolean, True, about="Whether each output channel has a learned bias.")

    counts_depth: ClassVar[bool] = True

    def sliding_window(self) -> SlidingWindow:
        return SlidingWindow(
            self.kernel, self.stride, self.padding, self.dilation, self.groups, transposed=True
        )

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0], self.rank)
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
        added = math.prod(output) if self.bias else 0
        return Cost(macs, 2 * macs + added)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        read: list[Taps] = []
        for dim, along in enumerate(self.sliding_window().by_axis(), 1):
            taps = sliding.transposed_taps(dim, *along)
            if taps is None:
                return (None,)
            read.append(taps)
        return ((New(), *read),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return contiguous(shape) if self._is_plain() else like(shape, inputs[0])

    def _is_plain(self) -> bool:
        """Return whether only torch's own kernel takes it, which knows no channels-last volumes:
        oneDNN takes no output_padding as large as the stride.
        """
        sides = zip(self.output_padding, self.stride, strict=True)
        return self.rank == 3 and any(extra >= s for extra, s in sides)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {"channels": Working("out", {"out": self.out})}
        for i, (axis, n) in enumerate(zip(AXES[self.rank], inputs[0][1:], strict=True)):
            lines[axis.name] = Working(
                f"({axis.size} - 1)*S - 2*P + D*(K - 1) + E + 1",
                {
                    axis.size: n,
                    "S": self.stride[i],
                    "P": self.padding[i],
                    "D": self.dilation[i],
                    "K": self.kernel[i],
                    "E": self.output_padding[i],
                },
            )
        values = {
            **kernel_values(self.kernel),
            "Cin": inputs[0][0],
            "Cout": self.out,
            "g": self.groups,
            **input_values(inputs[0][1:]),
            **output_values(output[1:]),
        }
        given = "Cout" if self.groups == 1 else "(Cout/g)"
        params = f"{kernels(self.rank)}*Cin*{given}"
        macs = f"{params}*{arriving(self.rank)}"
        lines["params"] = Working(params + (" + Cout" if self.bias else ""), values)
        lines["macs"] = Working(macs, values)
        added = f" + Cout*{outputs(self.rank)}" if self.bias else ""
        lines["flops"] = Working(f"2*{macs}{added}", values)
        return lines

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, bias = weights["weight"], weights.get("bias")
        return convolution(
            run, inputs[0], weight, bias, shape, transposed=True, plain=self._is_plain()
        )

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        module = getattr(torch.nn, f"ConvTranspose{self.rank}d")
        return module(
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


class ConvTranspose2d(TransposedConvolution):
    """2-D transposed convolution, torch.nn.ConvTranspose2d: (N - 1)S - 2P + D(K - 1) +
    output_padding + 1.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    name: ClassVar[str] = "conv_transpose2d"
    rank: ClassVar[int] = 2


class ConvTranspose1d(TransposedConvolution):
    """1-D transposed convolution, torch.nn.ConvTranspose1d; settings as conv_transpose2d's.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
    """

    name: ClassVar[str] = "conv_transpose1d"
    rank: ClassVar[int] = 1


class ConvTranspose3d(TransposedConvolution):
    """3-D transposed convolution, torch.nn.ConvTranspose3d; settings as conv_transpose2d's.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
    """

    name: ClassVar[str] = "conv_transpose3d"
    rank: ClassVar[int] = 3
