"""Padding by a tensor's own elements."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast
from archprof.autograd.layout import Layout, like
from archprof.autograd.rates import BACKWARD
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new


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
