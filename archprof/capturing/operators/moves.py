"""Operators that move elements; nothing is computed."""

from __future__ import annotations

import math
from collections.abc import Callable

from archprof.capturing.operands import Operands
from archprof.capturing.operators.row import (
    Keeps,
    Operator,
    broadcast,
    free,
    keep_input,
    no_reading,
)
from archprof.capturing.operators.views import SAME, moved
from archprof.ops import OPS
from archprof.ops.answers import Saved
from archprof.ops.base import Op
from archprof.ops.reading import New, Reading, Same, Taps


def _concat(operands: Operands) -> Op | None:
    factors = operands.listed("tensors")
    dim = factors[0].dim(operands.get("dim", 0)) if factors else None
    same_rank = len({len(each.shape) for each in factors}) == 1
    if dim is None or not same_rank or len(operands.inputs) != len(factors):
        return None
    return OPS["concat"](dim=dim)


def _pad(operands: Operands) -> Op | None:
    sides = list(operands.get("pad", operands.get("padding", [])))
    axes = len(operands.first().full) - 2
    mode = _pad_mode(operands)
    modes = ("constant", "reflect", "replicate", "circular")
    if axes < 1 or len(sides) > 2 * axes + 2 or mode not in modes:
        return None
    around, channels = sides[: 2 * axes], sides[2 * axes :]
    around += [0] * (2 * axes - len(around))
    value = operands.get("value") or 0.0
    settings = {"sides": around, "channels": channels or [0, 0], "mode": mode}
    if value == -math.inf:
        return OPS["pad"](**settings, lowest=True)
    return OPS["pad"](**settings, value=value)


def _pad_mode(operands: Operands) -> str:
    """Return torch's word for what is put around a tensor."""
    name = operands.operation.operator
    if "reflection" in name:
        return "reflect"
    if "replication" in name:
        return "replicate"
    return str(operands.get("mode", "constant"))


def _read_padded(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading of a tensor with values around it: each place the one so much before."""
    source = operands.first()
    sides = list(operands.get("pad", []))
    if operands.get("mode", "constant") != "constant" or len(operands.placed) != 1:
        return no_reading(operands)
    before = {len(source.full) - 1 - i: side for i, side in enumerate(sides[::2])}
    entries: list[Same | Taps] = []
    for dim in range(len(source.full)):
        place = source.dim(dim)
        if place is not None and dim in before:
            entries.append(Taps(place, ((-before[dim], -before[dim]),), 1))
        elif place is not None:
            entries.append(Same(place))
    return (tuple(entries),) if len(entries) == len(operands.output.shape) else (None,)


def _roll(operands: Operands) -> Op | None:
    source = operands.first()
    dims = [source.dim(dim) for dim in operands.get("dims", [])]
    if not dims or any(dim is None for dim in dims):
        return None
    return OPS["roll"](shifts=list(operands.get("shifts", [])), dims=dims)


def _dropout(operands: Operands) -> Op | None:
    # in place it makes no difference in evaluation, where nothing is dropped
    return OPS["dropout"](p=operands.get("p", 0.5))


def _shuffled(name: str, setting: str, argument: str) -> Callable[[Operands], Op | None]:
    def becomes(operands: Operands) -> Op | None:
        return OPS[name](**{setting: operands.get(argument)})

    return becomes


def _read_stacked(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading of tensors one beside the other along a new dimension."""
    output, dim = operands.output, operands.get("dim", 0)
    new = output.dim(dim)
    if new is None or any(len(each.shape) + 1 != len(output.shape) for each in operands.inputs):
        return no_reading(operands)
    behind = range(new, len(output.shape) - 1)
    reading: Reading = (*(Same(i) for i in range(new)), New(), *(Same(i) for i in behind))
    return (reading,) * len(operands.placed)


def _keep_indices(operands: Operands) -> Keeps:
    """Return that autograd keeps the indices of each dimension."""
    return [
        Saved("input", operands.placed[each.number])
        for each in operands.listed("indices")
        if each.number in operands.placed
    ]


def _index(*names: str) -> Operator:
    """Return the row of an operator that picks by indices, which autograd keeps."""
    return Operator("movement", free, "0", keeps=keep_input(*names))


MOVES: dict[str, Operator] = {
    # --- copies ---
    "contiguous": SAME,
    "clone": SAME,
    "to": SAME,
    "_to_copy": SAME,
    "type_as": SAME,
    "copy": moved(reads=broadcast),
    "cat": moved(_concat),
    "concat": moved(_concat),
    "stack": moved(reads=_read_stacked),
    "hstack": moved(),
    "vstack": moved(),
    "pad": moved(_pad, _read_padded),
    "constant_pad_nd": moved(_pad, _read_padded),
    **{
        f"{kind}_pad{axes}d": moved(_pad)
        for kind in ("reflection", "replication")
        for axes in (1, 2, 3)
    },
    "roll": moved(_roll),
    "flip": moved(),
    "rot90": moved(),
    "repeat": moved(),
    "tile": moved(),
    "repeat_interleave": moved(),
    "pixel_shuffle": moved(_shuffled("pixel_shuffle", "factor", "upscale_factor")),
    "pixel_unshuffle": moved(_shuffled("pixel_unshuffle", "factor", "downscale_factor")),
    "channel_shuffle": moved(_shuffled("channel_shuffle", "groups", "groups")),
    "native_channel_shuffle": moved(_shuffled("channel_shuffle", "groups", "groups")),
    "im2col": moved(),
    "col2im": moved(),
    "meshgrid": moved(),
    # --- by index ---
    "index": Operator("movement", free, "0", keeps=_keep_indices),
    "index_select": _index("index"),
    "gather": _index("self", "index"),
    "take_along_dim": _index("self", "indices"),
    "embedding": _index("indices"),
    "masked_select": _index("mask"),
    "one_hot": moved(),
    "scatter": _index("index"),
    "scatter_add": _index("index"),
    "index_add": _index("index"),
    "index_put": Operator("movement", free, "0"),
    "slice_scatter": moved(),
    "select_scatter": moved(),
    # --- off in evaluation ---
    "dropout": Operator("identity", free, "0", _dropout, None, broadcast),
    "feature_dropout": Operator("identity", free, "0", None, None, broadcast),
    "alpha_dropout": Operator("identity", free, "0", None, None, broadcast),
    "native_dropout": Operator("identity", free, "0", None, None, broadcast),
}
"""Moves."""
