"""Arithmetic of two tensors: subtract, divide, maximum, minimum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.chains import Gradients, combined
from archprof.autograd.pointwise import divide
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Function, Saved
from archprof.ops.base import Shape
from archprof.ops.merge import Elementwise


class _OfTwo(Elementwise):
    arity: ClassVar[tuple[int, int | None]] = (2, 2)


class Subtract(_OfTwo):
    """The first input minus the second, broadcast as torch does, torch.sub."""

    name: ClassVar[str] = "subtract"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return combined(run, "sub", inputs, [], [(0, ""), (1, "neg")])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.sub)


class Divide(_OfTwo):
    """The first input over the second, broadcast as torch does, torch.div."""

    name: ClassVar[str] = "divide"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input", 0, wanted_by=(1,)), Saved("input", 1)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return divide(run, inputs[0], inputs[1])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.div)


class _Extreme(_OfTwo):
    """The gradient goes to the input that was taken, half to each where both are the same."""

    gradients: ClassVar[Gradients]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return Saved("input", 0), Saved("input", 1)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return combined(run, self.name, inputs, inputs, self.gradients)


class Maximum(_Extreme):
    """The larger of two inputs, element by element, broadcast as torch does, torch.maximum."""

    name: ClassVar[str] = "maximum"

    gradients: ClassVar[Gradients] = ((1, "div eq where* gt"), (0, "div eq where* lt"))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.maximum)


class Minimum(_Extreme):
    """The smaller of two inputs, element by element, broadcast as torch does, torch.minimum."""

    name: ClassVar[str] = "minimum"

    gradients: ClassVar[Gradients] = ((1, "div eq where* lt"), (0, "div eq where* gt"))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.minimum)
