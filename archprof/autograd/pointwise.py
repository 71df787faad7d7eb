"""Kernels that work element by element."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from archprof.autograd.casting import as_wide, cast
from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.rates import BACKWARD
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, KeptTensors, attach, before, new
from archprof.autograd.views import overwrite

Keeps = Literal["input", "output", "nothing"]

KEPT_FIRST = frozenset({"relu", "leaky_relu"})
"""Functions whose backward kernel has what is kept before the gradient, and lies as that does."""


def unary(
    run: Run,
    x: FakeTensor,
    name: str,
    keeps: Keeps,
    inplace: bool = False,
) -> FakeTensor:
    """Return a function of each element, such as relu.

    In place, one that needs its input for the backward pass copies it first.
    """
    if inplace:
        return _in_place(run, x, name, keeps)
    if keeps == "input":
        before(run, x.trains, x)
    made = new(run, elementwise(x.layout), x.itemsize, name)
    kept = {"input": x, "output": made, "nothing": None}[keeps]
    return attach(run, name, made, [x], [kept], _elementwise_back(run, name, kept))


def _in_place(run: Run, x: FakeTensor, name: str, keeps: Keeps) -> FakeTensor:
    kept = None
    if keeps == "input" and x.trains:
        kept = new(run, elementwise(x.layout), x.itemsize, "clone")
    if keeps == "output":
        kept = x
    return overwrite(run, name + "_", x, (), kept, _elementwise_back(run, name, kept))


def _elementwise_back(
    run: Run, name: str, kept: FakeTensor | None
) -> Callable[[FakeTensor], list[FakeTensor]]:
    """Return what makes the gradient of a function of each element, which reads what is kept."""
    laid = kept.layout if kept is not None else None
    rate = BACKWARD.get(name, 1)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, rate * math.prod(gradient.shape))
        operands = [gradient.layout] if laid is None else [gradient.layout, laid]
        if name in KEPT_FIRST:
            operands.reverse()
        return [new(run, elementwise(*operands), gradient.itemsize, name + "_backward")]

    return back


def broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of two that meet, aligned from their last dimension."""
    rank = max(len(first), len(second))
    left = (1,) * (rank - len(first)) + first
    right = (1,) * (rank - len(second)) + second
    return tuple(max(pair) for pair in zip(left, right, strict=True))


def summed_to(run: Run, gradient: FakeTensor, shape: tuple[int, ...]) -> FakeTensor:
    """Return a gradient summed over what was broadcast: `sum_to_size`."""
    if gradient.shape == shape:
        return gradient
    run.count(0, math.prod(gradient.shape))
    padded = (1,) * (len(gradient.shape) - len(shape)) + shape
    total = new(run, contiguous(padded), gradient.itemsize, "sum")
    return total if padded == shape else total.viewed(contiguous(shape))


def add(run: Run, x: FakeTensor, y: FakeTensor, inplace: bool = False) -> FakeTensor:
    """Return a sum. Both summands are handed the same gradient."""
    wanted = [(each.shape, each.itemsize) if each.trains else None for each in (x, y)]

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = []
        for each in wanted:
            if each is None:
                found.append(None)
            else:
                found.append(as_wide(run, summed_to(run, gradient, each[0]), each[1]))
        return found

    if inplace:
        return overwrite(run, "add_", x, [y], None, back)
    size = max(x.itemsize, y.itemsize)
    made = new(run, elementwise(x.layout, y.layout), size, "add")
    return attach(run, "add", made, [x, y], (), back)


def multiply(run: Run, x: FakeTensor, y: FakeTensor) -> FakeTensor:
    """Return a product. Each factor is kept for the gradient of the other; the engine sums over
    what was broadcast when both products are there.
    """
    before(run, x.trains or y.trains, x if y.trains else None, y if x.trains else None)
    size = x.itemsize if y.shape == () else max(x.itemsize, y.itemsize)
    made = new(run, elementwise(x.layout, y.layout), size, "mul")
    first, second = (x.layout, x.itemsize, x.trains), (y.layout, y.itemsize, y.trains)

    def product(gradient: FakeTensor, other: Layout) -> FakeTensor:
        run.count(0, math.prod(gradient.shape))
        return new(run, elementwise(gradient.layout, other), gradient.itemsize, "mul")

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        of_first = of_second = None
        if second[2]:
            of_second = product(gradient, first[0])
        if first[2]:
            of_first = product(gradient, second[0])
        kept.end_of_kernels()
        if of_first is not None:
            of_first = summed_to(run, of_first, first[0].shape)
            of_first = as_wide(run, of_first, first[1])
        if of_second is not None:
            of_second = summed_to(run, of_second, second[0].shape)
            of_second = as_wide(run, of_second, second[1])
        return [of_first, of_second]

    kept = KeptTensors([x if y.trains else None, y if x.trains else None])
    return attach(run, "mul", made, [x, y], kept, back)


def scaled(run: Run, x: FakeTensor, name: str = "mul.Scalar", inplace: bool = False) -> FakeTensor:
    """Return the tensor times a number, or divided by one."""

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, math.prod(gradient.shape))
        return [new(run, elementwise(gradient.layout), gradient.itemsize, name)]

    if inplace:
        return overwrite(run, name + "_", x, (), None, back)
    made = new(run, elementwise(x.layout), x.itemsize, name)
    return attach(run, name, made, [x], (), back)


def shifted(run: Run, x: FakeTensor, name: str = "add.Scalar", inplace: bool = False) -> FakeTensor:
    """Return the tensor plus a number; its gradient passes through."""
    if inplace:
        return overwrite(run, name, x, (), None, lambda gradient: [gradient])
    made = new(run, elementwise(x.layout), x.itemsize, name)
    return attach(run, name, made, [x], (), lambda gradient: [gradient])


def rsqrt(run: Run, x: FakeTensor) -> FakeTensor:
    """Return one over the root, from which alone its gradient follows: -g/2 * y^3."""
    made = new(run, elementwise(x.layout), x.itemsize, "rsqrt")
    source = made.layout

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["pow"] * math.prod(gradient.shape))
        size = gradient.itemsize
        halved = new(run, elementwise(gradient.layout), size, "mul.Scalar")
        cubed = new(run, source, size, "pow")
        found = new(run, elementwise(gradient.layout, source), size, "mul")
        del halved, cubed
        return [found]

    return attach(run, "rsqrt", made, [x], [made], back)


def divide(run: Run, x: FakeTensor, y: FakeTensor) -> FakeTensor:
    """Return a quotient. The divisor's gradient, -g * (x/y/y), comes first, in four tensors."""
    before(run, x.trains or y.trains, x if y.trains else None, y)
    made = new(run, elementwise(x.layout, y.layout), max(x.itemsize, y.itemsize), "div")
    first, second = (x.layout, x.itemsize, x.trains), (y.layout, y.itemsize, y.trains)
    whole = made.layout

    def of_divisor(gradient: FakeTensor) -> FakeTensor:
        size = gradient.itemsize
        run.count(0, 4 * math.prod(gradient.shape))
        quotient = new(run, whole, size, "div")
        again = new(run, whole, size, "div")
        negated = new(run, elementwise(gradient.layout), size, "neg")
        made = new(run, elementwise(gradient.layout, whole), size, "mul")
        del quotient, again, negated
        return made

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        of_first = of_second = None
        if second[2]:
            of_second = of_divisor(gradient)
        if first[2]:
            run.count(0, math.prod(gradient.shape))
            laid = elementwise(gradient.layout, second[0])
            of_first = new(run, laid, gradient.itemsize, "div")
        kept.end_of_kernels()
        if of_first is not None:
            of_first = summed_to(run, of_first, first[0].shape)
            of_first = as_wide(run, of_first, first[1])
        if of_second is not None:
            of_second = summed_to(run, of_second, second[0].shape)
            of_second = as_wide(run, of_second, second[1])
        return [of_first, of_second]

    kept = KeptTensors([x if y.trains else None, y])
    return attach(run, "div", made, [x, y], kept, back)


def dropout(run: Run, x: FakeTensor, p: float = 0.5) -> FakeTensor:
    """Return the tensor times a random mask of its own: torch makes one of its dtype on the CPU,
    and one of bytes in a kernel of its own on a GPU. Where nothing is left, it is times one zero.
    """
    if p == 1:
        return multiply(run, x, new(run, contiguous(()), x.itemsize, "zeros"))
    if run.device == "cpu":
        mask = new(run, elementwise(x.layout), x.itemsize, "empty_like")
        return multiply(run, x, mask)
    made = FakeTensor(run, elementwise(x.layout), x.itemsize)
    mask = FakeTensor(run, elementwise(x.layout), 1)
    run.note("native_dropout")

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["dropout"] * math.prod(gradient.shape))
        laid = elementwise(gradient.layout)
        return [new(run, laid, gradient.itemsize, "native_dropout_backward")]

    return attach(run, "native_dropout", made, [x], [mask], back)


def feature_dropout(run: Run, x: FakeTensor, p: float) -> FakeTensor:
    """Return the tensor times one random number for each channel of each sample."""
    if p == 1:
        return multiply(run, x, new(run, contiguous(()), x.itemsize, "zeros"))
    mask = new(run, contiguous((*x.shape[:2], *[1] * (len(x.shape) - 2))), x.itemsize, "empty")
    return multiply(run, x, mask)


def drop_path(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the tensor times one random number for each sample."""
    mask = new(run, contiguous((x.shape[0], *[1] * (len(x.shape) - 1))), x.itemsize, "empty")
    return multiply(run, x, mask)


def power(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the tensor to a constant power, whose gradient takes three tensors."""
    before(run, x.trains, x)
    made = new(run, elementwise(x.layout), x.itemsize, "pow")
    source = x.layout

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        run.count(0, BACKWARD["pow"] * math.prod(gradient.shape))
        size = gradient.itemsize
        lower = new(run, elementwise(source), size, "pow")
        scaled_gradient = new(run, elementwise(gradient.layout), size, "mul.Scalar")
        found = new(run, elementwise(gradient.layout, source), size, "mul")
        del lower, scaled_gradient
        return [found]

    return attach(run, "pow", made, [x], [x], back)


def prelu(run: Run, x: FakeTensor, weight: FakeTensor) -> FakeTensor:
    """Return the leaky relu with a learned slope; the slope's gradient is as large as the input
    before it is summed.
    """
    weight = cast(run, "prelu", weight)
    x = cast(run, "prelu", x)
    before(run, x.trains or weight.trains, x, weight)
    made = new(run, elementwise(x.layout), x.itemsize, "_prelu_kernel")
    source, size = x.layout, x.itemsize
    slopes, wants = weight.shape, (x.trains, weight.trains)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        run.count(0, BACKWARD["prelu"] * math.prod(source.shape))
        laid = elementwise(source, gradient.layout)
        found = [FakeTensor(run, laid, size) for _ in range(2)]
        run.note("_prelu_kernel_backward")
        of_input = found[0] if wants[0] else None
        of_slopes = found[1] if wants[1] else None
        del found
        kept.end_of_kernels()
        if of_slopes is not None:
            of_slopes = new(run, contiguous(slopes), size, "sum")
        return [of_input, of_slopes]

    kept = KeptTensors([x, weight])
    return attach(run, "_prelu_kernel", made, [x, weight], kept, back)
