"""The loss of a network's output: cross entropy of class scores, or the mean of anything else."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast
from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.rates import BACKWARD
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new


def cross_entropy(run: Run, scores: FakeTensor) -> FakeTensor:
    """Return the cross entropy of N×C scores: log_softmax, which is kept, and nll_loss."""
    scores = cast(run, "log_softmax", scores)
    shape, size = scores.shape, scores.itemsize
    logs = new(run, contiguous(shape), size, "_log_softmax")

    def of_scores(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["log_softmax"] * math.prod(shape))
        return [new(run, contiguous(shape), size, "_log_softmax_backward_data")]

    attach(run, "log_softmax", logs, [scores], [logs], of_scores)
    loss = FakeTensor(run, contiguous(()), size)
    weight = FakeTensor(run, contiguous(()), size)
    run.note("nll_loss_forward")

    def of_logs(gradient: FakeTensor) -> list[FakeTensor]:
        return [new(run, contiguous(shape), size, "nll_loss_backward")]

    return attach(run, "nll_loss", loss, [logs], [logs, weight], of_logs)


def mean_of(run: Run, output: FakeTensor) -> FakeTensor:
    """Return the mean of all elements, for outputs that are not class scores."""
    source, size = output.layout, output.itemsize
    loss = new(run, contiguous(()), size, "mean")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["mean"] * math.prod(source.shape))
        return [new(run, elementwise(contiguous(source.shape)), size, "div")]

    return attach(run, "mean", loss, [output], (), back)


def loss_of(run: Run, output: FakeTensor) -> FakeTensor:
    """Return the loss of an output: of N×C, which are class scores, or of anything else."""
    return cross_entropy(run, output) if len(output.shape) == 2 else mean_of(run, output)
