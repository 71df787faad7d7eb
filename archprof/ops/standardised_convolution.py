"""Convolution with standardised filters: scaled_std_conv2d."""

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


class ScaledStdConv2d(Convolution):
    """Convolution whose filters are standardised to mean 0 and variance gain^2*gamma^2/fan_in:
    gain*gamma*(W - mean)/sqrt(fan_in*(var + eps)).

    Brock et al. 2021, arXiv 2101.08692, with timm's names: `gain` has one number per filter,
    `gamma` is the activation's own. In evaluation the standardised filters are constants, so that
    standardising them counts nothing.
    """

    name: ClassVar[str] = "scaled_std_conv2d"
    rank: ClassVar[int] = 2

    gamma: float = setting(number, 1.0, about="The gain of the activation before it.")
    eps: float = setting(
        number, 1e-5, about="Added to the variance of the filters before it divides."
    )

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
        # deviation and gain*gamma/sqrt(fan_in), for the gradients of what they are made from
        filters = Saved("own", elements=self.weights(*inputs)["weight"].elements, per_sample=False)
        statistic = Saved(
            "own", elements=self.out, at_least=4, per_sample=False, for_weights=("weight", "gain")
        )
        return (
            *super().saved(inputs, output),
            filters,
            statistic,
            statistic,
            statistic._replace(at_least=1),
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the standardised filters; before there is an output, gain*gamma/sqrt(fan_in) and their
        # mean and deviation
        filters = self.weights(*(i.shape[1:] for i in inputs))["weight"].elements
        copy = super().inside(inputs, shape, itemsize)
        before_output = (3 * self.out - math.prod(shape)) * itemsize
        return filters * itemsize + max(copy, before_output)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = super().working(inputs, output)
        params = lines["params"]
        return lines | {"params": Working(f"{params.formula} + Cout", params.values)}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, filters = weights["weight"], self.out
        scale = scaled(run, weights["gain"], "mul.Tensor")
        rows = view(run, weight, (1, filters, math.prod(weight.shape[1:])))
        standardised = batch_norm(run, rows, view(run, scale, (filters,)), None)
        del scale, rows
        weight = view(run, standardised, weight.shape)
        del standardised
        padded = self._copied(inputs[0].shape)
        return convolution(run, inputs[0], weight, weights.get("bias"), shape, padded=padded)

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
