"""What convolutions, matrix products and attention do in training."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast
from archprof.autograd.layout import contiguous, permuted, viewed
from archprof.autograd.pointwise import add
from archprof.autograd.products import addmm, bmm, convolution, linear
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new
from archprof.autograd.views import clone, expand, moved, permute, transpose, view
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


def matmul(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    """Return torch.matmul: many matrices times one are a single one of all rows, where that needs
    no copy or the one wants a gradient; others are taken one by one, repeated where they broadcast
    (ATen/native/LinearAlgebra.cpp, should_fold).
    """
    second = cast(run, "matmul", second)
    first = cast(run, "matmul", first)
    one, other = len(first.shape), len(second.shape)
    if one == 1 or other == 1:
        return _with_vector(run, first, second)
    if one == other == 2:
        return mm(run, first, second)
    if one >= 3 and other == 2 and _folds(first, second):
        lead = first.shape[:-1]
        rows = view(run, first, (math.prod(lead), first.shape[-1]))
        return view(run, mm(run, rows, second), (*lead, second.shape[-1]))
    if one == 2 and other >= 3 and first.trains:
        return _one_times_many(run, first, second)
    return _one_by_one(run, first, second)


def _folds(many: FakeTensor, one: FakeTensor) -> bool:
    shape = (math.prod(many.shape[:-1]), many.shape[-1])
    return one.trains or viewed(many.layout, shape) is not None


def _one_times_many(run: Run, one: FakeTensor, many: FakeTensor) -> FakeTensor:
    """Return M×K times …×K×N as the transpose of …×N×K times K×M, which is copied then."""
    turned = transpose(run, many, len(many.shape) - 2, len(many.shape) - 1)
    lead = turned.shape[:-1]
    rows = view(run, turned, (math.prod(lead), turned.shape[-1]))
    del turned
    product = mm(run, rows, permute(run, one, (1, 0)))
    del rows
    product = view(run, product, (*lead, one.shape[0]))
    rank = len(product.shape)
    return clone(run, transpose(run, product, rank - 2, rank - 1))


def _one_by_one(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    lead = _broadcast(first.shape[:-2], second.shape[:-2])
    count = math.prod(lead)
    flat = _repeated(run, first, lead, count)
    other = _repeated(run, second, lead, count)
    product = bmm(run, flat, other)
    del flat, other
    return view(run, product, (*lead, first.shape[-2], second.shape[-1]))


def _repeated(run: Run, x: FakeTensor, lead: tuple[int, ...], count: int) -> FakeTensor:
    missing = len(lead) + 2 - len(x.shape)
    if missing:
        x = view(run, x, (*[1] * missing, *x.shape))
    whole = (*lead, *x.shape[-2:])
    if x.shape != whole:
        x = expand(run, x, whole)
    return view(run, x, (count, *x.shape[-2:]))


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    rank = max(len(first), len(second))
    left = (1,) * (rank - len(first)) + first
    right = (1,) * (rank - len(second)) + second
    return tuple(max(pair) for pair in zip(left, right, strict=True))


def _with_vector(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    """Return a product of which one factor is a vector, as one of matrices: its births have the
    same sizes.
    """
    if len(first.shape) == 1:
        row = view(run, first, (1, first.shape[0]))
        made = second if len(second.shape) > 1 else view(run, second, (second.shape[0], 1))
        product = matmul(run, row, made)
        kept = product.shape[:-2] + (product.shape[-1:] if len(second.shape) > 1 else ())
        return view(run, product, kept)
    column = view(run, second, (second.shape[0], 1))
    return view(run, matmul(run, first, column), first.shape[:-1])


def mm(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    """Return N×K times K×M. The second factor's gradient comes first; that of one whose columns
    lie one after the other lies so too, as a view of what was multiplied the other way round.
    """
    second = cast(run, "mm", second)
    first = cast(run, "mm", first)
    rows, depth, columns, size = *first.shape, second.shape[1], first.itemsize
    wants = first.trains, second.trains
    keeps = [first if wants[1] else None, second if wants[0] else None]
    before(run, any(wants), *keeps)
    made = new(run, contiguous((rows, columns)), size, "mm")
    macs = rows * depth * columns
    run.count(macs)
    turned = [each.layout.strides == (1, each.shape[0]) for each in (first, second)]

    def product(shape: tuple[int, int], is_turned: bool) -> FakeTensor:
        if not is_turned:
            return new(run, contiguous(shape), size, "mm")
        found = new(run, contiguous(shape[::-1]), size, "mm")
        return found.viewed(permuted(found.layout, (1, 0)))

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        of_second = product((depth, columns), turned[1]) if wants[1] else None
        of_first = product((rows, depth), turned[0]) if wants[0] else None
        run.count(macs * sum(wants))
        return [of_first, of_second]

    return attach(run, "mm", made, [first, second], keeps, back)


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
