"""Convolutions with standardised filters: std_conv2d and scaled_std_conv2d."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout
from archprof.autograd.norms import batch_norm
from archprof.autograd.pointwise import scaled
from archprof.autograd.products import convolution
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import view
from archprof.ops.answers import Cost, Saved, Weight, Working
from archprof.ops.base import Shape, ShapeError
from archprof.ops.convolution_base import Convolution
from archprof.ops.settings import (
    number,
    setting,
)


class StdConv2d(Convolution):
    """Convolution whose filters are standardised to mean 0 and variance 1:
    (W - mean)/sqrt(var + eps).

    Qiao et al. 2019, arXiv 1903.10520, as timm computes it. In evaluation the standardised filters
    are constants, so that standardising them counts nothing.
    """

    name: ClassVar[str] = "std_conv2d"
    rank: ClassVar[int] = 2

    eps: float = setting(
        number,
        1e-6,
        totals="nothing",
        about="Added to the variance of the filters before it divides.",
    )

    # what fvcore and calflops count for each weight: the batch norm of the filters, in training
    per_weight: ClassVar[int] = 4
    # per filter its mean and deviation, and what its gradients are of
    statistics: ClassVar[int] = 2
    trained: ClassVar[tuple[str, ...]] = ("weight",)

    def output_shape(self, *inputs: Shape) -> Shape:
        result = super().output_shape(*inputs)
        if inputs[0][0] // self.groups * math.prod(self.kernel) == 1:
            raise ShapeError(
                "a filter of one weight cannot be standardised: its variance is 0",
                "fewer groups, a larger kernel, or a plain conv2d",
            )
        return result

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        cost = super().cost(inputs, output)
        filters = self.weights(*inputs)["weight"].elements
        return cost._replace(fvcore=self._fvcore(cost.macs) + self.per_weight * filters)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # besides, once for all samples: the standardised filters; per filter their mean and their
        # deviation, for the gradients of what they are made from
        filters = Saved("own", elements=self.weights(*inputs)["weight"].elements, per_sample=False)
        statistic = self._per_filter()
        return (*super().saved(inputs, output), filters, statistic, statistic)

    def _per_filter(self) -> Saved:
        """Return a statistic of the filters that autograd keeps."""
        return Saved(
            "own", elements=self.out, at_least=4, per_sample=False, for_weights=self.trained
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the standardised filters; before there is an output, a number for each of them
        filters = self.weights(*(i.shape[1:] for i in inputs))["weight"].elements
        copy = super().inside(inputs, shape, itemsize)
        before_output = (self.statistics * self.out - math.prod(shape)) * itemsize
        return filters * itemsize + max(copy, before_output)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight = self._standardised(run, weights)
        padded = self._copied(inputs[0].shape)
        return convolution(run, inputs[0], weight, weights.get("bias"), shape, padded=padded)

    def _standardised(self, run: Run, weights: Mapping[str, FakeTensor]) -> FakeTensor:
        """Return the filters as torch standardises them: by a batch norm of as many channels."""
        weight = weights["weight"]
        rows = view(run, weight, (1, self.out, math.prod(weight.shape[1:])))
        scale = self._scale(run, weights)  # behind the view, so that its gradient comes before
        return view(run, batch_norm(run, rows, scale, None), weight.shape)

    def _scale(self, run: Run, weights: Mapping[str, FakeTensor]) -> FakeTensor | None:
        """Return what each standardised filter is multiplied by, None for nothing."""
        return None

    def _torch_settings(self) -> dict[str, Any]:
        return super()._torch_settings() | {"eps": self.eps}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.StdConv2d(inputs[0][0], self.out, self.kernel, **self._torch_settings())


class ScaledStdConv2d(StdConv2d):
    """Convolution whose filters are standardised to mean 0 and variance gain^2*gamma^2/fan_in:
    gain*gamma*(W - mean)/sqrt(fan_in*(var + eps)).

    Brock et al. 2021, arXiv 2101.08692, with timm's names: `gain` has one number per filter,
    `gamma` is the activation's own. In evaluation the standardised filters are constants, so that
    standardising them counts nothing.
    """

    name: ClassVar[str] = "scaled_std_conv2d"

    gamma: float = setting(number, 1.0, about="The gain of the activation before it.")
    eps: float = setting(
        number,
        1e-5,
        totals="nothing",
        about="Added to the variance of the filters before it divides.",
    )

    per_weight: ClassVar[int] = 5
    statistics: ClassVar[int] = 3
    trained: ClassVar[tuple[str, ...]] = ("weight", "gain")

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return super().weights(*inputs) | {"gain": Weight((self.out, 1, 1, 1))}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # and gain*gamma/sqrt(fan_in)
        return (*super().saved(inputs, output), self._per_filter()._replace(at_least=1))

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = super().working(inputs, output)
        params = lines["params"]
        return lines | {"params": Working(f"{params.formula} + Cout", params.values)}

    def _scale(self, run: Run, weights: Mapping[str, FakeTensor]) -> FakeTensor | None:
        return view(run, scaled(run, weights["gain"], "mul.Tensor"), (self.out,))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ScaledStdConv2d(
            inputs[0][0], self.out, self.kernel, gamma=self.gamma, **self._torch_settings()
        )
