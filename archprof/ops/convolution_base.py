"""What all convolutions answer alike, along any number of axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.autograd.layout import Layout, like
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops import sliding
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.axes import AXES, kernel_values, kernels, output_values, outputs
from archprof.ops.base import Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.padded_window import PaddedWindow
from archprof.ops.reading import New, Reading
from archprof.ops.settings import axes_setting, boolean, positive, same_or_sides, setting, sides
from archprof.ops.sliding_window import Sides, SlidingWindow


class Convolution(PaddedWindow):
    """A convolution over as many axes as its subclass has; input channels are those that arrive."""

    family: ClassVar[Family] = "convolution"

    out: int = setting(positive, about="Channels of the output.")
    kernel: Sides = axes_setting(sides, about="{Axes} of the window.")
    stride: Sides = axes_setting(
        sides, 1, about="How far the window moves from one output to the next."
    )
    padding: Sides | Literal["same"] = axes_setting(
        same_or_sides,
        0,
        about="Zeros on each side, or before and behind each axis; `same` keeps the size and needs"
        " stride 1.",
    )
    dilation: Sides = axes_setting(sides, 1, about="How far apart the taps of the window lie.")
    groups: int = setting(
        positive,
        1,
        about="Groups of channels, each seen on its own; one for each channel is depthwise.",
    )
    bias: bool = setting(boolean, True, about="Whether each output channel has a learned bias.")

    counts_depth: ClassVar[bool] = True

    def sliding_window(self) -> SlidingWindow:
        return SlidingWindow(self.kernel, self.stride, self.pads(), self.dilation, self.groups)

    def pads(self) -> Sides:
        """Return what is padded before each axis: rows above, columns on the left."""
        if self.padding != "same":
            return self.padding
        return tuple(reach // 2 for reach in self._reach())

    def odd(self) -> Sides:
        """Return what is padded behind each axis beyond `pads`: 1 where `same` is uneven,
        otherwise 0.

        torch makes a copy of the input with them, then pads both sides evenly: aten's
        _convolution_same.
        """
        if self.padding != "same":
            return (0,) * self.rank
        return tuple(reach % 2 for reach in self._reach())

    def _reach(self) -> Sides:
        """Return the distance from the first to the last tap along each axis: all that `same`
        pads.
        """
        return tuple(d * (k - 1) for d, k in zip(self.dilation, self.kernel, strict=True))

    def _copied(self, shape: Shape) -> Shape | None:
        """Return the shape of the copy with an odd row or column that torch convolves in place
        of an input of `shape`; None where it makes none.
        """
        odd = self.odd()
        if not any(odd):
            return None
        size = shape[-self.rank :]
        return (*shape[: -self.rank], *(n + more for n, more in zip(size, odd, strict=True)))

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *size = channels_first(self.name, inputs[0], self.rank)
        for what, n in (("input channels", channels), ("out", self.out)):
            if n % self.groups:
                raise ShapeError(
                    f"{what} {n} is not a multiple of groups {self.groups}: {n}/{self.groups} ="
                    f" {n / self.groups:.4g}"
                )
        if self.padding == "same" and max(self.stride) > 1:
            raise ShapeError(
                f"padding `same` needs stride 1 in torch, found stride {units.shape(self.stride)}",
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
        added = elements if self.bias else 0
        return Cost(macs, 2 * macs + added, fvcore=self._fvcore(macs))

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
                    sliding.taps(dim, *along)
                    for dim, along in enumerate(self.sliding_window().by_axis(), 1)
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
        output = self.output_shape(*inputs)
        return sliding.notes(inputs[0][1:], *self.sliding_window().sides(), output[1:])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {"channels": Working("out", {"out": self.out})}
        for i, (axis, n) in enumerate(zip(AXES[self.rank], inputs[0][1:], strict=True)):
            before = self.pads()[i]
            after = before + self.odd()[i]
            padded = "2*P" if before == after else "P + Q"
            lines[axis.name] = Working(
                sliding.formula(self.dilation[i], axis.size, padded=padded),
                {
                    axis.size: n,
                    "P": before,
                    "Q": after,
                    "K": self.kernel[i],
                    "S": self.stride[i],
                    "D": self.dilation[i],
                },
            )
        values = {
            **kernel_values(self.kernel),
            "Cin": inputs[0][0],
            "Cout": output[0],
            "g": self.groups,
            **output_values(output[1:]),
        }
        window, places = kernels(self.rank), outputs(self.rank)
        arriving = "Cin" if self.groups == 1 else "(Cin/g)"
        params = f"({window}*{arriving} + 1)*Cout" if self.bias else f"{window}*{arriving}*Cout"
        macs = f"{window}*{arriving}*Cout*{places}"
        lines["params"] = Working(params, values)
        lines["macs"] = Working(macs, values)
        flops = f"2*{macs} + Cout*{places}" if self.bias else f"2*{macs}"
        lines["flops"] = Working(flops, values)
        return lines

    def _torch_padding(self) -> Sides | str:
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

    def _torch_settings(self) -> dict[str, Any]:
        """Return what torch's module takes by name."""
        return {
            "stride": self.stride,
            "padding": self._torch_padding(),
            "dilation": self.dilation,
            "groups": self.groups,
            "bias": self.bias,
        }

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        module = getattr(torch.nn, f"Conv{self.rank}d")
        return module(inputs[0][0], self.out, self.kernel, **self._torch_settings())
