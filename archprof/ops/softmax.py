"""Softmax, and its logarithm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout
from archprof.autograd.norms import softmax
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.activation import Activation
from archprof.ops.base import Shape, ShapeError
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import integer, setting


class Softmax(Activation):
    """exp(x)/sum exp(x) along `dim` (negative: from the end, the batch left out),
    torch.nn.Softmax.
    """

    name: ClassVar[str] = "softmax"

    dim: int = setting(
        integer,
        -1,
        about="The dimension along which the sum becomes 1, the batch not counted.",
    )

    keeps: ClassVar[Literal["input", "output"]] = "output"

    def output_shape(self, *inputs: Shape) -> Shape:
        if not -len(inputs[0]) <= self.dim < len(inputs[0]):
            raise ShapeError(
                f"{self.name} over dim {self.dim} of a tensor of {len(inputs[0])} dimensions (the"
                " batch is not counted)"
            )
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        along = self.dim % len(output)
        return (tuple(New() if i == along else Same(i) for i in range(len(output))),)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return None

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return softmax(run, inputs[0], f"_{self.name}")

    def _torch_dim(self) -> int:
        """Return the dimension as torch counts it, the batch being 0."""
        return self.dim if self.dim < 0 else self.dim + 1

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Softmax(dim=self._torch_dim())


class LogSoftmax(Softmax):
    """x - log(sum exp(x)) along `dim`, the logarithm of a softmax, torch.nn.LogSoftmax."""

    name: ClassVar[str] = "log_softmax"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LogSoftmax(dim=self._torch_dim())
