"""Kernels that make many elements one along some dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from archprof.autograd.casting import cast
from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, attach_all, new


def reduced(shape: tuple[int, ...], dims: Sequence[int], keepdim: bool) -> tuple[int, ...]:
    """Return the shape after a reduction over some dimensions."""
    if keepdim:
        return tuple(1 if dim in dims else n for dim, n in enumerate(shape))
    return tuple(n for dim, n in enumerate(shape) if dim not in dims)


def spread(gradient: Layout, shape: tuple[int, ...], dims: Sequence[int], keepdim: bool) -> Layout:
    """Return the gradient of a reduction as it is repeated over its input: reduced dimensions have
    no stride.
    """
    if keepdim:
        strides = tuple(0 if d in dims else s for d, s in enumerate(gradient.strides))
        return Layout(shape, strides)
    left = iter(gradient.strides)
    return Layout(shape, tuple(0 if d in dims else next(left) for d in range(len(shape))))


def total(run: Run, x: FakeTensor, dims: Sequence[int], keepdim: bool) -> FakeTensor:
    """Return a sum; its gradient is a view that repeats it."""
    x = cast(run, "sum", x)
    whole = x.shape
    made = new(run, contiguous(reduced(whole, dims, keepdim)), x.itemsize, "sum")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        return [gradient.viewed(spread(gradient.layout, whole, dims, keepdim))]

    return attach(run, "sum", made, [x], (), back)


def average(run: Run, x: FakeTensor, dims: Sequence[int], keepdim: bool) -> FakeTensor:
    """Return a mean; its gradient is divided into a tensor as large as the input."""
    whole, size = x.shape, x.itemsize
    made = new(run, contiguous(reduced(whole, dims, keepdim)), size, "mean")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, math.prod(whole))
        laid = elementwise(spread(gradient.layout, whole, dims, keepdim))
        return [new(run, laid, size, "div")]

    return attach(run, "mean", made, [x], (), back)


def deviation(
    run: Run, x: FakeTensor, dims: Sequence[int], keepdim: bool, name: str
) -> list[FakeTensor]:
    """Return the variance (`var`), its root (`std`), or these with the mean (`var_mean`,
    `std_mean`), which one function makes.

    The gradient of a variance is 2/(n - 1) * g * (x - mean); that of the root is first divided by
    it, but for zeros.
    """
    whole, size = x.layout, x.itemsize
    shape = reduced(x.shape, dims, keepdim)
    kept_shape = reduced(x.shape, dims, True)
    made = [FakeTensor(run, contiguous(shape), size) for _ in range(1 + name.endswith("_mean"))]
    run.note(name)
    root = name.startswith("std")

    def of_root(gradient: FakeTensor) -> FakeTensor:
        doubled = new(run, contiguous(shape), size, "mul.Scalar")
        found = new(run, contiguous(shape), size, "div")
        zero = new(run, contiguous(shape), 1, "eq")
        del doubled, zero
        return found

    def of_variance(gradient: FakeTensor) -> FakeTensor:
        mean = new(run, contiguous(kept_shape), size, "mean")
        centred = new(run, elementwise(whole, contiguous(kept_shape)), size, "sub")
        factor = new(run, contiguous(kept_shape), size, "mul.Scalar")
        found = new(run, elementwise(whole), size, "mul")
        del mean, centred, factor
        return found

    def of_mean(gradient: FakeTensor) -> FakeTensor:
        laid = elementwise(spread(gradient.layout, whole.shape, dims, keepdim))
        return new(run, laid, size, "div")

    def back(*gradients: FakeTensor | None) -> list[FakeTensor]:
        run.count(0, 4 * math.prod(whole.shape))
        first = gradients[0]
        found: FakeTensor | None = None
        if first is not None and root:
            halved = of_root(first)
            found = of_variance(halved)
            del halved
        elif first is not None:
            found = of_variance(first)
        second = gradients[1] if len(gradients) > 1 else None
        if second is not None:
            other = of_mean(second)
            if found is None:
                return [other]
            both = new(run, elementwise(found.layout, other.layout), size, "add")
            del found, other
            return [both]
        return [] if found is None else [found]

    attach_all(run, name, made, [x], [x, made[0] if root else None], back)
    return made


def picked(
    run: Run,
    x: FakeTensor,
    shape: tuple[int, ...],
    name: str,
) -> list[FakeTensor]:
    """Return some elements and their int64 indices, which are kept: the largest along a dimension,
    or all in order. The gradient is put into zeros, in a further tensor.
    """
    made = FakeTensor(run, contiguous(shape), x.itemsize)
    indices = FakeTensor(run, contiguous(shape), 8)
    run.note(name)
    whole, size = x.shape, x.itemsize

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        zeros = new(run, contiguous(whole), size, "new_zeros")
        found = new(run, contiguous(whole), size, "scatter")
        del zeros
        return [found]

    attach(run, name, made, [x], [indices], back)
    return [made, indices]


def extreme(run: Run, x: FakeTensor, dims: Sequence[int], keepdim: bool, name: str) -> FakeTensor:
    """Return a maximum or minimum without indices (`amax`, `amin`): the gradient is shared by all
    elements that are equal to it.
    """
    whole, size = x.layout, x.itemsize
    shape = reduced(x.shape, dims, keepdim)
    rest = reduced(x.shape, dims, True)
    made = new(run, contiguous(shape), size, name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, 3 * math.prod(whole.shape))
        equal = new(run, elementwise(whole), 1, "eq")
        count = new(run, contiguous(rest), 8, "sum")
        shared = new(run, contiguous(rest), size, "div")
        found = new(run, elementwise(whole), size, "mul")
        del equal, count, shared
        return [found]

    return attach(run, name, made, [x], [x, made], back)


def vector_norm(
    run: Run, x: FakeTensor, dims: Sequence[int], keepdim: bool, order: float
) -> FakeTensor:
    """Return the norm along some dimensions: the root of the sum of squares, or for `order` 1 the
    sum of magnitudes, or for another one at least 1 the root of the sum of powers.
    """
    x = cast(run, "linalg_vector_norm", x)
    whole, size = x.layout, x.itemsize
    shape = reduced(x.shape, dims, keepdim)
    rest = reduced(x.shape, dims, True)
    made = new(run, contiguous(shape), size, "linalg_vector_norm")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, 2 * math.prod(whole.shape))
        if order == 1:
            first = new(run, elementwise(whole), size, "sgn")
            found = new(run, elementwise(whole), size, "mul")
            del first
            return [found]
        if order != 2:
            return [_back_of_powers(run, whole, rest, size, order)]
        quotient = new(run, elementwise(whole), size, "div")
        zero = new(run, contiguous(rest), 1, "eq")
        found = new(run, elementwise(whole), size, "mul")
        del quotient, zero
        return [found]

    return attach(run, "linalg_vector_norm", made, [x], [x, made], back)


def _back_of_powers(
    run: Run, whole: Layout, rest: tuple[int, ...], size: int, order: float
) -> FakeTensor:
    """Return the gradient of a norm by other powers than 1 and 2: x * |x|^(p - 2) or, below 2,
    sign(x) * |x|^(p - 1), times the gradient over the norm's own power.
    """
    laid = elementwise(whole)
    sign = new(run, laid, size, "sgn") if order < 2 else None
    powers = new(run, laid, size, "abs")  # raised in place
    scaled = new(run, laid, size, "mul")
    del powers, sign
    norms = new(run, contiguous(rest), size, "pow")
    quotient = new(run, contiguous(rest), size, "div")
    del norms
    zero = new(run, contiguous(rest), 1, "eq")
    del zero
    found = new(run, laid, size, "mul")
    del scaled, quotient
    return found


def log_sum_exp(run: Run, x: FakeTensor, dims: Sequence[int], keepdim: bool) -> FakeTensor:
    """Return the logarithm of the sum of exponentials: its gradient is g * exp(x - output)."""
    whole, size = x.layout, x.itemsize
    made = new(run, contiguous(reduced(x.shape, dims, keepdim)), size, "logsumexp")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, 3 * math.prod(whole.shape))
        laid = elementwise(whole)
        difference = new(run, laid, size, "sub")
        exponential = new(run, laid, size, "exp")
        found = new(run, laid, size, "mul")
        del difference, exponential
        return [found]

    return attach(run, "logsumexp", made, [x], [x, made], back)


def running(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the sums up to each element (`cumsum`); the gradient is turned, summed and turned
    back.
    """
    made = new(run, elementwise(x.layout), x.itemsize, "cumsum")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, math.prod(gradient.shape))
        laid, size = elementwise(gradient.layout), gradient.itemsize
        turned = new(run, laid, size, "flip")
        summed = new(run, laid, size, "cumsum")
        found = new(run, laid, size, "flip")
        del turned, summed
        return [found]

    return attach(run, "cumsum", made, [x], (), back)
