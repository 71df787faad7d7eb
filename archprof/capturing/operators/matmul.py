"""What autograd keeps of torch.matmul, which makes three dimensions of many: a copy where the
strides of a factor do not let it be seen so.
"""

from __future__ import annotations

import math
from itertools import pairwise

from archprof.ops.answers import Saved
from archprof.ops.base import Shape
from archprof.ops.layout import Layout


def copied_factor(item: Saved, inputs: tuple[Layout, ...], output: Shape) -> int:
    """Return the elements of the copy of a factor that is kept in its place; 0: there is none.

    `output`: the product's shape without the batch.
    """
    if len(inputs) != 2 or len(output) < 3:
        return 0  # the batch is the one dimension that counts the matrices
    factor = inputs[item.number]
    batches = (max(each.shape[0] for each in inputs), *output[:-2])
    if _is_view(factor, batches):
        return 0
    return math.prod(batches) * math.prod(factor.shape[-2:])


def _is_view(factor: Layout, batches: tuple[int, ...]) -> bool:
    """Whether a factor's leading dimensions, as many as these, are one without a copy."""
    missing = len(batches) - len(factor.shape[:-2])
    sizes = (factor.shape[0], *(1,) * missing, *factor.shape[1:-2])
    strides = (factor.strides[0], *(0,) * missing, *factor.strides[1:-2])
    steps = []
    for n, size, stride in zip(batches, sizes, strides, strict=True):
        if n > 1:  # where the factor is repeated, its neighbour is itself
            steps.append((n, stride if size > 1 else 0))
    return all(outer == n * inner for (_, outer), (n, inner) in pairwise(steps))
