"""Activation functions: one output element per input element."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.pointwise import prelu, unary
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Weight, Working, product
from archprof.ops.base import PointwiseOp, Shape
from archprof.ops.family import Family
from archprof.ops.inputs import with_dimensions
from archprof.ops.rates import RATES
from archprof.ops.settings import boolean, choice, number, setting


class Activation(PointwiseOp):
    """An elementwise function. `keeps` is what its derivative is computed from."""

    family: ClassVar[Family] = "activation"
    keeps: ClassVar[Literal["input", "output"]] = "input"

    def _rate(self) -> int:
        """Return the FLOPs per output element."""
        return RATES[self.name]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, self._rate() * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        if self.storage(training=False) == "inplace" and self.keeps == "input":
            # torch keeps a copy of what it overwrites
            return (Saved("own", elements=math.prod(output)),)
        return (Saved(self.keeps),)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return unary(
            run, inputs[0], self._kernel(), self.keeps, self.storage(training=True) == "inplace"
        )

    def _kernel(self) -> str:
        """Return torch's name of what computes it."""
        return self.name

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"{self._rate()}*{product(output)}"),
        }


class InPlaceActivation(Activation):
    inplace: bool = setting(
        boolean, False, about="Overwrites its input, which then needs no memory of its own."
    )

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "inplace" if self.inplace else "new"


class Relu(InPlaceActivation):
    """max(x, 0), torch.nn.ReLU."""

    name: ClassVar[str] = "relu"

    keeps: ClassVar[Literal["input", "output"]] = "output"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ReLU(inplace=self.inplace)


class Relu6(InPlaceActivation):
    """min(max(x, 0), 6), torch.nn.ReLU6."""

    name: ClassVar[str] = "relu6"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.ReLU6(inplace=self.inplace)


class LeakyRelu(InPlaceActivation):
    """max(x, slope*x), torch.nn.LeakyReLU."""

    name: ClassVar[str] = "leaky_relu"

    slope: float = setting(number, 0.01, about="The slope below zero.")

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the sign survives, so the result serves as well
        return (Saved("output" if self.inplace else "input"),)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return unary(run, inputs[0], self.name, "output" if self.inplace else "input", self.inplace)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LeakyReLU(self.slope, inplace=self.inplace)


class Prelu(Activation):
    """max(x, 0) + slope*min(x, 0) with a learned slope, which starts from 0.25, torch.nn.PReLU.

    `per_channel`: one slope for each channel instead of one for all. He et al. 2015, arXiv
    1502.01852.
    """

    name: ClassVar[str] = "prelu"

    per_channel: bool = setting(
        boolean, False, about="Whether each channel has a slope of its own."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        return with_dimensions(self.name, inputs[0])

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"weight": Weight((inputs[0][0] if self.per_channel else 1,))}

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        params = Working("C", {"C": inputs[0][0]}) if self.per_channel else Working("1")
        return super().working(inputs, output) | {"params": params}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return prelu(run, inputs[0], weights["weight"])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.PReLU(self.weights(*inputs)["weight"].elements)


class Sigmoid(Activation):
    """1/(1 + exp(-x)), torch.nn.Sigmoid."""

    name: ClassVar[str] = "sigmoid"

    keeps: ClassVar[Literal["input", "output"]] = "output"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Sigmoid()


class Tanh(Activation):
    """tanh(x), torch.nn.Tanh."""

    name: ClassVar[str] = "tanh"

    keeps: ClassVar[Literal["input", "output"]] = "output"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Tanh()


class Silu(InPlaceActivation):
    """x*sigmoid(x), also called swish, torch.nn.SiLU."""

    name: ClassVar[str] = "silu"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.SiLU(inplace=self.inplace)


class Gelu(Activation):
    """x*Phi(x), torch.nn.GELU; `approximate: tanh` is the cheaper-looking formula that costs
    more.
    """

    name: ClassVar[str] = "gelu"

    approximate: Literal["none", "tanh"] = setting(
        choice("none", "tanh"),
        "none",
        about="Whether the formula with tanh stands in for the exact one.",
    )

    def _rate(self) -> int:
        return RATES["gelu_tanh" if self.approximate == "tanh" else self.name]

    def _kernel(self) -> str:
        return "gelu_tanh" if self.approximate == "tanh" else self.name

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GELU(approximate=self.approximate)


class Hardsigmoid(InPlaceActivation):
    """relu6(x + 3)/6, torch.nn.Hardsigmoid."""

    name: ClassVar[str] = "hardsigmoid"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Hardsigmoid(inplace=self.inplace)


class Hardswish(InPlaceActivation):
    """x*relu6(x + 3)/6, torch.nn.Hardswish."""

    name: ClassVar[str] = "hardswish"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Hardswish(inplace=self.inplace)
