"""Pooling by a fixed filter: blur_pool2d."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.convolution import Conv2d
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.reading import Reading, Same
from archprof.ops.settings import positive, setting
from archprof.ops.sliding_window import SlidingWindow


class BlurPool2d(Op):
    """Each channel convolved with the binomial filter of a size, then every S-th pixel kept, so
    that a stride drops nothing that the pixels beside it do not show: (S + K - 2)//2 mirrored
    pixels on each side, and a buffer of K*K for each channel, which is not trained.

    Zhang 2019, arXiv 1904.11486, as timm.layers.BlurPool2d; its MACs are those of a depthwise
    convolution.
    """

    name: ClassVar[str] = "blur_pool2d"
    family: ClassVar[Family] = "pooling"
    rank: ClassVar[int] = 2

    kernel: int = setting(positive, 3, about="Height and width of the filter, 2 at least.")
    stride: int = setting(
        positive, 2, about="How far the filter moves from one output to the next."
    )

    def _convolution(self, channels: int) -> Conv2d:
        """Return the convolution that it is."""
        return Conv2d(
            out=channels,
            kernel=(self.kernel,) * 2,
            stride=(self.stride,) * 2,
            padding=((self.stride + self.kernel - 2) // 2,) * 2,
            padding_mode="reflect",
            groups=channels,
            bias=False,
        )

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *_ = channels_first(self.name, inputs[0])
        if self.kernel == 1:
            raise ShapeError("a filter of one pixel blurs nothing", "a kernel of 2 at least")
        return self._convolution(channels).output_shape(*inputs)

    def sliding_window(self) -> SlidingWindow:
        return self._convolution(1).sliding_window()

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        size = (inputs[0][0], 1, self.kernel, self.kernel)
        return {"filt": Weight(size, trainable=False, persistent=False)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return self._convolution(output[0]).cost(inputs, output)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        (reading,) = self._convolution(output[0]).reads(inputs, output)
        return (reading and (Same(0), *reading[1:]),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return self._convolution(output[0]).saved(inputs, output)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._convolution(shape[1]).inside(inputs, shape, itemsize)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return self._convolution(shape[1]).layout(inputs, shape, training)

    def notes(self, inputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return self._convolution(inputs[0][0]).notes(inputs)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = self._convolution(output[0]).working(inputs, output)
        return lines | {"params": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        filters = {"weight": weights["filt"]}
        return self._convolution(shape[1]).kernels(run, inputs, filters, shape)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.BlurPool2d(inputs[0][0], self.kernel, self.stride)
