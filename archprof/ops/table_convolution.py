"""Convolution by a connection table: table_conv2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout
from archprof.autograd.pointwise import add
from archprof.autograd.pooling import summed_over_channels
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import gathered, parted, stack, view
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.base import Shape, ShapeError
from archprof.ops.convolution_base import Convolution
from archprof.ops.inputs import channels_first
from archprof.ops.settings import (
    setting,
    table,
)
from archprof.ops.sliding_window import SlidingWindow


class TableConv2d(Convolution):
    """A convolution by a connection table: output n sees only the input channels `table[n]`, as C3
    of LeCun et al. 1998, Table I.

    Its weight has one kernel per connection, connections×1×K×K, in the order of the table; beside
    it, outside the state dict, a buffer of the connections' input channels.
    """

    name: ClassVar[str] = "table_conv2d"
    rank: ClassVar[int] = 2

    table: tuple[tuple[int, ...], ...] = setting(
        table, about="For each output channel the input channels that it sees, from 0."
    )

    def sliding_window(self) -> SlidingWindow:
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
        connections = self._connections()
        return super().weights(*inputs) | {
            "weight": Weight((connections, 1, *self.kernel)),
            "sources": Weight((connections,), trainable=False, itemsize=8, persistent=False),
        }

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        macs = self._connections() * math.prod((*self.kernel, *output[1:]))
        added = math.prod(output) if self.bias else 0
        return Cost(macs, 2 * macs + added, fvcore=self._fvcore(macs))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the input channels in the order of the connections; which they are is a buffer
        copy = self._copied(inputs[0])
        convolved = inputs[0] if copy is None else copy
        elements = self._connections() * math.prod(convolved[1:])
        return (Saved("own", elements=elements, wanted_by=(0,), for_weights=("weight",)),)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the input channels in the order of the connections, with a map for each; the maps, summed
        # by output and put together
        connections, output = self._connections(), math.prod(shape) * itemsize
        gathered = shape[0] * connections * math.prod(inputs[0].shape[2:]) * itemsize
        copy = self._copied((shape[0], connections, *inputs[0].shape[2:]))
        maps = shape[0] * connections * math.prod(shape[2:]) * itemsize
        convolving = maps + (math.prod(copy) * itemsize if copy else 0)
        return max(gathered + convolving, maps + 2 * output) - output

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
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

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        samples, outputs, *size = shape
        connections = self._connections()
        gathered_shape = (samples, connections, *inputs[0].shape[2:])
        channels = gathered(run, inputs[0], gathered_shape, weights["sources"])
        maps_shape = (samples, connections, *size)
        padded = self._copied(gathered_shape)
        maps = convolution(run, channels, weights["weight"], None, maps_shape, padded=padded)
        del channels
        layouts = [Layout((samples, len(row), *size), maps.layout.strides) for row in self.table]
        sums = [
            summed_over_channels(run, part) for part in parted(run, "split", maps, layouts, "cat")
        ]
        made = stack(run, sums, (samples, outputs, *size), 1)
        del sums
        bias = weights.get("bias")
        return made if bias is None else add(run, made, view(run, bias, (outputs, 1, 1)))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.TableConv2d(
            self.table,
            self.kernel,
            stride=self.stride,
            padding=self._torch_padding(),
            dilation=self.dilation,
            bias=self.bias,
        )
