"""What convolutions, matrix products and attention do in training."""

from __future__ import annotations

import math

from archprof.autograd.layout import contiguous
from archprof.autograd.matrices import matmul, mm
from archprof.autograd.pointwise import add
from archprof.autograd.products import addmm, bmm, convolution, deformable_convolution, linear
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.autograd.views import moved, permute, view
from archprof.capturing.arguments import Arguments, Program
from archprof.capturing.kernels.attention import attention
from archprof.capturing.kernels.einsum import einsum

# --- convolutions ---


def _convolution(given: Arguments) -> FakeTensor:
    run, x, weight = given.run, given["input"], given["weight"]
    shape = (x.shape[0], *given.captured[1:])
    transposed = "transpose" in given.name or bool(given.get("transposed", False))
    uneven = _uneven(given, x, weight)
    if uneven is not None:
        x = moved(run, x, "constant_pad_nd", contiguous(uneven))
    return convolution(run, x, weight, given.maybe("bias"), shape, transposed)


def _uneven(given: Arguments, x: FakeTensor, weight: FakeTensor) -> tuple[int, ...] | None:
    """Return the shape of an input padded on one side more than on the other, as padding `same`
    needs it for an even window; None where none is.
    """
    if given.get("padding") != "same":
        return None
    rank = len(weight.shape) - 2
    dilation = _each(given.get("dilation", 1), rank)
    reach = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
    if not any(n % 2 for n in reach):
        return None
    sides = [size + n % 2 for size, n in zip(x.shape[2:], reach, strict=True)]
    return (*x.shape[:2], *sides)


def _each(number: int | list[int], rank: int) -> list[int]:
    listed = [number] if isinstance(number, int) else list(number)
    return listed if len(listed) == rank else listed[:1] * rank


def _deformable(given: Arguments) -> FakeTensor:
    """Return a deformable convolution, which gets its mask and its bias in any case."""
    x, weight = given["input"], given["weight"]
    shape = (x.shape[0], *given.captured[1:])
    macs = math.prod(shape) * math.prod(weight.shape[1:])
    sampled = x, given["offset"], given.maybe("mask")
    return deformable_convolution(given.run, sampled, weight, given.maybe("bias"), shape, macs)


# --- matrix products ---


def _linear(given: Arguments) -> FakeTensor:
    """Return a linear layer; rows that do not lie one after the other are multiplied matrix by
    matrix where the weight is frozen.
    """
    x, weight, bias = given["input"], given["weight"], given.maybe("bias")
    run = given.run
    if len(x.shape) == 1:
        row = view(run, x, (1, *x.shape))
        return view(run, linear(run, row, weight, bias), (weight.shape[0],))
    if len(x.shape) > 2 and not x.layout.contiguous and not weight.trains:
        product = matmul(run, x, permute(run, weight, (1, 0)))
        return product if bias is None else add(run, product, bias, not run.observed)
    return linear(run, x, weight, bias)


def _matmul(given: Arguments) -> FakeTensor:
    return matmul(given.run, given["self"], given["other"])


def _mm(given: Arguments) -> FakeTensor:
    return mm(given.run, given["self"], given["mat2"])


def _bmm(given: Arguments) -> FakeTensor:
    return bmm(given.run, given["self"], given["mat2"])


def _addmm(given: Arguments) -> FakeTensor:
    run = given.run
    return addmm(run, given["mat1"], permute(run, given["mat2"], (1, 0)), given["self"])


def _baddbmm(given: Arguments) -> FakeTensor:
    """Return what is given plus B×N×K times B×K×M: gradients of the factors, then of the sum."""
    run, added = given.run, given["self"]
    first, second = given["batch1"], given["batch2"]
    wants = added.trains, first.trains, second.trains
    (batch, rows, depth), columns, size = first.shape, second.shape[2], first.itemsize
    made = new(run, contiguous((batch, rows, columns)), size, "baddbmm")
    macs = batch * rows * depth * columns
    run.count(macs)
    of_sum = added.layout

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = [None, None, None]
        if wants[1]:
            found[1] = new(run, contiguous((batch, rows, depth)), size, "bmm")
        if wants[2]:
            found[2] = new(run, contiguous((batch, depth, columns)), size, "bmm")
        run.count(macs * (wants[1] + wants[2]))
        if wants[0]:
            found[0] = gradient
            if of_sum.shape != gradient.shape:
                found[0] = new(run, contiguous(of_sum.shape), size, "sum")
        return found

    keeps = [first if wants[2] else None, second if wants[1] else None]
    return attach(run, "baddbmm", made, [added, first, second], keeps, back)


PRODUCTS: dict[str, Program] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "convolution", "_convolution"), _convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _convolution),
    "deform_conv2d": _deformable,
    "linear": _linear,
    "matmul": _matmul,
    "mm": _mm,
    "bmm": _bmm,
    "addmm": _addmm,
    "baddbmm": _baddbmm,
    "einsum": einsum,
    "scaled_dot_product_attention": attention,
}
"""By torch's name of an operator what it does."""
