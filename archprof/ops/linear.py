"""Linear layers and learned scales: linear, scale, parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout, contiguous, viewed
from archprof.autograd.pointwise import multiply, scaled
from archprof.autograd.products import linear
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import view
from archprof.ops.answers import FREE, Cost, Function, Saved, Weight, Working, product
from archprof.ops.base import Op, PointwiseOp, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import with_dimensions
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, same
from archprof.ops.settings import boolean, integer, integers, number, positive, setting


class Linear(Op):
    """A matrix product over the last dimension, torch.nn.Linear: y = x W^T + b.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
    """

    name: ClassVar[str] = "linear"
    family: ClassVar[Family] = "linear"

    out: int = setting(positive, about="Features of the output.")
    bias: bool = setting(boolean, True, about="Whether each output feature has a learned bias.")

    counts_depth: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        return (*with_dimensions(self.name, inputs[0])[:-1], self.out)

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
        return (Saved("input", for_weights=("weight",)),)

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        # the matrix product is of a matrix: all rows one below the other
        (layout,) = inputs
        *rows, features = layout.shape
        as_it_lies = len(rows) == 1 or viewed(layout, (math.prod(rows), features)) is not None
        return 0 if as_it_lies else math.prod(layout.shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        (layout,) = inputs
        *rows, features = layout.shape
        if len(rows) == 1 or layout.contiguous:
            return 0
        # a product of matrices, for which what cannot be seen as such is copied; the bias is added
        # to its result, which makes another
        one_matrix = all(
            layout.strides[d] == layout.strides[d + 1] * rows[d + 1] for d in range(len(rows) - 1)
        )
        as_matrices = (
            one_matrix or viewed(layout, (math.prod(rows[:-1]), rows[-1], features)) is not None
        )
        return (
            max(0 if as_matrices else math.prod(layout.shape), math.prod(shape) if self.bias else 0)
            * itemsize
        )

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"In": inputs[0][-1], "Out": self.out, "Rows": math.prod(inputs[0][:-1])}
        rows = "*Rows" if len(inputs[0]) > 1 else ""
        return {
            "features": Working("Out", names),
            "params": Working("(In + 1)*Out" if self.bias else "In*Out", names),
            "macs": Working(f"In*Out{rows}", names),
            "flops": Working(f"2*In*Out{rows}" + (f" + Out{rows}" if self.bias else ""), names),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return linear(run, inputs[0], weights["weight"], weights.get("bias"))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Linear(inputs[0][-1], self.out, bias=self.bias)


class Scale(PointwiseOp):
    """Multiplies by a learned tensor of shape `size`, broadcast over the input: layer scale,
    skip-init gain (`size: []`).

    Its last dimension lies along the input's `dim`, the batch left out: `size: [C], dim: 0` scales
    channels of C×H×W. The parameter's state-dict key is the layer's own path. `value` is what it
    starts from.
    """

    name: ClassVar[str] = "scale"
    family: ClassVar[Family] = "scale"

    size: tuple[int, ...] = setting(
        integers, about="The shape of the learned tensor; [] is a single number."
    )
    value: float = setting(number, 1.0, about="What every element starts from.")
    dim: int = setting(
        integer,
        -1,
        about="The input's dimension that the last one of `size` lies along, no batch counted.",
    )

    is_module: ClassVar[bool] = False

    def _trailing(self, shape: Shape) -> int:
        """Return how many of the input's dimensions lie behind the scale's last one."""
        if not -len(shape) <= self.dim < len(shape):
            raise ShapeError(
                f"a scale along dim {self.dim} of a tensor of {len(shape)} dimensions (the batch is"
                " not counted)"
            )
        return len(shape) - 1 - self.dim % len(shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        covered = inputs[0][: len(inputs[0]) - self._trailing(inputs[0])]
        for mine, theirs in zip(reversed(self.size), reversed(covered), strict=False):
            if mine not in (1, theirs):
                raise ShapeError(
                    f"a scale of {product(self.size)} does not broadcast over {product(inputs[0])}:"
                    f" {mine} against {theirs}",
                    (
                        "`dim` says along which dimension of the input it lies"
                        if len(self.size) == 1
                        else ""
                    ),
                )
        if len(self.size) > len(covered):
            raise ShapeError(
                f"a scale of {len(self.size)} dimensions over an input of {len(covered)}"
            )
        return inputs[0]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight(self.size)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input", for_weights=("",)),)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working(product(self.size)),
            "macs": Working("0"),
            "flops": Working(f"1*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        factor = weights[""]
        behind = self._trailing(inputs[0].shape[1:])
        if behind and self.size:
            factor = view(run, factor, (*self.size, *[1] * behind))
        return multiply(run, inputs[0], factor)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        trailing = self._trailing(inputs[0])
        if trailing and self.size:
            return Function(torch.nn.scale_along, kwargs={"trailing": trailing}, start=self.value)
        return Function(torch.mul, start=self.value)


class ScaleBy(PointwiseOp):
    """Multiplies by a constant `factor`: the gains of networks without normalization.

    `inplace` overwrites the input.
    """

    name: ClassVar[str] = "scale_by"
    family: ClassVar[Family] = "scale"

    factor: float = setting(number, about="The constant.")
    inplace: bool = setting(
        boolean, False, about="Overwrites its input, which then needs no memory of its own."
    )

    is_module: ClassVar[bool] = False

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "inplace" if self.inplace else "new"

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"1*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return scaled(run, inputs[0], inplace=self.inplace)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.mul_ if self.inplace else torch.mul, args=(self.factor,))


class Parameter(Op):
    """A learned tensor with no input: class token, position embedding.

    Its state-dict key is the layer's own path.

    `batched`: the key's shape begins with a batch of 1, as ViT's class_token of 1×1×C has it.
    """

    name: ClassVar[str] = "parameter"
    family: ClassVar[Family] = "parameter"

    size: tuple[int, ...] = setting(
        integers, about="The shape of the learned tensor, the batch not counted."
    )
    value: float = setting(number, 0.0, about="What every element starts from.")
    batched: bool = setting(
        boolean, False, about="Whether the weight's shape in torch begins with a batch of 1."
    )

    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        if any(n < 1 for n in self.size):
            raise ShapeError(
                f"a parameter of size {product(self.size)}: every dimension is at least 1"
            )
        return self.size

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight((1, *self.size) if self.batched else self.size)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"  # of the weight

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return contiguous(shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working(product(self.size)), "macs": Working("0"), "flops": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight = weights[""]
        return weight if self.batched else view(run, weight, (1, *weight.shape))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        given = torch.nn.itself if self.batched else torch.nn.per_sample
        return Function(given, start=self.value)
