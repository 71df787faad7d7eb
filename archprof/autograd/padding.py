"""Padding by a tensor's own elements."""

from __future__ import annotations

import math
from collections.abc import Sequence

from archprof.autograd.casting import cast
from archprof.autograd.layout import Layout, contiguous, elementwise, like
from archprof.autograd.rates import BACKWARD
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new
from archprof.autograd.views import narrow

KERNELS = {"reflect": "reflection_pad", "replicate": "replication_pad"}
"""Torch's kernels by what they put around; their names end in the number of axes."""


def padded_by_itself(run: Run, x: FakeTensor, name: str, laid: Layout) -> FakeTensor:
    """Return a tensor with elements of its own around it; the input is kept, though only its shape
    is needed. `name`: the kernel's, such as reflection_pad2d.
    """
    x = cast(run, name, x)
    before(run, x.trains, x)
    source, size = x.layout, x.itemsize
    made = new(run, laid, size, name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["pad"] * math.prod(source.shape))
        return [new(run, like(source.shape, source), size, name + "_backward")]

    return attach(run, name, made, [x], [x], back)


def wrapped(run: Run, x: FakeTensor, sides: Sequence[tuple[int, int]]) -> FakeTensor:
    """Return a tensor with what lies at the other end of each axis around it; `sides`: how much
    before and after each of the last axes, the first axis first. Negative ones crop.

    aten's _pad_circular has no kernel of its own: it copies the tensor into an empty one, then from
    that to both of its ends, axis by axis, the last axis first.
    """
    first = len(x.shape) - len(sides)
    axes = [(first + place, *side) for place, side in enumerate(sides)][::-1]
    grown = (n + before + after for n, (before, after) in zip(x.shape[first:], sides, strict=True))
    made = new(run, contiguous((*x.shape[:first], *grown)), x.itemsize, "new_empty")
    middle, source = made.layout, x
    for dim, before_it, behind_it in axes:
        cropped = x.shape[dim] + min(before_it, 0) + min(behind_it, 0)
        middle = _shortened(middle, dim, cropped)
        source = narrow(run, source, _shortened(source.layout, dim, cropped))
    made = _copied_into(run, made, middle, source)
    del source
    for dim, *ends in axes:
        for end in ends:
            if end > 0:
                part = _shortened(made.layout, dim, end)
                made = _copied_into(run, made, part, narrow(run, made, part))
    return made


def _copied_into(run: Run, whole: FakeTensor, part: Layout, source: FakeTensor) -> FakeTensor:
    """Return a tensor after another was copied into a part of it, in place: torch's CopySlices."""
    made = whole.viewed(whole.layout)
    laid, size, trains = elementwise(whole.layout), whole.itemsize, whole.trains
    made.view = whole.view
    run.note("copy_")

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        rest = new(run, laid, size, "new_empty_strided")
        piece = new(run, elementwise(part), size, "clone")
        if not trains:
            return [None, piece]
        new(run, elementwise(part), size, "zeros_like")  # the gradient of what was overwritten
        return [rest, piece]

    return attach(run, "copy_", made, [whole, source], (), back)


def _shortened(layout: Layout, dim: int, size: int) -> Layout:
    """Return how a part of a tensor lies, so long along one dimension."""
    return Layout((*layout.shape[:dim], size, *layout.shape[dim + 1 :]), layout.strides)
