"""A further input of a network, as an op."""

from __future__ import annotations

from typing import Any, ClassVar

from archprof.ops.answers import FREE, Cost, Saved, Working
from archprof.ops.base import Op, Shape
from archprof.ops.elements import Elements
from archprof.ops.family import Family
from archprof.ops.reading import Reading


class FurtherInput(Op):
    """A further input of a network, such as the tokens beside an image."""

    name: ClassVar[str] = "input"
    family: ClassVar[Family] = "parameter"

    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    arrives: ClassVar[bool] = True

    shape: Shape

    def __init__(self, shape: Shape, elements: Elements):
        self.__dict__.update(
            _key=(shape, elements), shape=shape, elements=elements, itemsize=elements.itemsize
        )

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.shape

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        raise NotImplementedError("an input is given, never built")
