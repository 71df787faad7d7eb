"""What an operator was given and gave, as its row in the table of operators asks for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archprof.capturing.tape import Operation, Tensor, TensorRef
from archprof.ops.answers import Saved
from archprof.ops.base import Shape

ITERATED = (list, tuple)


def without_batch(shape: tuple[int, ...]) -> Shape:
    """Return a shape as a graph has it: a leading 1, which the batch is on a tape, left out.

    A tensor that does not depend on the image may begin with a 1 too. It broadcasts all the same.
    """
    return shape[1:] if len(shape) > 1 and shape[0] == 1 else shape


class Operand(NamedTuple):
    """A tensor among the arguments, or an output: its number on the tape, and what that is."""

    number: int
    tensor: Tensor

    @property
    def full(self) -> tuple[int, ...]:
        """The shape as captured, the batch of 1 included."""
        return self.tensor.shape

    @property
    def shape(self) -> Shape:
        """The shape without the batch."""
        return without_batch(self.tensor.shape)

    @property
    def elements(self) -> int:
        return math.prod(self.tensor.shape)

    def dim(self, number: int) -> int | None:
        """Return a dimension of the captured shape as one of `shape`, None for the batch's."""
        rank = len(self.full)
        if not -rank <= number < rank:
            return None
        place = number % rank - (rank - len(self.shape))
        return place if place >= 0 else None


class Operands:
    """The arguments of one operation by their names in torch's schema, and its outputs.

    `placed`: by the number of a tensor, which input of the layer it is; a weight is none.
    """

    def __init__(
        self,
        operation: Operation,
        tensors: Sequence[Tensor],
        placed: Mapping[int, int],
        output: int = 0,
    ):
        self.operation, self.tensors, self.placed = operation, tensors, placed
        self.place = output  # which of the outputs is described

    @property
    def output(self) -> Operand:
        return self._operand(self.operation.outputs[self.place])

    @property
    def inputs(self) -> list[Operand]:
        """The layer's inputs, in order."""
        return [self._operand(number) for number in self.placed]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a plain argument, the default where it was left out."""
        return self.operation.arguments.get(name, default)

    def tensor(self, *names: str) -> Operand:
        """Return the tensor under the first of these names. Raises LookupError for none."""
        for name in names:
            found = self.operation.arguments.get(name)
            if isinstance(found, TensorRef):
                return self._operand(found.number)
        raise LookupError(f"no tensor {' or '.join(names)}")

    def has(self, name: str) -> bool:
        """Whether a tensor was given under a name."""
        return isinstance(self.operation.arguments.get(name), TensorRef)

    def listed(self, name: str) -> list[Operand]:
        """Return the tensors of a list."""
        found = self.operation.arguments.get(name)
        if not isinstance(found, ITERATED):
            return []
        return [self._operand(each.number) for each in found if isinstance(each, TensorRef)]

    def first(self) -> Operand:
        """Return the first tensor among the arguments. Raises LookupError for none."""
        for given in self.operation.arguments.values():
            for number in _values(given):
                return self._operand(number)
        raise LookupError("no tensor")

    def kept(self, name: str, *wanted_by: str) -> Saved | None:
        """Return what autograd keeps where it keeps an argument: for the gradients of the others,
        where those are named.

        None for a weight, which is there anyway.
        """
        found = self.operation.arguments.get(name)
        if not isinstance(found, TensorRef) or found.number not in self.placed:
            return None
        others = (self.operation.arguments.get(other) for other in wanted_by)
        numbers = [other.number for other in others if isinstance(other, TensorRef)]
        wanted = tuple(self.placed[number] for number in numbers if number in self.placed)
        if len(wanted) < len(numbers):
            wanted = ()  # a weight among them, which always wants its gradient
        return Saved("input", self.placed[found.number], wanted_by=wanted)

    def _operand(self, number: int) -> Operand:
        return Operand(number, self.tensors[number])


def _values(given: Any) -> Iterator[int]:
    if isinstance(given, TensorRef):
        yield given.number
    elif isinstance(given, ITERATED):
        for part in given:
            yield from _values(part)


def sides(given: Any, default: int, rank: int) -> list[int]:
    """Return one number, or one for each axis, as one for each: a kernel, a stride.

    An empty list is the default.
    """
    numbers = list(given) if isinstance(given, ITERATED) else [given]
    if not numbers or numbers == [None]:
        numbers = [default]
    return numbers * rank if len(numbers) == 1 else numbers
