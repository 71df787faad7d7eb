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

    Of a dimension that counts samples and something else together, the shapes do not say which of
    them comes first; a dimension of 1, as the batch of a capture is, does.
    """
    dim = batched_dim(captured, real)
    if dim is None:
        return wanted
    count = samples(captured, real)
    place = _place(captured, dim, wanted)
    return (*wanted[:place], wanted[place] * count, *wanted[place + 1 :])


def _place(captured: Shape, dim: int, wanted: Shape) -> int:
    """Return the dimension that counts the samples when those of one dimension are seen otherwise.

    That is a dimension of 1 at their place among the elements. Without one they are counted
    together with what stands before them, where what is behind stays as it is or becomes one
    dimension: tokens of all samples; else with what is behind: heads of all samples.
    """
    before, behind = math.prod(captured[:dim]), captured[dim + 1 :]
    until = before * captured[dim]
    outer = [math.prod(wanted[:place]) for place in range(len(wanted))]
    for place, size in enumerate(wanted):
        if size == 1 and before <= outer[place] <= until:
            return place
    if before not in outer:
        return max((place for place, size in enumerate(outer) if size < before), default=0)
    place = outer.index(before)
    rest = wanted[place:]
    is_whole = rest == behind or (len(rest) == 1 and captured[dim] == 1)
    return place - 1 if place > 0 and is_whole else place


def with_samples(captured: Shape, count: int) -> Shape:
    """Return a shape whose first dimension counts so many samples."""
    return (captured[0] * count, *captured[1:]) if captured else captured
