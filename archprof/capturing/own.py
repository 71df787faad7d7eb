"""Which op of archprof's says what one operator does."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.capturing.call import MISFITS, own_itemsize
from archprof.capturing.operands import Operands
from archprof.capturing.operators import row
from archprof.capturing.state import HeldWeights
from archprof.capturing.tape import Operation
from archprof.ops.base import Op, Shape


def own_op(
    operands: Operands, weights: Sequence[int], state: HeldWeights
) -> tuple[Op | None, str | None]:
    """Return the op of archprof's that says what an operator does, and its path where its
    weights give it one.

    It says the same where its output is the captured one and its weights are all those that it
    would have.
    """
    known = row(operands.operation.operator)
    if known is None or known.becomes is None:
        return None, None
    if operands.place > 0 and known.family != "movement":
        return None, None
    if own_itemsize(operands.output.tensor.dtype) is not None:
        return None, None
    shapes = tuple(each.shape for each in operands.inputs)
    try:
        op = known.becomes(operands)
        if op is None or not _says_the_same(op, shapes, operands.output.shape):
            return None, None
    except MISFITS:
        return None, None
    if not weights:
        return (op, None) if not op.weights(*shapes) else (None, None)
    call = operands.operation.module
    module = state.tape.modules[call].path if call >= 0 else ""
    path = state.place(op, shapes, weights, module)
    return (op, path) if path is not None else (None, None)


def with_bare_weights(
    operation: Operation,
    place: int,
    given: Sequence[int],
    weights: Sequence[int],
    state: HeldWeights,
) -> Op | None:
    """Return the op of archprof's that an operator is where its weights are inputs as all others,
    such as the sum with a position embedding. None for no such op, and for weights that a layer
    counts already.
    """
    if not weights or state.paid.keys() & set(weights):
        return None
    placed = {number: i for i, number in enumerate(given)}
    return own_op(Operands(operation, state.tape.tensors, placed, place), (), state)[0]


def _says_the_same(op: Op, inputs: tuple[Shape, ...], output: Shape) -> bool:
    """Whether an op takes as many inputs, and gives the captured output."""
    least, most = op.arity
    if len(inputs) < least or (most is not None and len(inputs) > most):
        return False
    return op.output_shape(*inputs) == output
