"""What a program of kernels is given: the arguments of an operator as captured, its tensors without
data, of the shapes that torch's have for a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from archprof.autograd.layout import Layout, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.capturing.operands import ITERATED, Operands
from archprof.capturing.samples_in import samples, with_samples
from archprof.capturing.tape import ITEMSIZES, TensorRef

Program = Callable[["Arguments"], "FakeTensor | Sequence[FakeTensor]"]
"""What an operator does: its output, or all of several."""


class Arguments:
    """The arguments of one operation by their names in torch's schema, its tensors without data,
    and what it gave as captured.
    """

    def __init__(self, run: Run, operands: Operands, tensors: Mapping[int, FakeTensor]) -> None:
        self.run, self.operands, self.tensors = run, operands, tensors
        self.kernel = operands.operation.operator.split(".")[1]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a plain argument, the default where it was left out."""
        return self.operands.get(name, default)

    def has(self, name: str) -> bool:
        """Whether a tensor was given under a name."""
        return self.operands.has(name)

    def maybe(self, name: str) -> FakeTensor | None:
        """Return the tensor under a name, None for none."""
        return self[name] if self.has(name) else None

    def __getitem__(self, name: str) -> FakeTensor:
        return self.tensors[self.operands.tensor(name).number]

    def listed(self, name: str) -> list[FakeTensor]:
        """Return the tensors of a list."""
        return [self.tensors[each.number] for each in self.operands.listed(name)]

    @property
    def first(self) -> FakeTensor:
        """The first tensor among the arguments."""
        return self.tensors[self.operands.first().number]

    @property
    def all(self) -> list[FakeTensor]:
        """All tensors among the arguments, in order."""
        return [self.tensors[number] for number in numbers_in(self.operands)]

    @property
    def inplace(self) -> bool:
        """Whether the operator overwrites its first argument."""
        return self.kernel.endswith("_") and not self.kernel.endswith("__")

    @property
    def name(self) -> str:
        """Torch's name of the operator without the `_` of those that work in place."""
        return self.kernel.rstrip("_") if self.inplace else self.kernel

    @property
    def itemsize(self) -> int:
        """The bytes of an element of the output."""
        return itemsize_of(self.operands.output.tensor.dtype, self.run.itemsize)

    @property
    def learned(self) -> bool:
        """Whether the output is of numbers that may have gradients."""
        return self.operands.output.tensor.dtype.startswith(("float", "bfloat"))

    @property
    def captured(self) -> tuple[int, ...]:
        """The shape of the output as captured."""
        return self.operands.output.full

    @property
    def count(self) -> int:
        """How many samples the arguments are of, 1 where they are one for all."""
        counts = [1]
        for number in numbers_in(self.operands):
            own = self.operands.tensors[number].shape
            counts.append(samples(own, self.tensors[number].shape))
        return max(counts)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the output where its first dimension counts the samples."""
        return with_samples(self.captured, self.count)

    @property
    def layout(self) -> Layout:
        """How an elementwise output lies in memory."""
        return elementwise(*(each.layout for each in self.all))


def itemsize_of(dtype: str, usual: int) -> int:
    """Return the bytes of an element of a dtype, where those of the floating-point ones are the
    usual.
    """
    if dtype.startswith(("float", "bfloat")):
        return usual
    return ITEMSIZES.get(dtype, 8)


def numbers_in(operands: Operands) -> Iterator[int]:
    """Yield the numbers of the tensors among the arguments, each once."""
    seen: dict[int, None] = {}
    for given in operands.operation.arguments.values():
        _collect(given, seen)
    return iter(seen)


def _collect(given: Any, found: dict[int, None]) -> None:
    if isinstance(given, TensorRef):
        found[given.number] = None
    elif isinstance(given, ITERATED):
        for part in given:
            _collect(part, found)
