"""What poolings and resizings do in training."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast
from archprof.autograd.layout import like
from archprof.autograd.pooling import mean, pool
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.capturing.arguments import Arguments, Program


def _shape(given: Arguments) -> tuple[int, ...]:
    return (given.first.shape[0], *given.captured[1:])


def _maximum(given: Arguments) -> FakeTensor:
    return pool(given.run, given.first, _shape(given), indices=True, name=given.name)


def _average(given: Arguments) -> FakeTensor:
    return pool(given.run, given.first, _shape(given), indices=False, name=given.name)


def _adaptive(given: Arguments) -> FakeTensor:
    """Return a mean over everything where one window is asked for, as torch computes it."""
    sizes = given.get("output_size")
    listed = [sizes] if isinstance(sizes, int) else list(sizes)
    if set(listed) == {1}:
        return mean(given.run, given.first, _shape(given))
    return _average(given)


def _resized(given: Arguments) -> FakeTensor:
    run, name = given.run, given.name
    x = cast(run, name, given.first)
    source, size = x.layout, x.itemsize
    made = new(run, like(_shape(given), source), size, name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, 7 * math.prod(gradient.shape))
        return [new(run, like(source.shape, gradient.layout), size, name + "_backward")]

    return attach(run, name, made, [x], (), back)


_RESIZED = [
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d",
    "_upsample_nearest_exact3d",
    "upsample_bilinear2d",
    "_upsample_bilinear2d_aa",
    "upsample_trilinear3d",
    "upsample_linear1d",
    "upsample_bicubic2d",
    "_upsample_bicubic2d_aa",
]

POOLING: dict[str, Program] = {
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d"), _maximum),
    "max_pool2d_with_indices": _maximum,
    **dict.fromkeys(
        ("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"), _maximum
    ),
    **dict.fromkeys(("avg_pool1d", "avg_pool2d", "avg_pool3d"), _average),
    **dict.fromkeys(
        ("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"), _adaptive
    ),
    **dict.fromkeys(_RESIZED, _resized),
}
"""By torch's name of an operator what it does."""
