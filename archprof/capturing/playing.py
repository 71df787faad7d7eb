"""What the layers of a tape do in training, as they are made: their operations, and where each
weight is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archprof.capturing.call import Call
from archprof.capturing.operands import Operands
from archprof.capturing.operators import row
from archprof.capturing.played import Played, PlayedConstant, PlayedOperation, PlayedWeight
from archprof.capturing.tape import Operation, Tape, Tensor, values
from archprof.capturing.wholes import WholeModule
from archprof.ops.base import Op


class Playing:
    """The layers of a tape in training.

    `places`: by the number of a weight the layer that counts it, and its name there. `wanted`: the
    numbers of all tensors that somebody reads.
    """

    def __init__(self, tape: Tape, wanted: set[int]) -> None:
        self.tape, self.wanted = tape, wanted
        self.places: dict[int, tuple[int, str]] = {}

    def counts(self, index: int, weights: Mapping[int, str]) -> None:
        """Write down that a layer counts weights, by their numbers and names."""
        for number, name in weights.items():
            self.places.setdefault(number, (index, name))

    def operation(self, operands: Operands, given: Sequence[int], op: Op) -> Played | None:
        """Return what a layer of one operation does; None where an op of archprof's says it, and
        the operator has no program.
        """
        known = row(operands.operation.operator)
        program = known.kernels if known is not None else None
        call = op if isinstance(op, Call) else None
        if program is None and call is None:
            return None
        step = PlayedOperation(operands, call, program)
        result = operands.operation.outputs[operands.place]
        return Played([step], given, result, self.places, self.wanted)

    def whole(self, whole: WholeModule, op: Op) -> Played | None:
        """Return what a module of several operations does; None for a drop path, which is seen as
        something else in evaluation, and where an operator has no program.
        """
        if op.name == "drop_path":
            return None
        steps = []
        for operation in whole.operations:
            known = row(operation.operator)
            if known is None or known.kernels is None:
                return None
            steps.append(PlayedOperation(self._operands(operation), None, known.kernels))
        return Played(steps, [whole.given], whole.result, self.places, self.wanted)

    def _operands(self, operation: Operation) -> Operands:
        placed = {number: i for i, number in enumerate(values(operation.arguments))}
        return Operands(operation, self.tape.tensors, placed)

    def weight(self, number: int) -> PlayedWeight:
        """Return what a layer does that is a weight."""
        return PlayedWeight(self.places, number)

    def constant(self, tensor: Tensor) -> PlayedConstant:
        """Return what a layer does that is a tensor which the module holds."""
        return PlayedConstant(tensor.shape, tensor.dtype)

    def calls(self, operation: Operation | None) -> tuple[int, ...]:
        """Return the calls of modules that an operation runs in, outermost first."""
        found: list[int] = []
        call = -1 if operation is None else operation.module
        while call >= 0:
            found.append(call)
            call = self.tape.modules[call].parent
        return tuple(reversed(found))
