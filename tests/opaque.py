"""An op that tells its shape and nothing else, as one of a captured module may: no shipped op is
like it, so that tests put it among the ops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from archprof.autograd.layout import contiguous
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved, Working
from archprof.ops.base import PointwiseOp, Shape
from archprof.ops.family import Family
from archprof.ops.reading import Reading


class Opaque(PointwiseOp):
    """An elementwise op whose cost, kept tensors and readings are unknown."""

    name: ClassVar[str] = "opaque"
    family: ClassVar[Family] = "activation"

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost | None:
        return None

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        return None

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        run.unknown.append(run.path)
        made = new(run, contiguous(shape), run.itemsize, self.name)
        return attach(run, self.name, made, inputs, (), lambda gradient: [gradient])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.Softsign()


@pytest.fixture
def opaque(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let specs use `op: opaque`."""
    monkeypatch.setitem(OPS.places, "opaque", Opaque)
