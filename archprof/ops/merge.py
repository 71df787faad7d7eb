"""Where branches meet: add, multiply, concat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate, pairwise
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.autograd.layout import Layout, contiguous, elementwise, like
from archprof.autograd.pointwise import add, multiply
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import concat, expand
from archprof.ops.answers import FREE, Cost, Function, Saved, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import boolean, integer, setting


def broadcast(op: str, shapes: tuple[Shape, ...]) -> Shape:
    """Return the common shape of tensors that broadcast over each other, torch's rule.

    Raises ShapeError.
    """
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(s)) + s for s in shapes]
    result = tuple(max(axis) for axis in zip(*padded, strict=True))
    if any(n not in (1, m) for shape in padded for n, m in zip(shape, result, strict=True)):
        raise ShapeError(
            f"cannot {op} {' and '.join(units.shape(s) for s in shapes)}",
            "a stride, a padding or a number of channels differs between the branches",
        )
    return result


def _joined(a: Shape, b: Shape) -> Shape:
    """Return the common shape of two tensors that are known to broadcast."""
    return broadcast("add", (a, b))


class Elementwise(Op):
    """A function of elements at the same place in several inputs, which broadcast."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    family: ClassVar[Family] = "merge"
    broadcasts: ClassVar[bool] = True
    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        return broadcast(self.name, inputs)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * (len(inputs) - 1) * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        rank = len(output)
        return tuple(
            tuple(
                (
                    New()
                    if i < rank - len(shape) or shape[i - rank + len(shape)] != output[i]
                    else Same(i - rank + len(shape))
                )
                for i in range(rank)
            )
            for shape in inputs
        )

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return reduce(elementwise, inputs) if self.storage(training) == "new" else inputs[0]

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        if self.storage(training=False) == "inplace":
            return 0
        # of three and more what the first ones give, beside what the next makes of it
        sofar = [math.prod(part) for part in accumulate((i.shape for i in inputs), _joined)][1:]
        together = [before + after for before, after in pairwise(sofar)]
        return (max(together, default=math.prod(shape)) - math.prod(shape)) * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        rate = RATES[self.name] * (len(inputs) - 1)
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"{rate}*{product(output)}"),
        }


class Add(Elementwise):
    """The sum of its inputs, broadcast as torch does; `inplace` writes it over the first, as
    torchvision's `out += identity`.
    """

    name: ClassVar[str] = "add"

    inplace: bool = setting(
        boolean, False, about="Overwrites its first input, which then needs no memory of its own."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        result = super().output_shape(*inputs)
        if self.inplace and inputs[0] != result:
            raise ShapeError(
                f"in place the sum must have the first input's shape {units.shape(inputs[0])}, it"
                f" has {units.shape(result)}"
            )
        return result

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "inplace" if self.inplace else "new"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = add(run, total, other, self.inplace)
        return total

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.add_ if self.inplace else torch.nn.add)


class Multiply(Elementwise):
    """The product of its inputs, broadcast as torch does: squeeze-and-excitation's gate."""

    name: ClassVar[str] = "multiply"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # each factor for the gradient of the product of those before it, and that for its own
        found = [Saved("input", 0, wanted_by=(1,))]
        sofar = inputs[0]
        for number in range(1, len(inputs)):
            before = tuple(range(number))
            if number > 1:
                elements = math.prod(sofar)
                made = Saved("own", elements=elements, wanted_by=(number,), samples_of=before)
                found.append(made)
            found.append(Saved("input", number, wanted_by=before))
            sofar = _joined(sofar, inputs[number])
        return tuple(found)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = multiply(run, total, other)
        return total

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.mul if len(inputs) == 2 else torch.nn.multiply)


class Concat(Op):
    """Its inputs one after the other along `dim` (0 = channels of a C×H×W tensor), torch.cat."""

    name: ClassVar[str] = "concat"
    family: ClassVar[Family] = "merge"

    dim: int = setting(
        integer,
        0,
        about="The dimension they are joined along, the batch not counted: 0 is the channels.",
    )

    arity: ClassVar[tuple[int, int | None]] = (1, None)
    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        first = inputs[0]
        if not -len(first) <= self.dim < len(first):
            raise ShapeError(
                f"concat along dim {self.dim} of a tensor of {len(first)} dimensions (the batch is"
                " not counted)"
            )
        along = self.dim % len(first)
        for other in inputs[1:]:
            if len(other) != len(first) or any(
                a != b for i, (a, b) in enumerate(zip(first, other, strict=True)) if i != along
            ):
                raise ShapeError(
                    f"cannot concat {' and '.join(units.shape(s) for s in inputs)} along dim"
                    f" {self.dim}: the other dimensions differ",
                    "a stride or a padding differs between the branches",
                )
        return (*first[:along], sum(s[along] for s in inputs), *first[along + 1 :])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        along = self.dim % len(output)
        return tuple(
            tuple(New() if i == along else Same(i) for i in range(len(output))) for _ in inputs
        )

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0]) if all(i.channels_last for i in inputs) else None

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        along = self.dim % len(output)
        name = "channels" if along == 0 and len(output) == 3 else f"dim {along}"
        return {
            name: Working(" + ".join(str(s[along]) for s in inputs)),
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working("0"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        parts = []
        for each in inputs:
            whole = (shape[0], *each.shape[1:])
            parts.append(each if each.shape == whole else expand(run, each, whole))
        layout = self.layout(tuple(each.layout for each in parts), shape, training=True)
        return concat(run, parts, layout or contiguous(shape))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.cat, kwargs={"dim": self.dim if self.dim < 0 else self.dim + 1}, listed=True
        )
