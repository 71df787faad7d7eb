"""Convolutions, matrix products, attention and recurrent layers: what has multiply-accumulates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.capturing.operands import Operands, sides
from archprof.capturing.operators.deformable import DEFORM_CONV2D
from archprof.capturing.operators.matmul import as_einsum, as_matmul, copied_factor, copied_term
from archprof.capturing.operators.row import (
    Keeps,
    Operator,
    broadcast,
    keep_factors,
    macs,
    per_output,
    size,
)
from archprof.capturing.operators.windows import read_convolution, read_product
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved
from archprof.ops.base import Op
from archprof.ops.rates import PER_UNIT_AND_STEP
from archprof.ops.reading import New, Reading, Same

# --- convolutions ---


def _convolution(operands: Operands) -> Cost:
    if operands.get("transposed", False):
        return _transposed(operands)
    weight = operands.tensor("weight").full
    elements = operands.output.elements
    return macs(elements * size(weight[1:]), elements if operands.has("bias") else 0)


def _transposed(operands: Operands) -> Cost:
    weight = operands.tensor("weight").full
    arriving = operands.tensor("input").elements
    bias = operands.output.elements if operands.has("bias") else 0
    return macs(arriving * size(weight[1:]), bias)


def convolution_settings(operands: Operands) -> dict[str, Any]:
    """Return a convolution's arguments as the settings of a conv1d, conv2d or conv3d."""
    weight = operands.tensor("weight").full
    rank = len(weight) - 2
    padding: Any = operands.get("padding", [0])
    if isinstance(padding, str):
        padding = "same" if padding == "same" else 0
    else:
        padding = sides(padding, 0, rank)
    return {
        "out": weight[0],
        "kernel": list(weight[2:]),
        "stride": sides(operands.get("stride", [1]), 1, rank),
        "padding": padding,
        "dilation": sides(operands.get("dilation", [1]), 1, rank),
        "groups": operands.get("groups", 1),
        "bias": operands.has("bias"),
    }


def _as_convolution(operands: Operands) -> Op | None:
    """Return the op of a convolution along any number of axes."""
    kind = OPS.get(f"conv{len(operands.tensor('weight').full) - 2}d")
    return None if kind is None else kind(**convolution_settings(operands))


def _as_any_convolution(operands: Operands) -> Op | None:
    """Return the op of a convolution below autograd, which may be transposed."""
    return _as_transposed(operands) if operands.get("transposed") else _as_convolution(operands)


def _as_transposed(operands: Operands) -> Op | None:
    weight, groups = operands.tensor("weight").full, operands.get("groups", 1)
    rank = len(weight) - 2
    kind = OPS.get(f"conv_transpose{rank}d")
    if kind is None:
        return None
    return kind(
        out=weight[1] * groups,
        kernel=list(weight[2:]),
        stride=sides(operands.get("stride", [1]), 1, rank),
        padding=sides(operands.get("padding", [0]), 0, rank),
        output_padding=sides(operands.get("output_padding", [0]), 0, rank),
        dilation=sides(operands.get("dilation", [1]), 1, rank),
        groups=groups,
        bias=operands.has("bias"),
    )


def _keep_convolution(operands: Operands) -> Keeps:
    # the input for the weight's gradient, the weight for the input's
    return [operands.kept("input", "weight"), operands.kept("weight", "input")]


# --- matrix products ---


def _linear(operands: Operands) -> Cost:
    elements = operands.output.elements
    bias = elements if operands.has("bias") else 0
    return macs(elements * operands.tensor("weight").full[-1], bias)


def _read_linear(operands: Operands) -> tuple[Reading | None, ...]:
    """Return that an output reads all features of its row, and one row of a computed weight."""
    rank = len(operands.output.shape)
    rows = operands.placed.get(operands.tensor("input").number)
    row: Reading = (*(Same(i) for i in range(rank - 1)), New())
    weight: Reading = tuple(New() for _ in range(rank))
    return tuple(row if place == rows else weight for place in range(len(operands.placed)))


def _as_linear(operands: Operands) -> Op | None:
    weight = operands.tensor("weight").full
    return OPS["linear"](out=weight[0], bias=operands.has("bias"))


def _product(first: str, added: bool = False) -> Callable[[Operands], Cost]:
    """Return the cost of a matrix product: each output is a sum over the first factor's rows."""

    def cost(operands: Operands) -> Cost:
        elements = operands.output.elements
        factor = operands.tensor(first).full
        return macs(elements * (factor[-1] if factor else 1), elements if added else 0)

    return cost


def _vectors(operands: Operands) -> Cost:
    return macs(operands.first().elements)


def _einsum(operands: Operands) -> Cost:
    """Return the product of all sizes that the equation names; without a sum it is elementwise."""
    left, _, right = str(operands.get("equation")).replace(" ", "").partition("->")
    factors = operands.listed("tensors")
    sizes: dict[str, int] = {}
    for term, factor in zip(left.split(","), factors, strict=True):
        letters = term.replace("...", "")
        for letter, n in zip(reversed(letters), reversed(factor.full), strict=False):
            sizes[letter] = max(sizes.get(letter, 1), n)
        before = len(factor.full) - len(letters)
        sizes["..."] = max(sizes.get("...", 1), size(factor.full[:before]))
    summed = set(left) - {",", "."} - set(right)
    if len(factors) == 1:  # another order, or sums
        return Cost(0, factors[0].elements if summed else 0)
    if not summed:
        return Cost(0, operands.output.elements)
    return macs(size(tuple(sizes.values())) * (len(factors) - 1))


def _keep_einsum(operands: Operands) -> Keeps:
    factors = [operands.placed.get(f.number) for f in operands.listed("tensors")]
    if len(factors) != 2:
        return None
    return [
        Saved("input", place, wanted_by=() if other is None else (other,))
        for place, other in ((factors[0], factors[1]), (factors[1], factors[0]))
        if place is not None
    ]


# --- attention ---


def _scores(operands: Operands) -> int:
    return size(operands.tensor("query").full[:-1]) * operands.tensor("key").full[-2]


def _attention(operands: Operands) -> Cost:
    scores = _scores(operands)
    widths = operands.tensor("query").full[-1] + operands.tensor("value").full[-1]
    # 1 for the scaling, 1 for the mask, the softmax's 5; fvcore does not see a fused attention
    return macs(scores * widths, scores * (6 + operands.has("attn_mask")), fvcore=0)


def _keep_attention(operands: Operands) -> Keeps:
    """Return what the fused algorithm keeps: its inputs, the result, a number for each row."""
    names = [name for name in ("query", "key", "value", "attn_mask") if operands.has(name)]
    rows = size(operands.tensor("query").full[:-1])
    inputs = [operands.kept(name) for name in names]
    return [*inputs, Saved("output"), Saved("own", elements=rows, at_least=4)]


def _read_attention(operands: Operands) -> tuple[Reading | None, ...]:
    rank = len(operands.output.shape)
    outer = tuple(Same(i) for i in range(rank - 2))
    query = operands.placed.get(operands.tensor("query").number)
    entries: list[Reading | None] = []
    for place, each in enumerate(operands.inputs):
        if len(each.shape) != rank:
            entries.append(tuple(New() for _ in range(rank)))
        elif place == query:
            entries.append((*outer, Same(rank - 2), New()))
        else:
            entries.append((*outer, New(), New()))
    return tuple(entries)


# --- recurrent layers ---


def _recurrent(gates: int, rate: int) -> Callable[[Operands], Cost]:
    """Return the cost of a recurrent layer: at each step every weight matrix is multiplied once,
    and each unit takes `rate` FLOPs to make its next state of so many gates.
    """

    def cost(operands: Operands) -> Cost:
        steps = size(operands.tensor("input").full[:-1])
        weights = [each.full for each in operands.listed("params")]
        matrices = [shape for shape in weights if len(shape) == 2]
        biases = [shape for shape in weights if len(shape) == 1]
        units = sum(shape[0] // gates for shape in matrices[1::2])  # those from state to gates
        count = steps * sum(map(size, matrices))
        return macs(count, steps * (sum(map(size, biases)) + rate * units))

    return cost


_CONVOLUTION = "2 per MAC, 1 per bias add; MACs: outputs * inputs of one group * kernel"
_PRODUCT = "2 per MAC; MACs: outputs * length of the sum"


def _conv(becomes: Callable[[Operands], Op | None]) -> Operator:
    return Operator(
        "convolution", _convolution, _CONVOLUTION, becomes, _keep_convolution, read_convolution
    )


def _matrix(first: str, second: str, added: bool = False) -> Operator:
    formula = f"{_PRODUCT}, 1 per addition" if added else _PRODUCT
    keeps = keep_factors(first, second)
    reads = read_product(first, second)
    return Operator("linear", _product(first, added), formula, keeps=keeps, reads=reads)


def _rnn(gates: int, kind: str) -> Operator:
    rate = PER_UNIT_AND_STEP[kind]
    formula = f"2 per MAC, 1 per bias add, {rate} per unit and step"
    return Operator("linear", _recurrent(gates, rate), formula)


PRODUCTS: dict[str, Operator] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _conv(_as_convolution)),
    **dict.fromkeys(("convolution", "_convolution"), _conv(_as_any_convolution)),
    **dict.fromkeys(
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        Operator("convolution", _transposed, _CONVOLUTION, _as_transposed, _keep_convolution),
    ),
    "deform_conv2d": DEFORM_CONV2D,
    "linear": Operator(
        "linear",
        _linear,
        "2 per MAC, 1 per bias add",
        _as_linear,
        keep_factors("input", "weight"),
        _read_linear,
    ),
    "matmul": _matrix("self", "other").replaced(becomes=as_matmul, copied=copied_factor),
    "bmm": _matrix("self", "mat2"),
    "mm": _matrix("self", "mat2"),
    "addmm": _matrix("mat1", "mat2", added=True),
    "baddbmm": _matrix("batch1", "batch2", added=True),
    "mv": Operator("linear", _vectors, _PRODUCT, keeps=keep_factors("self", "vec")),
    "dot": Operator("linear", _vectors, _PRODUCT, keeps=keep_factors("self", "tensor")),
    "outer": Operator(
        "merge", per_output(1), "1 per output", keeps=keep_factors("self", "vec2"), reads=broadcast
    ),
    "einsum": Operator("linear", _einsum, _PRODUCT, as_einsum, _keep_einsum, copied=copied_term),
    "scaled_dot_product_attention": Operator(
        "attention",
        _attention,
        "2 per MAC; per score 1 to scale, 1 for a mask and the softmax's 5",
        keeps=_keep_attention,
        reads=_read_attention,
    ),
    "lstm": _rnn(4, "lstm"),
    "gru": _rnn(3, "gru"),
    "rnn_tanh": _rnn(1, "rnn_tanh"),
    "rnn_relu": _rnn(1, "rnn_relu"),
}
"""Operators whose cost is counted in multiply-accumulates."""
