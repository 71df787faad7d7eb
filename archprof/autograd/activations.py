"""Activations that keep more than one tensor, or whose output is smaller than their input."""

from __future__ import annotations

import math

from archprof.autograd.chains import chained
from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.pointwise import divide, shifted
from archprof.autograd.rates import BACKWARD
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new


def log_sigmoid(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the logarithm of a sigmoid; the CPU keeps exp(-|x|) for the backward pass, a GPU
    computes it again.
    """
    before(run, x.trains, x)
    made = FakeTensor(run, contiguous(x.shape), x.itemsize)
    kept = [x]
    if run.device == "cpu":
        kept.append(FakeTensor(run, contiguous(x.shape), x.itemsize))
    run.note("log_sigmoid_forward")
    size = x.itemsize

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["logsigmoid"] * math.prod(gradient.shape))
        return [new(run, elementwise(gradient.layout), size, "log_sigmoid_backward")]

    return attach(run, "log_sigmoid_forward", made, [x], kept, back)


def softsign(run: Run, x: FakeTensor) -> FakeTensor:
    """Return x / (1 + |x|), which torch computes in three steps."""
    return divide(run, x, shifted(run, chained(run, x, "abs", "input", "sgn mul")))


def glu(run: Run, x: FakeTensor, shape: tuple[int, ...]) -> FakeTensor:
    """Return one half of the input times the sigmoid of the other; its gradient is contiguous."""
    before(run, x.trains, x)
    source, size = x.shape, x.itemsize
    made = new(run, elementwise(Layout(shape, x.layout.strides)), size, "glu")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["glu"] * math.prod(source))
        return [new(run, contiguous(source), size, "glu_backward")]

    return attach(run, "glu", made, [x], [x], back)
