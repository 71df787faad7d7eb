"""What stands around a tensor beside zeros: elements of its own, as torch's modes put them there.

A receptive field counts all of them as elements beyond the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archprof.autograd.layout import Layout, contiguous, like
from archprof.autograd.padding import KERNELS, padded_by_itself, wrapped
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.base import Shape, ShapeError

OwnElements = Literal["reflect", "replicate", "circular"]


def check_reach(mode: str, what: str, size: int, most: int) -> None:
    """Raise ShapeError where torch cannot put `most` elements on a side of an axis of `size`, which
    `what` names with its size.
    """
    if mode == "reflect" and most >= size:
        raise ShapeError(
            f"{what} cannot be mirrored by {most}",
            "reflect takes fewer than there are, because the edge itself is not repeated",
        )
    if mode == "circular" and most > size:
        raise ShapeError(
            f"{what} cannot be continued by {most} from the other side",
            "circular goes round once: it takes no more than there are",
        )


def keeps_input(mode: str) -> bool:
    """Return whether autograd keeps the input, of which it needs the shape alone: a kernel of its
    own does, the copies of a circular padding keep nothing.
    """
    return mode in KERNELS


def layout(mode: str, shape: Shape, source: Layout) -> Layout:
    """Return how the padded tensor of this shape (batch first) lies."""
    return like(shape, source) if mode in KERNELS else contiguous(shape)


def pad(run: Run, x: FakeTensor, mode: str, sides: Sequence[tuple[int, int]]) -> FakeTensor:
    """Return what torch's kernels make; `sides`: how much before and after each axis behind the
    channels.
    """
    if mode not in KERNELS:
        return wrapped(run, x, sides)
    axes = zip(x.shape[2:], sides, strict=True)
    shape = (*x.shape[:2], *(n + before + after for n, (before, after) in axes))
    return padded_by_itself(run, x, f"{KERNELS[mode]}{len(sides)}d", like(shape, x.layout))
