"""Functions of each element that are not activations: powers, exponentials, sines, limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.chains import chained
from archprof.autograd.pointwise import Keeps, shifted
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Function, Saved, Working, product
from archprof.ops.base import PointwiseOp, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.settings import number, optional, setting


class _ElementFunction(PointwiseOp):
    """A function of each element. `keeps` is what its derivative is computed from, `gradient` the
    kernels of torch's derivative in turn (tools/autograd/derivatives.yaml).
    """

    family: ClassVar[Family] = "arithmetic"
    keeps: ClassVar[Keeps] = "input"
    gradient: ClassVar[str]

    is_module: ClassVar[bool] = False

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return () if self.keeps == "nothing" else (Saved(self.keeps),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"{RATES[self.name]}*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return chained(run, inputs[0], self.name, self.keeps, self.gradient)


class Exp(_ElementFunction):
    """e to the power of each element, torch.exp."""

    name: ClassVar[str] = "exp"

    keeps: ClassVar[Keeps] = "output"
    gradient: ClassVar[str] = "mul"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.exp)


class Log(_ElementFunction):
    """The natural logarithm of each element, torch.log."""

    name: ClassVar[str] = "log"

    gradient: ClassVar[str] = "div"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.log)


class Sqrt(_ElementFunction):
    """The square root of each element, torch.sqrt."""

    name: ClassVar[str] = "sqrt"

    keeps: ClassVar[Keeps] = "output"
    gradient: ClassVar[str] = "mul div"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.sqrt)


class Abs(_ElementFunction):
    """The absolute value of each element, torch.abs."""

    name: ClassVar[str] = "abs"

    gradient: ClassVar[str] = "sgn mul"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.abs)


class Sin(_ElementFunction):
    """The sine of each element in radians, torch.sin."""

    name: ClassVar[str] = "sin"

    gradient: ClassVar[str] = "cos mul"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.sin)


class Cos(_ElementFunction):
    """The cosine of each element in radians, torch.cos."""

    name: ClassVar[str] = "cos"

    gradient: ClassVar[str] = "sin neg mul"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.cos)


class Pow(_ElementFunction):
    """Each element to the power of a constant `exponent`, torch.pow: 2 squares, -1 is one over
    it.
    """

    name: ClassVar[str] = "pow"

    exponent: float = setting(number, about="The power.")

    gradient: ClassVar[str] = "pow mul mul"

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.exponent == 0:
            raise ShapeError("to the power of 0 everything is 1", "a layer less says the same")
        return inputs[0]

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.pow, args=(self.exponent,))


class Clamp(_ElementFunction):
    """Each element no less than `min` and no more than `max`, torch.clamp; one of them may be
    missing.
    """

    name: ClassVar[str] = "clamp"

    min: float | None = setting(optional(number), None, about="The least that comes out.")
    max: float | None = setting(optional(number), None, about="The most that comes out.")

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.min is None and self.max is None:
            raise ShapeError(
                "clamp has neither `min` nor `max`", "give one of them, such as max: 4.605"
            )
        return inputs[0]

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        limits = {"ge": self.min, "le": self.max}
        comparisons = [kernel for kernel, limit in limits.items() if limit is not None]
        gradient = " ".join(["scalar_tensor", *comparisons, "where"])
        return chained(run, inputs[0], self.name, self.keeps, gradient)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        given = {"min": self.min, "max": self.max}
        return Function(torch.clamp, kwargs={name: n for name, n in given.items() if n is not None})


class ShiftBy(_ElementFunction):
    """Adds a constant `amount`, as `scale_by` multiplies by one."""

    name: ClassVar[str] = "shift_by"

    amount: float = setting(number, about="The constant.")

    keeps: ClassVar[Keeps] = "nothing"

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return shifted(run, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.add, args=(self.amount,))
