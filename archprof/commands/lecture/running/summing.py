"""Experiments that write a sum out: a convolution's, and a matrix's norm."""

from __future__ import annotations

import torch
from torch import Tensor

from archprof.commands.lecture.running.arguments import ExperimentArguments, alike, sample, single
from archprof.model.compile import build
from archprof.problem import nearest

CHANNELS, FILTERS, SIDE = 3, 2, 7
SIDES = 100
"""The largest matrix whose elements are summed one by one."""
CONVOLUTIONS = ("conv2d", "conv_transpose2d")


def convolves(arguments: ExperimentArguments) -> str:
    """Return cross-correlation, convolution, both or neither: the sum that an op computes.

    With x zero beyond its edges, a convolution of x and w is y[i] = sum over a of x[i - a] w[a], a
    cross-correlation y[i] = sum over a of x[i + a] w[a], along both axes. Both are compared at
    every place i at which a window touches the image.
    """
    op, kernel = arguments.text("op"), arguments.whole("kernel", SIDE)
    if op not in CONVOLUTIONS:
        raise arguments.refuse(f"`{op}` is not a convolution", nearest(op, CONVOLUTIONS))
    # a transposed one has an output for every place that its window touches, as it is
    padding = kernel - 1 if op == "conv2d" else 0
    size = (CHANNELS, SIDE, SIDE)
    settings = f"{op}, out: {FILTERS}, kernel: {kernel}, padding: {padding}, bias: false"
    module = build(single(settings, size), dtype=torch.float64)
    weight = module.get_submodule("f").get_parameter("weight")
    x = sample("input", 1, *size)
    with torch.no_grad():
        weight.copy_(sample("weight", *weight.shape))
        found = module(x)
    filters = weight.detach() if op == "conv2d" else weight.detach().transpose(0, 1)
    same = [
        name
        for name, sum_ in (
            ("cross-correlation", _full_sum(x, filters.flip(2, 3))),
            ("convolution", _full_sum(x, filters)),
        )
        if alike(found, sum_) == "equal"
    ]
    return " and ".join(same) or "neither"


def _full_sum(x: Tensor, filters: Tensor) -> Tensor:
    """Return the convolution of images with filters, N x C x H x W with out x C x K x K.

    Written as its definition, one product for each place of the filters: with a flipped filter it
    is the cross-correlation.
    """
    kernel = filters.shape[-1]
    n, _, height, width = x.shape
    total = torch.zeros(n, len(filters), height + kernel - 1, width + kernel - 1, dtype=x.dtype)
    for a in range(kernel):
        for b in range(kernel):
            product = torch.einsum("oc,nchw->nohw", filters[:, :, a, b], x)
            total[:, :, a : a + height, b : b + width] += product
    return total


def frobenius(arguments: ExperimentArguments) -> str:
    """Return equal, different or outside: a sum of squares, and the squared Frobenius norm.

    The sum is over W[i][j] of a matrix of `rows` x `columns`, i from 1 to `i` and j from 1 to `j`.
    It is outside where it needs an element that the matrix does not have.
    """
    rows, columns, last_row, last_column = (
        arguments.whole(name, SIDES) for name in ("rows", "columns", "i", "j")
    )
    matrix = sample("W", rows, columns)
    if last_row > rows or last_column > columns:
        return "outside"
    total = sum(
        (matrix[i, j] ** 2 for i in range(last_row) for j in range(last_column)), torch.zeros(())
    )
    return alike(total, torch.linalg.matrix_norm(matrix, "fro") ** 2)
