"""Activations made of exponentials: ELU and its kin, softplus and what is made of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.activations import log_sigmoid
from archprof.autograd.casting import cast
from archprof.autograd.layout import Layout
from archprof.autograd.pointwise import unary
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.activation import Activation, InPlaceActivation
from archprof.ops.answers import Saved
from archprof.ops.base import Shape
from archprof.ops.settings import number, setting


class _ExponentialUnit(InPlaceActivation):
    """A function whose derivative follows from its input, and from its output as well: in place
    that is what torch keeps.
    """

    def _kept(self) -> Literal["input", "output"]:
        return "output" if self.inplace else "input"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved(self._kept()),)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return unary(run, inputs[0], self.name, self._kept(), self.inplace)


class Elu(_ExponentialUnit):
    """x above zero, alpha*(exp(x) - 1) below, torch.nn.ELU. Clevert et al. 2015, arXiv
    1511.07289.
    """

    name: ClassVar[str] = "elu"

    alpha: float = setting(number, 1.0, about="How far below zero it goes.")

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ELU(self.alpha, inplace=self.inplace)


class Celu(_ExponentialUnit):
    """x above zero, alpha*(exp(x/alpha) - 1) below, torch.nn.CELU. Barron 2017, arXiv
    1704.07483.
    """

    name: ClassVar[str] = "celu"

    alpha: float = setting(number, 1.0, about="How far below zero it goes.")

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.CELU(self.alpha, inplace=self.inplace)


class Selu(_ExponentialUnit):
    """1.0507*elu(x) with an alpha of 1.6733, which keeps mean and variance from layer to layer,
    torch.nn.SELU. Klambauer et al. 2017, arXiv 1706.02515.
    """

    name: ClassVar[str] = "selu"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.SELU(inplace=self.inplace)


class Mish(InPlaceActivation):
    """x*tanh(softplus(x)), torch.nn.Mish. Misra 2019, arXiv 1908.08681."""

    name: ClassVar[str] = "mish"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Mish(inplace=self.inplace)


class Softplus(Activation):
    """log(1 + exp(beta*x))/beta, a smooth relu, torch.nn.Softplus."""

    name: ClassVar[str] = "softplus"

    beta: float = setting(number, 1.0, about="The larger, the nearer to a relu.")
    threshold: float = setting(
        number, 20.0, about="Where beta*x is above this, torch passes x through."
    )

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return unary(run, cast(run, self.name, inputs[0]), self.name, self.keeps)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Softplus(self.beta, self.threshold)


class Logsigmoid(Activation):
    """log(1/(1 + exp(-x))), the logarithm of a sigmoid, torch.nn.LogSigmoid."""

    name: ClassVar[str] = "logsigmoid"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # beside its input exp(-|x|), as torch computes it on the CPU
        return Saved("input"), Saved("own", elements=math.prod(output))

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return None

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._kept_beside(inputs, shape, itemsize)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return log_sigmoid(run, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LogSigmoid()
