"""Layers that no op of the spec language says: an operator as captured, and what stands beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from archprof.autograd.layout import Layout, contiguous
from archprof.capturing.operands import Operands, without_batch
from archprof.capturing.operators import base_name, row
from archprof.capturing.operators.row import Copies, Operator
from archprof.capturing.tape import ITEMSIZES, Operation, Tape, Tensor
from archprof.ops.answers import FREE, Cost, Saved, Weight, Working
from archprof.ops.base import Op, Shape
from archprof.ops.elements import FRACTIONS, Elements
from archprof.ops.family import Family
from archprof.ops.reading import Raster, Reading

# what a row raises whose arguments are not those of the operator
MISFITS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)

Storing = Literal["new", "view", "inplace"]


class Captured(Op):
    """A layer with a fixed output, whose name is torch's."""

    arity: ClassVar[tuple[int, int | None]] = (0, None)
    is_module: ClassVar[bool] = False

    def __init__(self, name: str, family: Family, tensor: Tensor, *key: Any):
        output = without_batch(tensor.shape)
        own = {"name": name, "family": family, "shape": output, "tensor": tensor}
        self.__dict__.update(own, itemsize=own_itemsize(tensor.dtype))
        self.__dict__["_key"] = (name, output, tensor.dtype, tensor.strides, *key)

    shape: Shape
    tensor: Tensor

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.shape

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost | None:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,) * len(inputs)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        params = [w.elements for w in self.weights(*inputs).values() if w.trainable]
        lines = {"params": Working(" + ".join(map(str, params)) or "0")}
        cost = self.cost(inputs, output)
        if cost is not None:
            lines["macs"] = Working(str(cost.macs))
            lines["flops"] = Working(str(cost.flops))
        return lines

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        raise NotImplementedError(f"{self.name} is not an op of a spec")


def own_itemsize(dtype: str) -> int | None:
    """Return the bytes of an element that keeps its dtype whatever the network's; None for the
    floating-point dtypes, which follow the network's.
    """
    return None if dtype.startswith(("float", "bfloat")) else ITEMSIZES.get(dtype, 8)


def elements_of(dtype: str) -> Elements:
    """Return what the elements of a captured input of a dtype are."""
    size = own_itemsize(dtype)
    return FRACTIONS if size is None else Elements(dtype, itemsize=size)


class Call(Captured):
    """An operator as captured; its row in the table of operators answers for it.

    `weights`: the parameters and buffers that it is the first to use.
    """

    def __init__(
        self,
        operands: Operands,
        weights: Mapping[str, Weight],
        storing: Storing,
    ):
        operator = operands.operation.operator
        known = row(operator)
        settings = plain(operands)
        super().__init__(
            base_name(operator).rstrip("_"),
            known.family if known else "movement",
            operands.output.tensor._replace(storage=0),
            tuple((name, repr(value)) for name, value in settings.items()),
            tuple(weights.items()),
            storing,
            operands.place,
        )
        self.__dict__.update(
            constant=base_name(operator).startswith("new_"),  # of its input only the dtype
            counts_depth=int(_has_weight(known, operands)),
            operands=operands,
            counted_as=known.formula if known else "",
            own_weights=dict(weights),
            storing=storing,
            plain_settings=settings,
            arrives=_arrives(operands),
            known_cost=_answer(known, "cost", operands) if operands.place == 0 else FREE,
            known_keeps=_kept(known, operands),
            known_reads=_read(known, operands),
            known_copies=known.copied if known else None,
        )

    operands: Operands
    own_weights: Mapping[str, Weight]
    storing: Storing
    plain_settings: Mapping[str, Any]
    known_cost: Cost | None
    known_keeps: tuple[Saved, ...] | None
    known_reads: tuple[Reading | None, ...] | None
    known_copies: Copies | None

    def given(self) -> dict[str, Any]:
        return dict(self.plain_settings)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return dict(self.own_weights)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost | None:
        return self.known_cost

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        if self.known_reads is None or len(self.known_reads) != len(inputs):
            return (None,) * len(inputs)
        return self.known_reads

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        return self.known_keeps

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        return self.known_copies(self.operands, item, inputs) if self.known_copies else 0

    def storage(self, training: bool) -> Storing:
        return self.storing

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        """Return the captured strides; how far the samples lie apart is not captured."""
        rank = len(shape) - 1
        strides = self.tensor.strides[len(self.tensor.strides) - rank :] if rank else ()
        if len(strides) != rank:
            return contiguous(shape)
        reach = max((n * stride for n, stride in zip(shape[1:], strides, strict=True)), default=1)
        return Layout(shape, (reach, *strides))


class Contiguous(Call):
    """A copy in the order of the indices, where the input does not lie so already.

    That is as on the CPU: a tape's strides are those of tensors without data, whose fused attention
    lies otherwise.
    """

    def storage(self, training: bool) -> Storing:
        return "view"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return inputs[0] if inputs and inputs[0].contiguous else None


RANDOM = frozenset({"bernoulli", "bernoulli_", "empty", "new_empty", "rand", "randn"})


def _arrives(operands: Operands) -> bool:
    """Whether an operator makes random numbers for each sample, as drop path does: its tensor
    begins with the batch.
    """
    shape = operands.output.full
    return base_name(operands.operation.operator) in RANDOM and len(shape) > 1 and shape[0] == 1


def shared_first(
    tape: Tape, operation: Operation, place: int, given: list[int]
) -> tuple[Storing, list[int]]:
    """Return whether an output has memory of its own, and the inputs, that first whose memory it
    shares.
    """
    storage = tape.tensors[operation.outputs[place]].storage
    shared = [n for n in given if tape.tensors[n].storage == storage]
    if not shared or storage < 0:
        return "new", given
    rest = [n for n in given if n != shared[0]]
    name = base_name(operation.operator)
    inplace = name.endswith("_") and not name.endswith("__")
    return ("inplace" if inplace else "view"), [shared[0], *rest]


def _has_weight(known: Operator | None, operands: Operands) -> bool:
    """Whether an operator is a convolution or a linear layer, which depth counts."""
    if known is None or operands.place > 0:
        return False
    return known.family in ("convolution", "linear") and operands.has("weight")


def _answer(known: Operator | None, question: str, operands: Operands) -> Any:
    """Return a row's answer, None where there is no row or the arguments are not the operator's."""
    ask = getattr(known, question, None)
    if ask is None:
        return None
    try:
        return ask(operands)
    except MISFITS:
        return None


def _kept(known: Operator | None, operands: Operands) -> tuple[Saved, ...] | None:
    found = _answer(known, "keeps", operands)
    return None if found is None else tuple(item for item in found if item is not None)


def _read(known: Operator | None, operands: Operands) -> tuple[Reading | None, ...] | None:
    """Return what an operator reads; None where a row's answer does not fit the shapes."""
    found = _answer(known, "reads", operands)
    if found is None:
        return None
    rank, inputs = len(operands.output.shape), operands.inputs
    fits = len(found) == len(inputs) and all(
        reading is None or (len(reading) == rank and _dims(reading) < len(each.shape))
        for reading, each in zip(found, inputs, strict=True)
    )
    return found if fits else None


def _dims(reading: Reading) -> int:
    """Return the highest dimension of the input that a reading names, -1 where it names none."""
    named = [-1]
    for entry in reading:
        named.extend(entry.dims if isinstance(entry, Raster) else (getattr(entry, "dim", -1),))
    return max(named)


def plain(operands: Operands) -> dict[str, Any]:
    """Return the arguments that are not tensors, as settings of a layer."""
    given = operands.operation.arguments
    return {name: value for name, value in given.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_plain(part) for part in value)
    return value is None or type(value) in (bool, int, float, str)
