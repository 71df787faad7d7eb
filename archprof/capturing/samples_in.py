"""Where the batch is in the tensors of a tape, which has one sample: shapes for more of them."""

from __future__ import annotations

import math

Shape = tuple[int, ...]


def batched_dim(captured: Shape, real: Shape) -> int | None:
    """Return which dimension counts the samples, None where the tensor is one for all of them."""
    for dim, (one, many) in enumerate(zip(captured, real, strict=True)):
        if one != many:
            return dim
    return None


def samples(captured: Shape, real: Shape) -> int:
    """Return how many times as many elements a tensor has as its captured one."""
    return math.prod(real) // max(1, math.prod(captured))


def seen_as(captured: Shape, real: Shape, wanted: Shape) -> Shape:
    """Return the shape of a tensor that was seen under another one, by both as captured: what the
    samples are part of, in the order of the elements, they stay part of.
    """
    dim = batched_dim(captured, real)
    if dim is None:
        return wanted
    count = samples(captured, real)
    before = math.prod(captured[:dim])
    place = _place(wanted, before)
    return (*wanted[:place], wanted[place] * count, *wanted[place + 1 :])


def _place(shape: Shape, before: int) -> int:
    """Return the first dimension that so many elements of the outer ones stand before; where none
    begins there, the one that they are part of.
    """
    outer = 1
    for dim, size in enumerate(shape):
        if outer == before or outer * size > before:
            return dim
        outer *= size
    return max(0, len(shape) - 1)


def with_samples(captured: Shape, count: int) -> Shape:
    """Return a shape whose first dimension counts so many samples."""
    return (captured[0] * count, *captured[1:]) if captured else captured
