"""The geometry of the functions that a compiled network calls: what `skeleton.py` runs in their
place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from archprof.model import functions


class StandIn:
    """Stands in place of a tensor."""


CONSTANT = StandIn()  # does not depend on the input
LOST = StandIn()  # depends on a layer that has no stand-in


def _sum(*tensors: Tensor | StandIn) -> Tensor | StandIn:
    dependent = [t for t in tensors if isinstance(t, Tensor)]
    return torch.stack(torch.broadcast_tensors(*dependent)).sum(0) if dependent else CONSTANT  # type: ignore[no-untyped-call]


def _cat(tensors: list[Tensor | StandIn], dim: int) -> Tensor | StandIn:
    dependent = [t for t in tensors if isinstance(t, Tensor)]
    if all(t.shape[dim] == 1 for t in dependent):  # along the channels, of which there is but one
        return _sum(*dependent)
    return torch.cat(dependent, dim) if len(dependent) == len(tensors) else LOST


def _slice(x: Tensor, dim: int, start: int, stop: int | None, step: int) -> Tensor:
    return x if x.shape[dim] == 1 else functions.slice_(x, dim, start, stop, step)


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> Tensor:
    return query + key.mean(-2, keepdim=True) + value.mean(-2, keepdim=True)


def _matmul(first: Tensor | StandIn, second: Tensor | StandIn) -> Tensor | StandIn:
    if not (isinstance(first, Tensor) and isinstance(second, Tensor)):
        return LOST  # the other's columns or rows give the output its shape
    return first.sum(-1, keepdim=True) + second.sum(-2, keepdim=True)


def _einsum(*tensors: Tensor | StandIn, equation: str) -> Tensor | StandIn:
    left, _, right = equation.partition("->")
    spread = []
    for x, term in zip(tensors, left.split(","), strict=True):
        if not isinstance(x, Tensor):
            return LOST
        kept = "".join(letter for letter in right if letter in term)
        summed = torch.einsum(f"{term}->{kept}", x)
        spread.append(summed[tuple(slice(None) if c in term else None for c in right)])
    return _sum(*spread)


FUNCTIONS: dict[Callable[..., Any], Callable[..., Tensor | StandIn]] = {
    torch.mul: _sum,  # a product depends on each of its factors
    functions.multiply: _sum,
    torch.sub: _sum,
    torch.div: _sum,
    torch.maximum: _sum,
    torch.minimum: _sum,
    **dict.fromkeys(
        (torch.exp, torch.log, torch.sqrt, torch.abs, torch.sin, torch.cos), lambda x: x
    ),
    torch.pow: lambda x, exponent: x,
    torch.clamp: lambda x, **limits: x,
    functions.add: _sum,
    functions.add_: _sum,
    torch.cat: _cat,
    functions.cat_repeated: lambda tensors, dim, repeated: _cat(tensors, dim),
    functions.scale_along: lambda x, scale, trailing: x,
    functions.mul_: lambda x, factor: x,
    functions.pad_same: lambda x, lowest, **window: functions.pad_same(x, lowest=False, **window),
    functions.slice_: _slice,
    functions.attention: _attention,
    torch.permute: torch.permute,
    torch.matmul: _matmul,
    functions.einsum: _einsum,
    torch.mean: torch.mean,
    torch.sum: torch.mean,
    torch.amax: torch.mean,
    torch.amin: torch.mean,
    torch.linalg.vector_norm: lambda x, ord, dim, keepdim: torch.mean(x, dim, keepdim),
    functional.normalize: lambda x, p, dim, eps: x + x.mean(dim, keepdim=True),
    torch.roll: torch.roll,
    functional.pad: lambda x, sides, **_: functional.pad(x, sides[: 2 * (x.ndim - 2)]),
    functions.pad_lowest: lambda x, sides: functional.pad(x, sides[: 2 * (x.ndim - 2)]),
}
"""By the function; what is missing here moves pixels where no receptive field is tracked."""
