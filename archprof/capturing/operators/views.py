"""Operators that look at the same memory under another shape, or at a part of it."""

from __future__ import annotations

from collections.abc import Callable

from archprof.capturing.operands import Operands
from archprof.capturing.operators.pointwise import in_place
from archprof.capturing.operators.row import Operator, broadcast, free, no_reading, nothing
from archprof.ops import OPS
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


def copied(operands: Operands) -> Op | None:
    return None if in_place(operands) else _identity(operands)


def moved(
    becomes: Callable[[Operands], Op | None] | None = None, reads: Reads = no_reading
) -> Operator:
    """Return the row of an operator that computes nothing and keeps nothing."""
    return Operator("movement", free, "0", becomes, nothing, reads)


_PLACES = moved(_identity, read_places)
SAME = moved(copied, broadcast)

VIEWS: dict[str, Operator] = {
    # --- the same memory under another shape ---
    "view": moved(_reshape, read_places),
    "_unsafe_view": moved(_reshape, read_places),
    "reshape": moved(_reshape, read_places),
    "reshape_as": moved(_reshape),
    "view_as": moved(_reshape),
    "flatten": moved(_flatten, read_places),
    "unflatten": moved(_reshape, read_places),
    "permute": moved(_permute, _read_rearranged),
    "transpose": moved(_transpose, _read_rearranged),
    "swapaxes": moved(_transpose, _read_rearranged),
    "swapdims": moved(_transpose, _read_rearranged),
    "t": moved(_transpose, _read_rearranged),
    "movedim": moved(),
    "numpy_T": moved(),
    "mT": moved(),
    "adjoint": moved(),
    "unsqueeze": _PLACES,
    "squeeze": _PLACES,
    "expand": moved(_identity, broadcast),
    "expand_as": moved(_identity, broadcast),
    "broadcast_to": moved(_identity, broadcast),
    "alias": SAME,
    "detach": SAME,
    "lift_fresh_copy": SAME,
    "lift_fresh": SAME,
    "select": moved(_select, _read_part),
    "slice": moved(_slice),
    "narrow": moved(),
    "unfold": moved(),
    "as_strided": moved(),
    "diagonal": moved(),
    # --- parts: one layer for each output ---
    "chunk": moved(_part),
    "split": moved(_part),
    "split_with_sizes": moved(_part),
    "tensor_split": moved(_part),
    "unsafe_chunk": moved(_part),
    "unsafe_split": moved(_part),
    "unbind": moved(reads=_read_part),
}
"""Views, and parts: whether memory is shared is on the tape."""
