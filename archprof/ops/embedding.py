"""Embedding: a vector for each whole number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import contiguous
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.ops.answers import FREE, Cost, Saved, Weight, Working
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.reading import New, Reading, same
from archprof.ops.settings import integer, optional, positive, setting


class Embedding(Op):
    """Looks up a row of a learned table for each whole number: N tokens become N×C,
    torch.nn.Embedding.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
    """

    name: ClassVar[str] = "embedding"
    family: ClassVar[Family] = "linear"

    num: int = setting(positive, about="Rows of the table: the size of the vocabulary.")
    dim: int = setting(positive, about="Features of each row.")
    padding_idx: int | None = setting(
        optional(integer),
        None,
        about="The row of padding, which is zeros and gets no gradient; from the end where < 0.",
    )

    @property
    def rows(self) -> int:  # type: ignore[override]
        return self.num

    def output_shape(self, *inputs: Shape) -> Shape:
        if self.padding_idx is not None and not -self.num <= self.padding_idx < self.num:
            raise ShapeError(f"padding_idx {self.padding_idx} of a table of {self.num} rows")
        return (*inputs[0], self.dim)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"weight": Weight((self.num, self.dim))}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((*same(len(output) - 1), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return (Saved("input", for_weights=("weight",)),)  # the indices

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"Num": self.num, "Dim": self.dim}
        return {
            "features": Working("Dim", names),
            "params": Working("Num*Dim", names),
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
        table, (indices,) = weights["weight"], inputs
        whole, size = contiguous(table.shape), table.itemsize
        made = new(run, contiguous(shape), size, "embedding")
        return attach(
            run,
            "embedding",
            made,
            [table],
            [indices],
            lambda _: [new(run, whole, size, "embedding_dense_backward")],
        )

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Embedding(self.num, self.dim, padding_idx=self.padding_idx)
