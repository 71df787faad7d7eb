"""A constant tensor that is not trained: buffer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout, contiguous
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import view
from archprof.ops.answers import FREE, Cost, Function, Saved, Weight, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.buffer_rules import ARGUMENTS, RULES, fault
from archprof.ops.elements import whole_numbers
from archprof.ops.family import Family
from archprof.ops.reading import Reading
from archprof.ops.settings import (
    Numbers,
    boolean,
    choice,
    integers,
    number,
    numbers,
    optional,
    setting,
)


class ConstantBuffer(Op):
    """A constant tensor with no input, torch's register_buffer: coordinates, positions, a filter.

    Its state-dict key is the layer's own path. Its values are written down (`values`: nested lists,
    one list, or a number that fills it) or made by a `rule` from its size, for whose formulas see
    Constant tensors in the guide of the language.
    """

    name: ClassVar[str] = "buffer"
    family: ClassVar[Family] = "parameter"

    size: tuple[int, ...] | None = setting(
        optional(integers), None, about="Its shape, the batch not counted; `values` may say it too."
    )
    values: Numbers | None = setting(
        optional(numbers),
        None,
        about="Its values: nested lists, one list in their order, or a number for all.",
    )
    rule: str | None = setting(
        optional(choice(*RULES)), None, about="How its values are made where none are written."
    )
    start: float = setting(number, 0.0, about="The first number, of arange and linspace.")
    step: float = setting(number, 1.0, about="From one number to the next, of arange.")
    stop: float = setting(number, 1.0, about="The last number, of linspace.")
    temperature: float = setting(
        number, 10_000.0, about="What the longest period grows with, of sines and cosines."
    )
    dtype: Literal["float", "int64"] = setting(
        choice("float", "int64"), "float", about="Whether its elements are whole numbers."
    )
    persistent: bool = setting(boolean, True, about="Whether the state dict has it.")
    batched: bool = setting(
        boolean, False, about="Whether the buffer's shape in torch begins with a batch of 1."
    )

    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    constant: ClassVar[bool] = True
    is_module: ClassVar[bool] = False

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.dtype == "int64":
            elements = whole_numbers("int64", self._below())
            self.__dict__.update(itemsize=elements.itemsize, elements=elements)

    def _below(self) -> int:
        """Return what all values are from 0 to below, 0 where one is less than 0."""
        numbers = [1.0] if self.rule == "ones" else [0.0]
        if self.values is not None:
            numbers = _flat(self.values)
        elif self.rule == "arange":
            numbers = [self.start, self.start + self.step * (math.prod(self.size or ()) - 1)]
        return int(max(numbers)) + 1 if min(numbers) >= 0 else 0

    def output_shape(self, *inputs: Shape) -> Shape:
        if (self.values is None) == (self.rule is None):
            found, joined = ("neither", "nor") if self.rule is None else ("both", "and")
            raise ShapeError(
                f"a buffer has {found} `values` {joined} `rule`",
                "its values are written down, or made by a rule: values: 0, or rule: arange",
            )
        whole = self.dtype == "int64"
        arguments = tuple(name for name in self.given() if name in ARGUMENTS)
        if self.values is None:
            size = self._size("its rule makes as many values as it has elements")
            message, hint = fault(str(self.rule), size, arguments, whole)
        else:
            size = self._size_of_values(self.values)
            message, hint = "", ""
            if arguments:
                message, hint = f"`{arguments[0]}` is an argument of a rule", "leave it out"
            elif whole and not all(float(n).is_integer() for n in _flat(self.values)):
                message, hint = "not all of its values are whole numbers", "leave `dtype` out"
        if message:
            raise ShapeError(message, hint)
        return size

    def _size(self, reason: str) -> Shape:
        """Return the size that the spec states. Raises ShapeError."""
        if self.size is None:
            raise ShapeError("a buffer states no `size`", reason)
        if any(n < 1 for n in self.size):
            raise ShapeError(
                f"a buffer of size {product(self.size)}: every dimension is at least 1"
            )
        return self.size

    def _size_of_values(self, values: Numbers) -> Shape:
        """Return the size, which the values may state. Raises ShapeError where they contradict."""
        written = _shape(values)
        if self.size is None and written:
            return written
        size = self._size("one number fills a buffer of any size: size: [3, 1, 1]")
        if written in ((), size, (math.prod(size),)):
            return size
        raise ShapeError(
            f"its values are {product(written)}, its size is {product(size)}",
            f"one list of {math.prod(size)} values, or lists in lists as the size says",
        )

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        size = self.output_shape()
        shape = (1, *size) if self.batched else size
        return {"": Weight(shape, False, self.itemsize, self.persistent)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool) -> Literal["new", "view", "inplace"]:
        return "view"  # of the buffer

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return contiguous(shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        buffer = weights[""]
        return buffer if self.batched else view(run, buffer, (1, *buffer.shape))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        given = torch.nn.itself if self.batched else torch.nn.per_sample
        return Function(given, buffers={"": lambda: self._made(torch)})

    def _made(self, torch: Any) -> Any:
        """Return the values as a tensor of torch's, with a batch of 1 where it has one."""
        (weight,) = self.weights().values()
        shape, size = weight.shape, self.output_shape()
        if self.rule in ("zeros", "ones"):
            return torch.full(shape, self._number(float(self.rule == "ones")))
        if self.rule is not None:
            arguments = {
                name: self._number(getattr(self, name)) for name in RULES[self.rule].settings
            }
            made = getattr(torch.nn, self.rule)(size, **arguments)
            return torch.unsqueeze(made, 0) if self.batched else made
        assert self.values is not None  # noqa: S101 - output_shape refuses a buffer without both
        if isinstance(self.values, float):
            return torch.full(shape, self._number(self.values))
        return torch.tensor(_nested([self._number(n) for n in _flat(self.values)], shape))

    def _number(self, value: float) -> float:
        """Return a number as torch is given it: a whole one makes a tensor of whole numbers."""
        return int(value) if self.dtype == "int64" else value


def _shape(values: Numbers) -> Shape:
    """Return the shape of nested lists, all of which are as long as the first."""
    if isinstance(values, float):
        return ()
    return (len(values), *_shape(values[0]))


def _flat(values: Numbers) -> list[float]:
    """Return the numbers of nested lists in their order."""
    if isinstance(values, float):
        return [values]
    return [number for part in values for number in _flat(part)]


def _nested(flat: list[float], shape: Shape) -> list[Any]:
    """Return numbers as nested lists of a shape."""
    if len(shape) == 1:
        return flat
    each = math.prod(shape[1:])
    parts = (flat[place : place + each] for place in range(0, len(flat), each))
    return [_nested(part, shape[1:]) for part in parts]
