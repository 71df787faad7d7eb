"""Linear layers and learned tensors: linear, parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout, contiguous, viewed
from archprof.autograd.products import linear, zeroed_within
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import view
from archprof.ops.answers import FREE, Cost, Function, Saved, Weight, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import with_dimensions
from archprof.ops.reading import New, Reading, same
from archprof.ops.settings import boolean, integers, number, optional, positive, setting


class Linear(Op):
    """A matrix product over the last dimension, torch.nn.Linear: y = x W^T + b.

    `unbiased`: the bias is held at zero from one output feature to before another, as Swin V2 holds
    that of its keys within one projection of queries, keys and values.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
    """

    name: ClassVar[str] = "linear"
    family: ClassVar[Family] = "linear"

    out: int = setting(positive, about="Features of the output.")
    bias: bool = setting(boolean, True, about="Whether each output feature has a learned bias.")

    unbiased: tuple[int, ...] | None = setting(
        optional(integers),
        None,
        about="Output features, from start to before stop, whose bias is held at zero.",
    )

    counts_depth: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.unbiased is not None:
            self._check_unbiased(self.unbiased)
        return (*with_dimensions(self.name, inputs[0])[:-1], self.out)

    def _check_unbiased(self, part: tuple[int, ...]) -> None:
        """Refuse what is not part of a bias. Raises ShapeError."""
        if not self.bias:
            raise ShapeError("`unbiased` is a part of a bias, and there is none", "leave it out")
        if len(part) != 2 or not 0 <= part[0] < part[1] <= self.out:
            raise ShapeError(
                f"`unbiased` is {list(part)}, expected [start, stop] within {self.out} features"
            )

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        result = {"weight": Weight((self.out, inputs[0][-1]))}
        if self.bias:
            result["bias"] = Weight((self.out,))
        return result

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        macs = math.prod(inputs[0]) * self.out
        added = math.prod(output) if self.bias else 0
        return Cost(macs, 2 * macs + added)

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
        bias = self.out * itemsize if self.unbiased else 0  # a copy of it, with zeros
        if len(rows) == 1 or layout.contiguous:
            return bias
        # a product of matrices, for which what cannot be seen as such is copied; the bias is added
        # to its result, which makes another
        one_matrix = all(
            layout.strides[d] == layout.strides[d + 1] * rows[d + 1] for d in range(len(rows) - 1)
        )
        as_matrices = (
            one_matrix or viewed(layout, (math.prod(rows[:-1]), rows[-1], features)) is not None
        )
        return (
            bias
            + max(
                0 if as_matrices else math.prod(layout.shape), math.prod(shape) if self.bias else 0
            )
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
        bias = weights.get("bias")
        if self.unbiased is not None and bias is not None:
            bias = zeroed_within(run, bias, self.unbiased[1] - self.unbiased[0])
        return linear(run, inputs[0], weights["weight"], bias)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        if self.unbiased is not None:
            start, stop = self.unbiased
            return torch.nn.PartlyBiasedLinear(inputs[0][-1], self.out, start=start, stop=stop)
        return torch.nn.Linear(inputs[0][-1], self.out, bias=self.bias)


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
    value: float = setting(number, 0.0, totals="nothing", about="What every element starts from.")
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
