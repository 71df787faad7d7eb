"""Normalization of each position on its own: layer norm and RMS norm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, contiguous, like, permuted
from archprof.autograd.norms import layer_norm, rms_norm
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import permute
from archprof.ops.answers import Cost, Saved, Weight
from archprof.ops.base import Shape
from archprof.ops.inputs import channels_first, with_dimensions
from archprof.ops.normalization import Norm
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same, same
from archprof.ops.settings import boolean, number, setting


class LayerNorm(Norm):
    """Normalises over the last dimension, torch.nn.LayerNorm.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
    """

    name: ClassVar[str] = "layer_norm"

    eps: float = setting(
        number, 1e-5, totals="nothing", about="Added to the variance before it divides."
    )
    affine: bool = setting(
        boolean, True, about="Whether each feature has a learned scale and shift."
    )

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][-1]

    def output_shape(self, *inputs: Shape) -> Shape:
        return with_dimensions(self.name, inputs[0])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((*same(len(output) - 1), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=math.prod(output) // self._features(inputs), at_least=4)
        return Saved("input"), statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._kept_beside(inputs, shape, itemsize)  # mean and deviation

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return None

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return layer_norm(run, inputs[0], weights.get("weight"), weights.get("bias"))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LayerNorm(inputs[0][-1], eps=self.eps, elementwise_affine=self.affine)


class LayerNorm2d(Norm):
    """Layer norm over the channels of each pixel of a C×H×W tensor, as torchvision's and timm's
    LayerNorm2d.
    """

    name: ClassVar[str] = "layer_norm2d"

    eps: float = setting(
        number, 1e-6, totals="nothing", about="Added to the variance before it divides."
    )

    def _rate(self) -> int:
        return RATES[LayerNorm.name]

    def _affine(self) -> bool:
        return True

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][0]

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), Same(1), Same(2)),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=output[1] * output[2], at_least=4)
        return Saved("input"), statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._kept_beside(inputs, shape, itemsize)  # mean and deviation

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        n, c, h, w = shape
        return permuted(contiguous((n, h, w, c)), (0, 3, 1, 2))

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        rows = permute(run, inputs[0], (0, 2, 3, 1))
        made = layer_norm(run, rows, weights["weight"], weights["bias"])
        return permute(run, made, (0, 3, 1, 2))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LayerNorm2d(inputs[0][0], eps=self.eps)


class RmsNorm(Norm):
    """Divides by the root mean square of the last dimension, torch.nn.RMSNorm: a scale, no shift.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
    """

    name: ClassVar[str] = "rms_norm"

    eps: float = setting(
        number, 1e-6, totals="nothing", about="Added to the mean square before it divides."
    )

    def _affine(self) -> bool:
        return True

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][-1]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"weight": Weight((inputs[0][-1],))}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        # fvcore has no handle for it
        return Cost(0, self._rate() * math.prod(output), fvcore=0)

    def output_shape(self, *inputs: Shape) -> Shape:
        return with_dimensions(self.name, inputs[0])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((*same(len(output) - 1), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        rows = math.prod(output) // inputs[0][-1]
        return (
            Saved("input", at_least=4, wanted_by=(0,)),
            Saved("own", elements=rows, at_least=4, wanted_by=(0,)),
            # the normalised input, for the scale
            Saved("own", elements=math.prod(output), at_least=4, for_weights=("weight",)),
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # torch composes it: one over the root of each row, the normalised input; in float32 at
        # least, and then a copy of the input and of the result besides
        rows, elements = math.prod(shape[:-1]), math.prod(shape)
        return (
            (rows + elements) * itemsize
            if itemsize >= 4
            else (rows + 3 * elements) * 4 - elements * itemsize
        )

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return rms_norm(run, inputs[0], weights["weight"])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.RMSNorm(inputs[0][-1], eps=self.eps)
