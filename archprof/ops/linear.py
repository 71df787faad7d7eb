"""Linear layers and learned scales: linear, scale, parameter."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from archprof.ops.base import (
    FREE,
    Cost,
    Function,
    New,
    Op,
    PointwiseOp,
    Reading,
    Saved,
    Shape,
    ShapeError,
    Weight,
    Working,
    product,
    same,
)
from archprof.ops.rates import RATES
from archprof.ops.settings import boolean, integers, number, positive, setting


class Linear(Op):
    """A matrix product over the last dimension, torch.nn.Linear: y = x W^T + b.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
    """

    out: int = setting(positive)
    bias: bool = setting(boolean, True)

    counts_depth: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        return (*inputs[0][:-1], self.out)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        result = {"weight": Weight((self.out, inputs[0][-1]))}
        if self.bias:
            result["bias"] = Weight((self.out,))
        return result

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        macs = math.prod(inputs[0]) * self.out
        return Cost(macs, 2 * macs + self.bias * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((*same(len(output) - 1), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"In": inputs[0][-1], "Out": self.out, "Rows": math.prod(inputs[0][:-1])}
        rows = "*Rows" if len(inputs[0]) > 1 else ""
        return {"features": Working("Out", names),
                "params": Working("(In + 1)*Out" if self.bias else "In*Out", names),
                "macs": Working(f"In*Out{rows}", names),
                "flops": Working(f"2*In*Out{rows}" + (f" + Out{rows}" if self.bias else ""), names)}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Linear(inputs[0][-1], self.out, bias=self.bias)


class Scale(PointwiseOp):
    """Multiplies by a learned tensor of shape `size`, broadcast over the input: layer scale, skip-init gain (`size: []`).

    The parameter's state-dict key is the layer's own path. `value` is what it starts from.
    """

    size: tuple[int, ...] = setting(integers)
    value: float = setting(number, 1.0)

    def output_shape(self, *inputs: Shape) -> Shape:
        for mine, theirs in zip(reversed(self.size), reversed(inputs[0]), strict=False):
            if mine not in (1, theirs):
                raise ShapeError(f"a scale of {product(self.size)} does not broadcast over {product(inputs[0])}: {mine} against {theirs}")
        if len(self.size) > len(inputs[0]):
            raise ShapeError(f"a scale of {len(self.size)} dimensions over an input of {len(inputs[0])}")
        return inputs[0]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight(self.size)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES["scale"] * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input"),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working(product(self.size)), "macs": Working("0"), "flops": Working(f"1*{product(output)}")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.mul)


class Parameter(Op):
    """A learned tensor with no input: class token, position embedding. Its state-dict key is the layer's own path."""

    size: tuple[int, ...] = setting(integers)
    value: float = setting(number, 0.0)

    arity: ClassVar[tuple[int, int | None]] = (0, 0)

    def output_shape(self, *inputs: Shape) -> Shape:
        if any(n < 1 for n in self.size):
            raise ShapeError(f"a parameter of size {product(self.size)}: every dimension is at least 1")
        return self.size

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight(self.size)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working(product(self.size)), "macs": Working("0"), "flops": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.per_sample)
