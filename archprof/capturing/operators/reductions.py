"""Operators that make many elements one: sums, means, maxima, sorting."""

from __future__ import annotations

from collections.abc import Callable

from archprof.capturing.operands import Operand, Operands, sides
from archprof.capturing.operators.row import (
    Keeps,
    Operator,
    keep_input,
    nothing,
    per_input,
    size,
)
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved
from archprof.ops.base import Op
from archprof.ops.reading import New, Reading, Same


def _reduced(operands: Operands) -> list[int]:
    """Return the dimensions that are reduced, as captured; without any named it is all."""
    rank = len(operands.first().full)
    dims = operands.get("dim")
    if dims is None or dims == []:
        return list(range(rank))
    listed = dims if isinstance(dims, (list, tuple)) else [dims]
    return [dim % rank for dim in listed]


def _read_pooled(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading of an adaptive pooling to one window that is all there is."""
    source, output = operands.first(), operands.output
    if len(source.shape) != len(output.shape) or len(operands.placed) != 1:
        return (None,) * len(operands.placed)
    entries: list[New | Same] = []
    for i, (before, after) in enumerate(zip(source.shape, output.shape, strict=True)):
        if after not in (1, before):
            return (None,)
        entries.append(Same(i) if after == before else New())
    return (tuple(entries),)


def read_reduced(operands: Operands) -> tuple[Reading | None, ...]:
    """Return that a reduced dimension is read whole, and each of the others at its own place."""
    source = operands.first()
    reduced = _reduced(operands)
    keeps_dims = bool(operands.get("keepdim", False))
    entries: list[New | Same] = []
    for dim in range(len(source.full)):
        place = source.dim(dim)
        if dim not in reduced and place is not None:
            entries.append(Same(place))
        elif dim in reduced and keeps_dims and place is not None:
            entries.append(New())
    if len(entries) != len(operands.output.shape) or len(operands.placed) != 1:
        return (None,) * len(operands.placed)
    return (tuple(entries),)


def _along(name: str) -> Callable[[Operands], Op | None]:
    """Return archprof's reduction of a name, over dimensions that are not the batch's."""

    def becomes(operands: Operands) -> Op | None:
        dims = [operands.first().dim(dim) for dim in _reduced(operands)]
        given = {"dim": dims, "keepdim": bool(operands.get("keepdim", False))}
        if None in dims or operands.get("dtype") is not None:
            return None
        return (
            OPS[name](**given, p=operands.get("ord", 2)) if name == "norm" else OPS[name](**given)
        )

    return becomes


def _adaptive(operands: Operands, kind: str = "avg") -> Op | None:
    rank = len(operands.output.full) - 2
    found = OPS.get(f"adaptive_{kind}_pool{rank}d")
    return None if found is None else found(size=sides(operands.get("output_size"), 1, rank))


def _adaptive_max(operands: Operands) -> Op | None:
    return _adaptive(operands, "max")


def _keep_maximum(operands: Operands) -> Keeps:
    """Return the input, and the index of each maximum."""
    return [operands.kept("self"), *(_keep_extreme(operands) or ())]


def _keep_extreme(operands: Operands) -> Keeps:
    """Return the indices of a maximum along a dimension, of 8 bytes each."""
    return (Saved("own", elements=operands.output.elements, itemsize=8),)


def _keep_both(operands: Operands) -> Keeps:
    """Return that autograd keeps the input and the output."""
    return [operands.kept("self"), Saved("output")]


def _sorted(operands: Operands) -> Cost:
    """Return a comparison for each element and each halving: n*ceil(log2 n) along the dimension."""
    source: Operand = operands.first()
    n = source.full[operands.get("dim", -1)] if source.full else 1
    return Cost(0, size(source.full) * max(1, (n - 1).bit_length()))


def _row(
    keeps: Callable[[Operands], Keeps] | None = None,
    becomes: Callable[[Operands], Op | None] | None = None,
) -> Operator:
    return Operator("pooling", per_input, "1 per INPUT element", becomes, keeps, read_reduced)


def _keep_pooled(operands: Operands) -> Keeps:
    """Return that autograd keeps the input, save of a mean of everything."""
    sizes = operands.get("output_size")
    one = sizes == 1 or (isinstance(sizes, (list, tuple)) and set(sizes) == {1})
    return () if one else [operands.kept("self")]


def _pooled(becomes: Callable[[Operands], Op | None] | None = None) -> Operator:
    formula = "1 per INPUT element"
    return Operator("pooling", per_input, formula, becomes, _keep_pooled, _read_pooled)


def _twice(operands: Operands) -> Cost:
    """Return the mean, then the squared distances and their mean: 4 for each input element."""
    return Cost(0, 4 * operands.first().elements)


def _deviated(operands: Operands) -> Cost:
    """Return a variance, and a root for each output."""
    return Cost(0, 4 * operands.first().elements + operands.output.elements)


def _norm(operands: Operands) -> Cost:
    """Return a square, and a sum, for each input element, and a root for each output."""
    return Cost(0, 2 * operands.first().elements + operands.output.elements)


def _deviation() -> Operator:
    return Operator(
        "pooling", _deviated, "4 per INPUT element, 1 per output", None, _keep_both, read_reduced
    )


_VARIANCE = Operator(
    "pooling", _twice, "4 per INPUT element", keeps=keep_input("self"), reads=read_reduced
)


_NORM = Operator(
    "pooling", _norm, "2 per INPUT element, 1 per output", keeps=_keep_both, reads=read_reduced
)
_SORT = Operator("pooling", _sorted, "ceil(log2 n) per INPUT element", keeps=_keep_extreme)

REDUCTIONS: dict[str, Operator] = {
    "mean": _row(nothing, _along("mean")),
    "sum": _row(nothing, _along("sum")),
    "amax": _row(_keep_both, _along("max")),
    "amin": _row(_keep_both, _along("min")),
    "max": _row(_keep_extreme),
    "min": _row(_keep_extreme),
    "argmax": _row(nothing),
    "argmin": _row(nothing),
    "any": _row(nothing),
    "all": _row(nothing),
    "prod": _row(_keep_both),
    "logsumexp": _row(_keep_both),
    "count_nonzero": _row(nothing),
    "var": _VARIANCE,
    "std": _deviation(),
    "var_mean": _VARIANCE,
    "std_mean": _deviation(),
    "norm": _NORM,
    "linalg_vector_norm": _NORM.replaced(becomes=_along("norm")),
    "linalg_norm": _NORM,
    "topk": _SORT,
    "sort": _SORT,
    "argsort": _SORT,
    **dict.fromkeys(
        ("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"), _pooled(_adaptive)
    ),
    **dict.fromkeys(
        ("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"),
        Operator("pooling", per_input, "1 per INPUT element", _adaptive_max, _keep_maximum),
    ),
}
"""Reductions."""
