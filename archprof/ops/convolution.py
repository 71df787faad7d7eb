"""Convolutions: conv2d, table_conv2d, conv_transpose2d and scaled_std_conv2d."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from archprof.ops import sliding
from archprof.ops.base import (
    Cost,
    Family,
    New,
    Op,
    Reading,
    Saved,
    Shape,
    ShapeError,
    Weight,
    Working,
    channels_first,
)
from archprof.ops.layout import Layout, like
from archprof.ops.settings import (
    boolean,
    number,
    padding,
    pair,
    pair_or_zero,
    positive,
    setting,
    table,
)
from archprof.ops.window import Window


class Conv2d(Op):
    """2-D convolution, torch.nn.Conv2d; input channels are those that arrive.

    `padding: same` keeps the size at stride 1.

    Where a kernel is even, `same` pads one row or column more below or on the right than above or
    on the left.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    name: ClassVar[str] = "conv2d"
    family: ClassVar[Family] = "convolution"

    out: int = setting(positive)
    kernel: tuple[int, int] = setting(pair)
    stride: tuple[int, int] = setting(pair, (1, 1))
    padding: tuple[int, int] | Literal["same"] = setting(padding, (0, 0))
    dilation: tuple[int, int] = setting(pair, (1, 1))
    groups: int = setting(positive, 1)
    bias: bool = setting(boolean, True)

    counts_depth: ClassVar[bool] = True

    def sliding_window(self) -> Window:
        return Window(self.kernel, self.stride, self.pads(), self.dilation, self.groups)

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

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
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
        group = "" if self.groups == 1 else "//g"
        lines["params"] = Working(
            f"(Kh*Kw*Cin{group} + 1)*Cout" if self.bias else f"Kh*Kw*Cin{group}*Cout", names
        )
        lines["macs"] = Working(f"Kh*Kw*Cin{group}*Cout*Hout*Wout", names)
        lines["flops"] = Working(
            f"2*Kh*Kw*Cin{group}*Cout*Hout*Wout" + (" + Cout*Hout*Wout" if self.bias else ""), names
        )
        return lines

    def _torch_padding(self) -> tuple[int, int] | str:
        """Return the padding as torch takes it: in numbers, unless it is uneven."""
        return "same" if any(self.odd()) else self.pads()

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


class TableConv2d(Conv2d):
    """A convolution by a connection table: output n sees only the input channels `table[n]`, as C3
    of LeCun et al. 1998, Table I.

    Its weight has one kernel per connection, connections×1×K×K, in the order of the table.
    """

    name: ClassVar[str] = "table_conv2d"

    table: tuple[tuple[int, ...], ...] = setting(table)

    def sliding_window(self) -> Window:
        return super().sliding_window()._replace(groups=None)

    def _connections(self) -> int:
        return sum(map(len, self.table))

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, _, _ = channels_first(self.name, inputs[0])
        if len(self.table) != self.out:
            raise ShapeError(
                f"the table has {len(self.table)} rows for out {self.out}",
                "one row per output channel",
            )
        if self.groups != 1:
            raise ShapeError(
                f"groups {self.groups} beside a table", "the table says what is connected"
            )
        if (last := max(map(max, self.table))) >= channels:
            raise ShapeError(
                f"the table names channel {last}, the last of {channels} is {channels - 1}",
                "channels count from 0",
            )
        return super().output_shape(*inputs)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return super().weights(*inputs) | {"weight": Weight((self._connections(), 1, *self.kernel))}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        macs = self._connections() * math.prod((*self.kernel, *output[1:]))
        return Cost(macs, 2 * macs + self.bias * math.prod(output), fvcore=self._fvcore(macs))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the input channels in the order of the connections, and which they are
        convolved = self._copied(inputs[0]) or inputs[0]
        return (
            Saved("own", elements=self._connections() * math.prod(convolved[1:])),
            Saved(
                "own", elements=self._connections(), itemsize=8, per_sample=False, wanted_by=(0,)
            ),
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the input channels in the order of the connections, with their numbers or with a map for
        # each; the maps, summed by output and put together
        connections, output = self._connections(), math.prod(shape) * itemsize
        gathered = shape[0] * connections * math.prod(inputs[0].shape[2:]) * itemsize
        copy = self._copied((shape[0], connections, *inputs[0].shape[2:]))
        maps = shape[0] * connections * math.prod(shape[2:]) * itemsize
        convolving = maps + (math.prod(copy) * itemsize if copy else 0)
        return max(gathered + max(8 * connections, convolving), maps + 2 * output) - output

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return None

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {
            "Connections": self._connections(),
            "Kh": self.kernel[0],
            "Kw": self.kernel[1],
            "Cout": output[0],
            "Hout": output[1],
            "Wout": output[2],
        }
        bias = " + Cout" if self.bias else ""
        return super().working(inputs, output) | {
            "params": Working(f"Connections*Kh*Kw{bias}", names),
            "macs": Working("Connections*Kh*Kw*Hout*Wout", names),
            "flops": Working(f"2*Connections*Kh*Kw*Hout*Wout{bias and bias + '*Hout*Wout'}", names),
        }

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.TableConv2d(
            self.table,
            self.kernel,
            stride=self.stride,
            padding=self._torch_padding(),
            dilation=self.dilation,
            bias=self.bias,
        )


class ConvTranspose2d(Op):
    """2-D transposed convolution, torch.nn.ConvTranspose2d: (N - 1)S - 2P + D(K - 1) +
    output_padding + 1.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    name: ClassVar[str] = "conv_transpose2d"
    family: ClassVar[Family] = "convolution"

    out: int = setting(positive)
    kernel: tuple[int, int] = setting(pair)
    stride: tuple[int, int] = setting(pair, (1, 1))
    padding: tuple[int, int] = setting(pair_or_zero, (0, 0))
    output_padding: tuple[int, int] = setting(pair_or_zero, (0, 0))
    dilation: tuple[int, int] = setting(pair, (1, 1))
    groups: int = setting(positive, 1)
    bias: bool = setting(boolean, True)

    counts_depth: ClassVar[bool] = True

    def sliding_window(self) -> Window:
        return Window(
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

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
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
        lines["params"] = Working("Kh*Kw*Cin*Cout//g" + (" + Cout" if self.bias else ""), names)
        lines["macs"] = Working("Kh*Kw*Cin*Cout//g*Hin*Win", names)
        lines["flops"] = Working(
            "2*(Kh*Kw*Cin*Cout//g*Hin*Win)" + (" + Cout*Hout*Wout" if self.bias else ""), names
        )
        return lines

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


class ScaledStdConv2d(Conv2d):
    """Convolution whose filters are standardised to mean 0 and variance gain^2*gamma^2/fan_in:
    gain*gamma*(W - mean)/sqrt(fan_in*(var + eps)).

    Brock et al. 2021, arXiv 2101.08692, with timm's names: `gain` has one number per filter,
    `gamma` is the activation's own. In evaluation the standardised filters are constants, so that
    standardising them counts nothing.
    """

    name: ClassVar[str] = "scaled_std_conv2d"

    gamma: float = setting(number, 1.0)
    eps: float = setting(number, 1e-5)

    def output_shape(self, *inputs: Shape) -> Shape:
        result = super().output_shape(*inputs)
        if inputs[0][0] // self.groups * math.prod(self.kernel) == 1:
            raise ShapeError(
                "a filter of one weight cannot be standardised: its variance is 0",
                "fewer groups, a larger kernel, or a plain conv2d",
            )
        return result

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return super().weights(*inputs) | {"gain": Weight((self.out, 1, 1, 1))}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        cost = super().cost(inputs, output)
        # to fvcore the standardisation is a batch norm in training: 5 per element of the filters
        return cost._replace(
            fvcore=self._fvcore(cost.macs) + 5 * self.weights(*inputs)["weight"].elements
        )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # besides, once for all samples: the standardised filters; per filter their mean, their
        # deviation and gain*gamma/sqrt(fan_in)
        filters = Saved("own", elements=self.weights(*inputs)["weight"].elements, per_sample=False)
        statistic = Saved("own", elements=self.out, at_least=4, per_sample=False)
        return (
            *super().saved(inputs, output),
            filters,
            statistic,
            statistic,
            Saved("own", elements=self.out, per_sample=False),
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # gain*gamma/sqrt(fan_in) and the standardised filters; before there is an output, their
        # mean and deviation
        filters = self.weights(*(i.shape[1:] for i in inputs))["weight"].elements
        copy = super().inside(inputs, shape, itemsize)
        return (self.out + filters) * itemsize + max(
            copy, (2 * self.out - math.prod(shape)) * itemsize
        )

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = super().working(inputs, output)
        params = lines["params"]
        return lines | {"params": Working(f"{params.formula} + Cout", params.values)}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ScaledStdConv2d(
            inputs[0][0],
            self.out,
            self.kernel,
            stride=self.stride,
            padding=self._torch_padding(),
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
            gamma=self.gamma,
            eps=self.eps,
        )
