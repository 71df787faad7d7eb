"""Operators that move elements or look at them under another shape; nothing is computed."""

from __future__ import annotations

from collections.abc import Callable

from archprof.capture.operands import Operands
from archprof.capture.operators.pointwise import in_place
from archprof.capture.operators.row import (
    Keeps,
    Operator,
    broadcast,
    free,
    keep_input,
    no_reading,
    nothing,
)
from archprof.ops import OPS
from archprof.ops.answers import Saved
from archprof.ops.base import Op, Shape
from archprof.ops.reading import New, Reading, Same

Reads = Callable[[Operands], tuple[Reading | None, ...]]


# --- shapes ---


def _identity(operands: Operands) -> Op | None:
    source, output = operands.first().tensor, operands.output.tensor
    if source.storage != output.storage or source.strides != output.strides:
        return None
    return OPS["identity"]()


def _reshape(operands: Operands) -> Op | None:
    source, output = operands.first(), operands.output
    if source.shape == output.shape:
        return _identity(operands)
    if len(source.shape) >= 2 and len(output.shape) == 1:
        return OPS["flatten"]()
    joined = _joined(source.shape, output.shape)
    if joined is not None:
        start, end = joined
        return OPS["flatten"](start=start, end=-1 if end == len(source.shape) - 1 else end)
    if _without_ones(source.shape) == _without_ones(output.shape):
        return None  # what each place reads is known, which a reshape of archprof's does not say
    return OPS["reshape"](size=list(output.shape)) if output.shape else None


def _joined(source: Shape, output: Shape) -> tuple[int, int] | None:
    """Return the first and last of the dimensions that became one, None where that is not what
    happened.
    """
    start = 0
    while start < len(output) and source[start : start + 1] == output[start : start + 1]:
        start += 1
    behind = len(output) - start - 1
    end = len(source) - behind - 1
    if start == len(output) or end <= start or source[end + 1 :] != output[start + 1 :]:
        return None
    return start, end


def _without_ones(shape: Shape) -> list[int]:
    return [n for n in shape if n != 1]


def _flatten(operands: Operands) -> Op | None:
    source = operands.first()
    start = source.dim(operands.get("start_dim", 0))
    end = source.dim(operands.get("end_dim", -1))
    if start is None or end is None:
        return _reshape(operands)
    if start == end:
        return _identity(operands)
    if end == len(source.shape) - 1:
        end = -1
    return OPS["flatten"](start=start, end=end)


def _order(operands: Operands, dims: list[int]) -> Op | None:
    """Return the permutation of the captured dimensions as one without the batch."""
    source = operands.first()
    if len(dims) != len(source.full):
        return None
    order = [source.dim(dim) for dim in dims]
    left_out = len(source.full) - len(source.shape)
    if any(place is None for place in order[left_out:]):
        return None
    return OPS["permute"](order=order[left_out:])


def _permute(operands: Operands) -> Op | None:
    return _order(operands, list(operands.get("dims", [])))


def _transpose(operands: Operands) -> Op | None:
    return _order(operands, _exchanged(operands))


def _exchanged(operands: Operands) -> list[int]:
    """Return the order of the dimensions after two were exchanged; of `t` these are both."""
    rank = len(operands.first().full)
    dims = list(range(rank))
    first = operands.get("dim0", operands.get("axis0", 0)) % rank
    second = operands.get("dim1", operands.get("axis1", 1)) % rank
    dims[first], dims[second] = dims[second], dims[first]
    return dims


def read_places(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading where dimensions of 1 were put in or taken out: the others, in order."""
    source, output = operands.first().shape, operands.output.shape
    kept = [i for i, n in enumerate(source) if n != 1]
    if _without_ones(source) != _without_ones(output) or len(operands.placed) != 1:
        return no_reading(operands)
    rest = iter(kept)
    return (tuple(New() if n == 1 else Same(next(rest)) for n in output),)


# --- parts ---


def _slice(operands: Operands) -> Op | None:
    source = operands.first()
    dim = source.dim(operands.get("dim", 0))
    if dim is None:
        return _identity(operands)
    size, step = source.shape[dim], operands.get("step", 1)
    first, last, _ = slice(operands.get("start"), operands.get("end"), step).indices(size)
    if (first, last, step) == (0, size, 1):
        return _identity(operands)
    return OPS["slice"](dim=dim, start=first, stop=None if last == size else last, step=step)


def _part(operands: Operands) -> Op | None:
    """Return a chunk as a slice: it begins behind the outputs before it."""
    source = operands.first()
    dim = source.dim(operands.get("dim", 0))
    if dim is None or len(operands.output.shape) != len(source.shape):
        return None
    sizes = [operands.tensors[n].shape for n in operands.operation.outputs]
    along = dim - len(source.shape)
    first = sum(shape[along] for shape in sizes[: operands.place])
    last = first + operands.output.shape[along]
    stop = None if last == source.shape[dim] else last
    return OPS["slice"](dim=dim, start=first, stop=stop)


# --- moves ---


def _concat(operands: Operands) -> Op | None:
    factors = operands.listed("tensors")
    dim = factors[0].dim(operands.get("dim", 0)) if factors else None
    same_rank = len({len(each.shape) for each in factors}) == 1
    if dim is None or not same_rank or len(operands.inputs) != len(factors):
        return None
    return OPS["concat"](dim=dim)


def _pad(operands: Operands) -> Op | None:
    sides = list(operands.get("pad", []))
    if operands.get("mode", "constant") != "constant" or len(sides) not in (2, 4, 6):
        return None
    sides += [0] * (6 - len(sides))
    value = operands.get("value")
    return OPS["pad"](sides=sides[:4], channels=sides[4:], value=0.0 if value is None else value)


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


def _select(operands: Operands) -> Op | None:
    dim = operands.first().dim(operands.get("dim", 0))
    if dim is None:
        return _identity(operands)
    return OPS["select"](dim=dim, index=operands.get("index", 0))


def _read_part(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading where a dimension of 1 was taken out. Which elements of a longer one are
    read, no reading says.
    """
    source = operands.first()
    if source.full[operands.get("dim", 0)] != 1:
        return no_reading(operands)
    return read_places(operands)


def _read_rearranged(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading of dimensions in another order, the batch's among them."""
    source, output = operands.first(), operands.output
    dims = operands.get("dims")
    places = [source.dim(dim) for dim in (_exchanged(operands) if dims is None else dims)]
    if len(operands.placed) != 1 or len(places) != len(source.full):
        return no_reading(operands)
    entries = [New() if place is None else Same(place) for place in places]
    return (tuple(entries[len(entries) - len(output.shape) :]),)


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


def _copied(operands: Operands) -> Op | None:
    return None if in_place(operands) else _identity(operands)


def _row(
    becomes: Callable[[Operands], Op | None] | None = None, reads: Reads = no_reading
) -> Operator:
    return Operator("movement", free, "0", becomes, nothing, reads)


def _index(*names: str) -> Operator:
    """Return the row of an operator that picks by indices, which autograd keeps."""
    return Operator("movement", free, "0", keeps=keep_input(*names))


_PLACES = _row(_identity, read_places)
_SAME = _row(_copied, broadcast)

MOVES: dict[str, Operator] = {
    # --- the same memory under another shape ---
    "view": _row(_reshape, read_places),
    "_unsafe_view": _row(_reshape, read_places),
    "reshape": _row(_reshape, read_places),
    "reshape_as": _row(_reshape),
    "view_as": _row(_reshape),
    "flatten": _row(_flatten, read_places),
    "unflatten": _row(_reshape, read_places),
    "permute": _row(_permute, _read_rearranged),
    "transpose": _row(_transpose, _read_rearranged),
    "swapaxes": _row(_transpose, _read_rearranged),
    "swapdims": _row(_transpose, _read_rearranged),
    "t": _row(_transpose, _read_rearranged),
    "movedim": _row(),
    "numpy_T": _row(),
    "mT": _row(),
    "adjoint": _row(),
    "unsqueeze": _PLACES,
    "squeeze": _PLACES,
    "expand": _row(_identity, broadcast),
    "expand_as": _row(_identity, broadcast),
    "broadcast_to": _row(_identity, broadcast),
    "alias": _SAME,
    "detach": _SAME,
    "lift_fresh_copy": _SAME,
    "lift_fresh": _SAME,
    "select": _row(_select, reads=_read_part),
    "slice": _row(_slice),
    "narrow": _row(),
    "unfold": _row(),
    "as_strided": _row(),
    "diagonal": _row(),
    # --- parts: one layer for each output ---
    "chunk": _row(_part),
    "split": _row(_part),
    "split_with_sizes": _row(_part),
    "tensor_split": _row(_part),
    "unsafe_chunk": _row(_part),
    "unsafe_split": _row(_part),
    "unbind": _row(reads=_read_part),
    # --- copies ---
    "contiguous": _SAME,
    "clone": _SAME,
    "to": _SAME,
    "_to_copy": _SAME,
    "type_as": _SAME,
    "copy": _row(reads=broadcast),
    "cat": _row(_concat),
    "concat": _row(_concat),
    "stack": _row(reads=_read_stacked),
    "hstack": _row(),
    "vstack": _row(),
    "pad": _row(_pad),
    "constant_pad_nd": _row(_pad),
    "reflection_pad2d": _row(),
    "replication_pad2d": _row(),
    "roll": _row(_roll),
    "flip": _row(),
    "rot90": _row(),
    "repeat": _row(),
    "tile": _row(),
    "repeat_interleave": _row(),
    "pixel_shuffle": _row(_shuffled("pixel_shuffle", "factor", "upscale_factor")),
    "pixel_unshuffle": _row(_shuffled("pixel_unshuffle", "factor", "downscale_factor")),
    "channel_shuffle": _row(_shuffled("channel_shuffle", "groups", "groups")),
    "native_channel_shuffle": _row(_shuffled("channel_shuffle", "groups", "groups")),
    "im2col": _row(),
    "col2im": _row(),
    "meshgrid": _row(),
    # --- by index ---
    "index": Operator("movement", free, "0", keeps=_keep_indices),
    "index_select": _index("index"),
    "gather": _index("self", "index"),
    "take_along_dim": _index("self", "indices"),
    "embedding": _index("indices"),
    "masked_select": _index("mask"),
    "one_hot": _row(),
    "scatter": _index("index"),
    "scatter_add": _index("index"),
    "index_add": _index("index"),
    "index_put": Operator("movement", free, "0"),
    "slice_scatter": _row(),
    "select_scatter": _row(),
    # --- off in evaluation ---
    "dropout": Operator("identity", free, "0", _dropout, None, broadcast),
    "feature_dropout": Operator("identity", free, "0", None, None, broadcast),
    "alpha_dropout": Operator("identity", free, "0", None, None, broadcast),
    "native_dropout": Operator("identity", free, "0", None, None, broadcast),
}
"""Moves and views. Whether memory is shared is on the tape."""
