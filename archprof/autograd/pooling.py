"""Pooling, means and resizing."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast
from archprof.autograd.layout import Layout, contiguous, like, like_row
from archprof.autograd.rates import BACKWARD
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new
from archprof.autograd.views import as_image, of_image, seen_as

CONTIGUOUS = frozenset({"avg_pool3d", "adaptive_avg_pool3d", "adaptive_max_pool3d"})
"""Poolings whose kernels know no channels-last memory."""


def pooled(name: str, shape: tuple[int, ...], source: Layout) -> Layout:
    """Return how a pooling's output of this shape lies in memory, batch first."""
    if name in CONTIGUOUS:
        return contiguous(shape)
    return like_row(shape, source) if len(shape) == 3 else like(shape, source)


def pool(
    run: Run, x: FakeTensor, shape: tuple[int, ...], indices: bool, name: str = "pool"
) -> FakeTensor:
    """Return a pooling's output; a maximum keeps the int64 indices of its inputs.

    `name`: torch's, where autocast knows it or its memory is always contiguous.
    """
    if len(shape) == 3:  # as an image of one row
        row = (*shape[:2], 1, shape[2])
        return of_image(run, pool(run, as_image(run, x), row, indices, name))
    x = cast(run, name, x)
    if not indices:
        before(run, x.trains, x)
    laid = pooled(name, shape, x.layout)
    made = FakeTensor(run, laid, x.itemsize)
    kept = FakeTensor(run, laid, 8) if indices else None
    run.note("pool")
    source, size = x.layout, x.itemsize
    rate = BACKWARD["max_pool" if indices else "avg_pool"]

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, rate * math.prod(source.shape))
        return [new(run, pooled(name, source.shape, source), size, "pool_backward")]

    return attach(run, "pool", made, [x], [x, kept], back)


def mean(run: Run, x: FakeTensor, shape: tuple[int, ...], adaptive: bool = True) -> FakeTensor:
    """Return the mean over the pixels.

    `adaptive`: as adaptive_avg_pool2d to 1×1 computes it, which sees a channels-last mean with
    other strides by `as_strided`, whose gradient is a tensor of its own.
    """
    if adaptive and len(shape) == 3:  # as an image of one row
        return of_image(run, mean(run, as_image(run, x), (*shape[:2], 1, 1)))
    if adaptive and len(shape) == 5:
        x = cast(run, "adaptive_avg_pool3d", x)
    source, size = x.layout, x.itemsize

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["mean"] * math.prod(source.shape))
        return [new(run, contiguous(source.shape), size, "div")]

    made = new(run, contiguous(shape), size, "mean")
    attach(run, "mean", made, [x], (), back)
    if not (adaptive and source.channels_last and len(shape) == 4):
        return made
    return seen_as(
        run,
        "as_strided",
        made,
        like(shape, source),
        lambda gradient: new(run, contiguous(shape), size, "new_zeros"),
    )


def interpolate(
    run: Run, x: FakeTensor, shape: tuple[int, ...], mode: str, antialias: bool = False
) -> FakeTensor:
    """Return the tensor at another size, and its gradient at the old one."""
    name = f"upsample_{mode}{len(shape) - 2}d"
    if mode == "nearest-exact":
        name = f"_upsample_nearest_exact{len(shape) - 2}d"
    if antialias:
        name = f"_{name}_aa"
    x = cast(run, name, x)
    source, size = x.layout, x.itemsize
    made = new(run, like(shape, source), size, name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["interpolate"] * math.prod(gradient.shape))
        return [new(run, like(source.shape, gradient.layout), size, name + "_backward")]

    return attach(run, name, made, [x], (), back)


def average_over_channels(run: Run, x: FakeTensor, shape: tuple[int, ...]) -> FakeTensor:
    """Return an average over windows of channels: avg_pool3d, as a response norm uses it."""
    x = cast(run, "avg_pool3d", x)
    before(run, x.trains, x)
    source, size = x.shape, x.itemsize
    made = new(run, contiguous(shape), size, "avg_pool3d")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["avg_pool"] * math.prod(source))
        return [new(run, contiguous(source), size, "avg_pool3d_backward")]

    return attach(run, "avg_pool3d", made, [x], [x], back)


def summed_over_channels(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the sum over the channels of N×C×H×W; its gradient is repeated, in no memory."""
    whole = x.shape
    made = new(run, contiguous((whole[0], *whole[2:])), x.itemsize, "sum")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        first, *rest = gradient.layout.strides
        return [gradient.viewed(Layout(whole, (first, 0, *rest)))]

    return attach(run, "sum", made, [x], (), back)


def mean_of_rows(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the mean over the last dimension, which stays as 1."""
    return mean(run, x, (*x.shape[:-1], 1), adaptive=False)
