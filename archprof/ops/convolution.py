"""Convolutions: conv2d, table_conv2d, conv_transpose2d and scaled_std_conv2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

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
    padding,
    pair,
    positive,
    setting,
)
from archprof.ops.sliding_window import SlidingWindow


class Conv2d(Op):
    """2-D convolution, torch.nn.Conv2d; input channels are those that arrive.

    `padding: same` keeps the size at stride 1.

    Where a kernel is even, `same` pads one row or column more below or on the right than above or
    on the left.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    name: ClassVar[str] = "conv2d"
    family: ClassVar[Family] = "convolution"

    out: int = setting(positive, about="Channels of the output.")
    kernel: tuple[int, int] = setting(pair, about="Height and width of the window.")
    stride: tuple[int, int] = setting(
        pair, (1, 1), about="How far the window moves from one output to the next."
    )
    padding: tuple[int, int] | Literal["same"] = setting(
        padding, (0, 0), about="Zeros on each side; `same` keeps the size and needs stride 1."
    )
    dilation: tuple[int, int] = setting(
        pair, (1, 1), about="How far apart the taps of the window lie."
    )
    groups: int = setting(
        positive,
        1,
        about="Groups of channels, each seen on its own; one for each channel is depthwise.",
    )
    bias: bool = setting(boolean, True, about="Whether each output channel has a learned bias.")

    counts_depth: ClassVar[bool] = True

    def sliding_window(self) -> SlidingWindow:
        return SlidingWindow(self.kernel, self.stride, self.pads(), self.dilation, self.groups)

    def pads(self) -> tuple[int, int]:
        """Return the rows padded above and the columns padded on the left."""
        if self.padding != "same":
            return self.padding
        rows, columns = self._reach()
        return rows // 2, columns // 2

    def odd(self) -> tuple[int, int]:
        """Return the rows padded below and the columns padded on the right beyond `pads`: 1 where
        `same` is uneven, otherwise 0.

        torch makes a copy of the input with them, then pads both sides evenly: aten's
        _convolution_same.
        """
        if self.padding != "same":
            return 0, 0
        rows, columns = self._reach()
        return rows % 2, columns % 2

    def _reach(self) -> tuple[int, int]:
        """Return the distance from the first to the last tap along each axis: all that `same`
        pads.
        """
        return self.dilation[0] * (self.kernel[0] - 1), self.dilation[1] * (self.kernel[1] - 1)

    def _copied(self, shape: Shape) -> Shape | None:
        """Return the shape of the copy with an odd row or column that torch convolves in place
        of an input of `shape`; None where it makes none.
        """
        rows, columns = self.odd()
        return (*shape[:-2], shape[-2] + rows, shape[-1] + columns) if rows or columns else None

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0])
        for what, n in (("input channels", channels), ("out", self.out)):
            if n % self.groups:
                raise ShapeError(
                    f"{what} {n} is not a multiple of groups {self.groups}: {n}/{self.groups} ="
                    f" {n / self.groups:.4g}"
                )
        if self.padding == "same" and self.stride != (1, 1):
            raise ShapeError(
                "padding `same` needs stride 1 in torch, found stride"
                f" {self.stride[0]}x{self.stride[1]}",
                "TensorFlow's `same` with a stride is a `pad_same` layer of the same kernel and"
                " stride before it; or give the padding in numbers",
            )
        return (
            self.out,
            *(
                sliding.output_size(n + odd, k, s, p, d)
                for n, odd, k, s, p, d in zip(
                    size, self.odd(), *self.sliding_window().sides(), strict=True
                )
            ),
        )

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        result = {"weight": Weight((self.out, inputs[0][0] // self.groups, *self.kernel))}
        if self.bias:
            result["bias"] = Weight((self.out,))
        return result

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        elements = math.prod(output)
        macs = elements * (inputs[0][0] // self.groups) * math.prod(self.kernel)
        return Cost(macs, 2 * macs + self.bias * elements, fvcore=self._fvcore(macs))

    def _fvcore(self, macs: int) -> int:
        """Return what fvcore counts: nothing where torch gets its padding as a word, because it
        knows no aten::_convolution_mode.
        """
        return 0 if any(self.odd()) else macs

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (
            (
                New(),
                *(
                    sliding.taps(dim, k, s, p, d)
                    for dim, k, s, p, d in zip((1, 2), *self.sliding_window().sides(), strict=True)
                ),
            ),
        )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        copy = self._copied(inputs[0])
        return (Saved("own", elements=math.prod(copy)) if copy else Saved("input"),)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        copy = self._copied(inputs[0].shape)
        return math.prod(copy) * itemsize if copy else 0

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        _, height, width = inputs[0]
        _, *out = self.output_shape(*inputs)
        return sliding.notes((height, width), *self.sliding_window().sides(), (out[0], out[1]))

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        channels, height, width = inputs[0]
        c_out, h_out, w_out = output
        lines = {"channels": Working("out", {"out": self.out})}
        for i, (name, axis, n) in enumerate((("height", "H", height), ("width", "W", width))):
            before = self.pads()[i]
            after = before + self.odd()[i]
            formula = sliding.formula(
                self.dilation[i], axis, padded="2*P" if before == after else "P + Q"
            )
            lines[name] = Working(
                formula,
                {
                    axis: n,
                    "P": before,
                    "Q": after,
                    "K": self.kernel[i],
                    "S": self.stride[i],
                    "D": self.dilation[i],
                },
            )
        names = {
            "Kh": self.kernel[0],
            "Kw": self.kernel[1],
            "Cin": channels,
            "Cout": c_out,
            "g": self.groups,
            "Hout": h_out,
            "Wout": w_out,
        }
        arriving = "Cin" if self.groups == 1 else "(Cin/g)"
        lines["params"] = Working(
            f"(Kh*Kw*{arriving} + 1)*Cout" if self.bias else f"Kh*Kw*{arriving}*Cout", names
        )
        lines["macs"] = Working(f"Kh*Kw*{arriving}*Cout*Hout*Wout", names)
        lines["flops"] = Working(
            f"2*Kh*Kw*{arriving}*Cout*Hout*Wout" + (" + Cout*Hout*Wout" if self.bias else ""), names
        )
        return lines

    def _torch_padding(self) -> tuple[int, int] | str:
        """Return the padding as torch takes it: in numbers, unless it is uneven."""
        return "same" if any(self.odd()) else self.pads()

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, bias = weights["weight"], weights.get("bias")
        padded = self._copied(inputs[0].shape)
        return convolution(run, inputs[0], weight, bias, shape, padded=padded)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Conv2d(
            inputs[0][0],
            self.out,
            self.kernel,
            stride=self.stride,
            padding=self._torch_padding(),
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )
