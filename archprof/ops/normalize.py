"""Vectors made one long: torch.nn.functional.normalize."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.norms import normalize
from archprof.autograd.reductions import reduced
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import repeated
from archprof.ops.answers import Cost, Function, Saved, Working, product
from archprof.ops.base import PointwiseOp, Shape
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same
from archprof.ops.reshape import dimension
from archprof.ops.settings import integer, number, number_from_1, setting


class Normalize(PointwiseOp):
    """Divides by the p-norm along `dim`, so that every vector has a length of 1: the queries and
    keys of cosine attention.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
    """

    name: ClassVar[str] = "normalize"
    family: ClassVar[Family] = "normalization"

    dim: int = setting(
        integer,
        0,
        about=(
            "The dimension that a vector lies along, the batch not counted: 0 is the channels;"
            " negative ones count from the end."
        ),
    )
    p: float = setting(
        number_from_1,
        2.0,
        about="The power of the magnitudes in the norm, and of its root.",
    )
    eps: float = setting(number, 1e-12, totals="nothing", about="The least that is divided by.")

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        dimension(self.name, self.dim, len(inputs[0]))
        return inputs[0]

    def _norms(self, shape: Shape) -> Shape:
        """Return the shape of the norms, `dim` kept as 1."""
        return reduced(shape, [dimension(self.name, self.dim, len(shape))], True)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        along = self.dim % len(output)
        return (tuple(New() if d == along else Same(d) for d in range(len(output))),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # torch composes it: the input, its norms, and what is divided by
        norms = Saved("own", elements=math.prod(self._norms(output)))
        return Saved("input"), norms, norms

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # what is divided by, beside the output, which is no smaller than the norms before
        return shape[0] * math.prod(self._norms(shape[1:])) * itemsize

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        norms = contiguous((shape[0], *self._norms(shape[1:])))
        return elementwise(inputs[0], repeated(norms, shape))

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
        return normalize(run, inputs[0], self.dim % (len(shape) - 1) + 1, self.p)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        dim = self.dim if self.dim < 0 else self.dim + 1
        return Function(
            torch.nn.functional.normalize, kwargs={"p": self.p, "dim": dim, "eps": self.eps}
        )
