"""A tape of two samples as one of a single sample."""

from __future__ import annotations

from archprof.capturing.tape import Tape, Tensor, values

SAMPLES = 2


def of_one_sample(tape: Tape) -> Tape | None:
    """Return a tape of two samples as that of one: what depends on an input has half as much along
    its first dimension.

    None where something that depends on an input cannot be halved. Sizes among the arguments stay
    as they are: which op an operator is, and what it costs, follows from its tensors.
    """
    tensors = list(tape.tensors)
    depends = set(tape.inputs.values())
    for operation in tape.operations:
        if depends.intersection(values(operation.arguments)) or _begins(tape, operation.outputs):
            depends.update(operation.outputs)
    depends -= {weight.value for weight in tape.weights.values()}
    for number in depends:
        tensor = tensors[number]
        if not tensor.shape or tensor.shape[0] % SAMPLES:
            return None
        tensors[number] = _halved(tensor)
    return tape.replaced(tensors=tuple(tensors))


def _begins(tape: Tape, outputs: tuple[int, ...]) -> bool:
    """Whether a tensor that is made of nothing has a number for each sample, as drop path draws."""
    shapes = [tape.tensors[number].shape for number in outputs]
    return any(len(s) > 1 and s[0] == SAMPLES and set(s[1:]) == {1} for s in shapes)


def _halved(tensor: Tensor) -> Tensor:
    return tensor._replace(shape=(tensor.shape[0] // SAMPLES, *tensor.shape[1:]))
