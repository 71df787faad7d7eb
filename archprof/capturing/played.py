"""What a layer of a captured network does in training: its operators, one after the other, on
tensors without data, of the shapes that torch's have for a batch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress

from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach
from archprof.capturing.arguments import Arguments, Program, itemsize_of, numbers_in
from archprof.capturing.operands import Operands
from archprof.ops.base import Op

MISFITS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What a program raises whose arguments are not those of the operator."""


def one_kernel(given: Arguments, op: Op | None) -> FakeTensor:
    """Return the output of an operator without a program as one kernel, that keeps what its row
    says; its gradients are one kernel too.
    """
    run, inputs = given.run, given.all
    shape = given.shape
    stored = "new" if op is None else op.storage(training=True)
    if stored == "new" or not inputs:
        made = FakeTensor(run, contiguous(shape), given.itemsize)
    else:
        made = inputs[0].viewed(contiguous(shape))
    kept = _kept(given, op, made)
    run.note(given.name)
    cost = None if op is None else op.cost((), ())
    macs = 0 if cost is None else cost.macs * given.count
    run.count(macs)
    if not given.learned:
        return made
    likes = [(elementwise(t.layout), t.itemsize) if t.trains else None for t in inputs]
    wanted = sum(like is not None for like in likes)
    name = given.name

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found = [None if like is None else FakeTensor(run, *like) for like in likes]
        run.note(name + "_backward")
        run.count(macs * min(wanted, 2), 0 if macs else math.prod(shape))
        return list(found)

    return attach(run, name, made, inputs, kept, back)


def _kept(given: Arguments, op: Op | None, made: FakeTensor) -> list[FakeTensor | None]:
    found: list[FakeTensor | None] = []
    placed = {place: number for number, place in given.operands.placed.items()}
    for item in (op.saved((), ()) if op is not None else ()) or ():
        if item.what == "output":
            found.append(made)
        elif item.what == "input":
            found.append(given.tensors[placed[item.number]])
        else:
            size = item.own_bytes(given.count, given.run.itemsize)
            found.append(FakeTensor(given.run, contiguous((size,)), 1))
    return found


class PlayedOperation:
    """One operation of a layer, and what it does."""

    __slots__ = ("known", "op", "operands", "program")

    def __init__(self, operands: Operands, op: Op | None, program: Program | None) -> None:
        self.operands, self.op, self.program = operands, op, program
        self.known = program is not None or (op is not None and op.saved((), ()) is not None)

    def play(self, given: Arguments) -> FakeTensor | Sequence[FakeTensor]:
        """Return what the operator gives. Where its arguments are not those that its program knows,
        it is one kernel, and the layer is noted down as unknown.
        """
        if self.program is not None:
            count = len(given.operands.operation.outputs)
            with suppress(*MISFITS):
                made = self.program(given)
                if isinstance(made, FakeTensor) or len(made) == count:
                    return made
            given.run.unknown.append(given.run.path)
        return one_kernel(given, self.op)


class Played:
    """The operations of one layer.

    `given`: the numbers of the layer's inputs, in order; `result`: that of its output; `weights`:
    by the number of each weight the layer that counts it, and its name there; `wanted`: the numbers
    of all tensors that somebody reads.
    """

    def __init__(
        self,
        steps: Sequence[PlayedOperation],
        given: Sequence[int],
        result: int,
        weights: Mapping[int, tuple[int, str]],
        wanted: set[int],
    ) -> None:
        self.steps, self.given, self.result = steps, given, result
        self.weights, self.wanted = weights, wanted

    @property
    def known(self) -> bool:
        """Whether it is known what all of its operations do."""
        return all(step.known for step in self.steps)

    def __call__(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[int, Mapping[str, FakeTensor]],
    ) -> FakeTensor:
        """Return the layer's output. `weights`: those of all layers, by torch name."""
        ready = run.parts.pop(self.result, None)
        if ready is not None:
            return ready
        tensors = dict(zip(self.given, inputs, strict=True))
        uses = self._last_uses()
        for place, step in enumerate(self.steps):
            self._find_weights(step.operands, tensors, weights)
            self._run(run, step, tensors)
            for number in uses.get(place, ()):
                tensors.pop(number, None)
        return tensors[self.result]

    def _run(self, run: Run, step: PlayedOperation, tensors: dict[int, FakeTensor]) -> None:
        outputs = step.operands.operation.outputs
        made = step.play(Arguments(run, step.operands, tensors))
        if isinstance(made, FakeTensor):
            tensors[outputs[step.operands.place]] = made
            return
        inside = {number for each in self.steps for number in numbers_in(each.operands)}
        for number, each in zip(outputs, made, strict=True):
            if number == self.result or number in inside:
                tensors[number] = each
            elif number in self.wanted:
                run.parts[number] = each

    def _find_weights(
        self,
        operands: Operands,
        tensors: dict[int, FakeTensor],
        weights: Mapping[int, Mapping[str, FakeTensor]],
    ) -> None:
        for number in numbers_in(operands):
            if number not in tensors:
                node, name = self.weights[number]
                tensors[number] = weights[node][name]

    def _last_uses(self) -> dict[int, list[int]]:
        """Return by operation the tensors made in the layer that nothing reads after it."""
        last: dict[int, int] = {}
        for place, step in enumerate(self.steps):
            for number in numbers_in(step.operands):
                last[number] = place
        uses: dict[int, list[int]] = {}
        for number, place in last.items():
            if number != self.result and number not in self.given:
                uses.setdefault(place, []).append(number)
        return uses


class PlayedWeight:
    """A weight that is used as any other tensor is: itself."""

    known = True

    def __init__(self, places: Mapping[int, tuple[int, str]], number: int) -> None:
        self.places, self.number = places, number

    def __call__(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[int, Mapping[str, FakeTensor]],
    ) -> FakeTensor:
        """Return the weight."""
        node, name = self.places[self.number]
        return weights[node][name]


class PlayedConstant:
    """A tensor that the module made or holds beside its state dict."""

    known = True

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        self.shape, self.dtype = shape, dtype

    def __call__(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[int, Mapping[str, FakeTensor]],
    ) -> FakeTensor:
        """Return the tensor."""
        made = FakeTensor(run, contiguous(self.shape), itemsize_of(self.dtype, run.itemsize))
        run.note("lift_fresh")
        return made
