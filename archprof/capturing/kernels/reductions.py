"""What operators do in training that make many elements one."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.autograd import reductions
from archprof.autograd.chains import unlearned
from archprof.autograd.layout import contiguous
from archprof.autograd.tensor import FakeTensor
from archprof.capturing.arguments import Arguments, Program


def _dims(given: Arguments) -> list[int]:
    """Return the dimensions that are reduced; without any named it is all."""
    rank = len(given.first.shape)
    dims = given.get("dim")
    if dims is None or dims == []:
        return list(range(rank))
    listed = dims if isinstance(dims, (list, tuple)) else [dims]
    return [dim % rank for dim in listed]


def _keepdim(given: Arguments) -> bool:
    return bool(given.get("keepdim", False))


def _sum(given: Arguments) -> FakeTensor:
    return reductions.total(given.run, given.first, _dims(given), _keepdim(given))


def _mean(given: Arguments) -> FakeTensor:
    return reductions.average(given.run, given.first, _dims(given), _keepdim(given))


def _deviation(given: Arguments) -> FakeTensor | Sequence[FakeTensor]:
    found = reductions.deviation(given.run, given.first, _dims(given), _keepdim(given), given.name)
    return found if given.name.endswith("_mean") else found[0]


def _extreme(given: Arguments) -> FakeTensor:
    return reductions.extreme(given.run, given.first, _dims(given), _keepdim(given), given.name)


def _maximum(given: Arguments) -> FakeTensor | Sequence[FakeTensor]:
    """Return the largest along a dimension, with indices; that of two tensors is another thing."""
    if given.get("dim") is None:
        return reductions.extreme(given.run, given.first, _dims(given), False, given.name)
    x, dims = given.first, _dims(given)
    shape = reductions.reduced(x.shape, dims, _keepdim(given))
    return reductions.picked(given.run, x, shape, given.name)


def _sorted(given: Arguments) -> Sequence[FakeTensor]:
    x = given.first
    dim = given.get("dim", -1) % len(x.shape)
    length = given.get("k", x.shape[dim])
    shape = (*x.shape[:dim], length, *x.shape[dim + 1 :])
    return reductions.picked(given.run, x, shape, given.name)


def _norm(given: Arguments) -> FakeTensor:
    order = given.get("ord", given.get("p", 2))
    keep, dims = _keepdim(given), _dims(given)
    return reductions.vector_norm(given.run, given.first, dims, keep, float(order or 2))


def _log_sum_exp(given: Arguments) -> FakeTensor:
    return reductions.log_sum_exp(given.run, given.first, _dims(given), _keepdim(given))


def _running(given: Arguments) -> FakeTensor:
    return reductions.running(given.run, given.first)


def _truth(given: Arguments) -> FakeTensor:
    """Return a reduction through which no gradient goes."""
    shape = reductions.reduced(given.first.shape, _dims(given), _keepdim(given))
    return unlearned(given.run, given.name, [], given.itemsize, contiguous(shape))


REDUCTIONS: dict[str, Program] = {
    "sum": _sum,
    "mean": _mean,
    **dict.fromkeys(("var", "std", "var_mean", "std_mean"), _deviation),
    "amax": _extreme,
    "amin": _extreme,
    "max": _maximum,
    "min": _maximum,
    "topk": _sorted,
    "sort": _sorted,
    **dict.fromkeys(("norm", "linalg_vector_norm"), _norm),
    "logsumexp": _log_sum_exp,
    "cumsum": _running,
    **dict.fromkeys(("argmax", "argmin", "any", "all", "count_nonzero"), _truth),
}
"""By torch's name of an operator what it does."""
