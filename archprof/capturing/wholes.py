"""Modules of several operators that one op of archprof says: a norm between two permutations is a
layer_norm2d.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from archprof.capturing.call import MISFITS
from archprof.capturing.operands import Operands, without_batch
from archprof.capturing.operators import base_name, row
from archprof.capturing.operators.products import convolution_settings
from archprof.capturing.tape import Operation, Tape, values
from archprof.ops import OPS
from archprof.ops.base import Op


class WholeModule(NamedTuple):
    """The operations of one call of a module, in order; `given` and `result` are the numbers of
    the one tensor that it gets, weights apart, and of the one that it gives.
    """

    tape: Tape
    call: int
    operations: Sequence[Operation]
    given: int
    result: int
    weights: Sequence[int]

    @property
    def first(self) -> Operation:
        """The first operation, as one of the module itself."""
        return self.operations[0]._replace(module=self.call)

    def op(self) -> Op | None:
        """Return the op that gives the same output by as many multiply-accumulates, None where no
        op does. Its weights are not looked at.
        """
        try:
            op = WHOLES[self.tape.modules[self.call].kind](self)
            return op if op is not None and self._agrees(op) else None
        except MISFITS:
            return None

    def _agrees(self, op: Op) -> bool:
        given = without_batch(self.tape.tensors[self.given].shape)
        result = without_batch(self.tape.tensors[self.result].shape)
        cost = op.cost((given,), result)
        same = op.output_shape(given) == result
        return same and cost is not None and cost.macs == self.macs()

    @property
    def path(self) -> str:
        """The path of the module."""
        return self.tape.modules[self.call].path

    @property
    def names(self) -> list[str]:
        return [base_name(operation.operator) for operation in self.operations]

    def only(self, name: str) -> Operands:
        """Return the one operation of a name. Raises LookupError where there is not one."""
        found = [o for o in self.operations if base_name(o.operator) == name]
        if len(found) != 1:
            raise LookupError(f"{len(found)} operations {name}")
        placed = {number: i for i, number in enumerate(values(found[0].arguments))}
        return Operands(found[0], self.tape.tensors, placed)

    def macs(self) -> int:
        """Return the multiply-accumulates of all operations together.

        Raises LookupError for an operator without a row.
        """
        total = 0
        for operation in self.operations:
            known = row(operation.operator)
            if known is None:
                raise LookupError(operation.operator)
            placed = {number: i for i, number in enumerate(values(operation.arguments))}
            total += known.cost(Operands(operation, self.tape.tensors, placed)).macs
        return total


def _layer_norm2d(whole: WholeModule) -> Op | None:
    if whole.names != ["permute", "layer_norm", "permute"]:
        return None
    norm = whole.only("layer_norm")
    return OPS["layer_norm2d"](eps=norm.get("eps", 1e-5)) if norm.has("weight") else None


def _global_response_norm(whole: WholeModule) -> Op | None:
    if sorted(set(whole.names)) != _RESPONSE:
        return None
    shifted = [o for o in whole.operations if _is_shift(o)]
    pixels = tuple(whole.only("linalg_vector_norm").get("dim"))
    name = {(1, 2): "global_response_norm", (2, 3): "global_response_norm2d"}.get(pixels)
    if len(shifted) != 1 or name is None:
        return None
    return OPS[name](eps=shifted[0].arguments["other"])


_RESPONSE = ["add", "addcmul", "div", "linalg_vector_norm", "mean", "mul", "view"]


def _is_shift(operation: Operation) -> bool:
    """Whether an operation adds a number."""
    return base_name(operation.operator) == "add" and _number(operation.arguments.get("other"))


def _number(value: object) -> bool:
    return type(value) in (int, float)


def _local_response_norm(whole: WholeModule) -> Op | None:
    scaled = [
        o
        for o in whole.operations
        if base_name(o.operator) == "mul" and _number(o.arguments.get("other"))
    ]
    shifted = [o for o in whole.operations if _is_shift(o)]
    if len(scaled) != 1 or len(shifted) != 1:
        return None
    return OPS["local_response_norm"](
        size=whole.only("avg_pool3d").get("kernel_size")[0],
        alpha=scaled[0].arguments["other"],
        beta=whole.only("pow").get("exponent"),
        k=shifted[0].arguments["other"],
    )


def _std_conv2d(whole: WholeModule) -> Op | None:
    norm, convolution = whole.only("batch_norm"), whole.only("conv2d")
    settings = convolution_settings(convolution)
    return OPS["std_conv2d"](**settings, eps=norm.get("eps", 1e-5))


def _scaled_std_conv2d(whole: WholeModule) -> Op | None:
    norm, convolution = whole.only("batch_norm"), whole.only("conv2d")
    factor = whole.only("mul").get("other")
    fan_in = math.prod(convolution.tensor("weight").full[1:])
    gamma = factor * math.sqrt(fan_in)
    shorter = float(f"{gamma:.15g}")
    if shorter * fan_in**-0.5 == factor:
        gamma = shorter
    settings = convolution_settings(convolution)
    return OPS["scaled_std_conv2d"](**settings, gamma=gamma, eps=norm.get("eps", 1e-5))


def _multihead_attention(whole: WholeModule) -> Op | None:
    attention = whole.only("scaled_dot_product_attention")
    if attention.has("attn_mask") or attention.get("is_causal", False):
        return None
    op = OPS["multihead_attention"](heads=attention.tensor("query").full[1])
    op.__dict__["by_torch"] = whole.tape.modules[whole.call].kind == "MultiheadAttention"
    return op


def _drop_path(whole: WholeModule) -> Op | None:
    """Return the drop path that draws a number for each sample, and multiplies by it; in evaluation
    it is seen as a dropout.
    """
    if whole.names == ["dropout"]:
        return OPS["drop_path"](p=float(f"{whole.only('dropout').get('p'):.12g}"))
    drawn, _, *rest = whole.names
    if drawn not in ("empty", "new_empty") or rest not in (["mul"], ["div_", "mul"]):
        return None
    kept = whole.only("bernoulli_").get("p", 0.5)
    return OPS["drop_path"](p=float(f"{1 - kept:.12g}"))


WHOLES: Mapping[str, Callable[[WholeModule], Op | None]] = {
    "LayerNorm2d": _layer_norm2d,
    "GlobalResponseNorm": _global_response_norm,
    "GlobalResponseNorm2d": _global_response_norm,
    "LocalResponseNorm": _local_response_norm,
    "StdConv2d": _std_conv2d,
    "ScaledStdConv2d": _scaled_std_conv2d,
    "StochasticDepth": _drop_path,
    "DropPath": _drop_path,
    "MultiheadAttention": _multihead_attention,
    "MultiheadSelfAttention": _multihead_attention,
}
"""By the name of a class, the op of archprof's that its operators are together.

A class of the same name that computes something else is not taken for it: the operators, the
weights, the shapes and the multiply-accumulates must be those of the op.
"""


def within(tape: Tape, calls: Container[int]) -> dict[int, int]:
    """Return by each call of a module inside one of `calls`, itself included, which one that is."""
    around: dict[int, int] = {}
    for number, call in enumerate(tape.modules):
        if number in calls:
            around[number] = number
        elif call.parent in around:
            around[number] = around[call.parent]
    return around


def wholes(tape: Tape) -> list[WholeModule]:
    """Return the calls of modules that may be one op: those that get one tensor beside their
    weights and give one.
    """
    known = [number for number, call in enumerate(tape.modules) if call.kind in WHOLES]
    around = within(tape, set(known))
    inside: dict[int, list[Operation]] = {}
    for operation in tape.operations:
        if operation.module in around:
            inside.setdefault(around[operation.module], []).append(operation)
    weights = {weight.value for weight in tape.weights.values()}
    asked = _asked_for(tape, around) if inside else {}
    found = []
    for call, operations in inside.items():
        made = {number for operation in operations for number in operation.outputs}
        wanted = dict.fromkeys(n for o in operations for n in values(o.arguments))
        given = [n for n in wanted if n not in made and n not in weights]
        results = [n for n in made if n in asked.get(call, ())]
        if len(given) == len(results) == 1:
            used = [n for n in wanted if n in weights]
            found.append(WholeModule(tape, call, operations, given[0], results[0], used))
    return found


def _asked_for(tape: Tape, around: Mapping[int, int]) -> dict[int, set[int]]:
    """Return for each of these calls which of its tensors others use."""
    maker = {
        number: around[operation.module]
        for operation in tape.operations
        if operation.module in around
        for number in operation.outputs
    }
    asked: dict[int, set[int]] = {}
    for number, user in _uses(tape):
        if number in maker and maker[number] != around.get(user):
            asked.setdefault(maker[number], set()).add(number)
    return asked


def _uses(tape: Tape) -> Iterator[tuple[int, int]]:
    """Yield each tensor that is used, and the call of a module that uses it."""
    for operation in tape.operations:
        for number in values(operation.arguments):
            yield number, operation.module
    for number in tape.outputs:
        yield number, -1
