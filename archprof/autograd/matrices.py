"""torch.matmul: a product of matrices, of one with many, and of many with many."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast
from archprof.autograd.layout import contiguous, permuted, viewed
from archprof.autograd.pointwise import broadcast
from archprof.autograd.products import bmm
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new
from archprof.autograd.views import contiguously, expand, permute, transpose, view


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
    if one == other == 3 and first.shape[0] != second.shape[0]:
        if first.shape[0] == 1 and first.trains:
            return matmul(run, view(run, first, first.shape[1:]), second)
        if second.shape[0] == 1 and second.trains:
            return matmul(run, first, view(run, second, second.shape[1:]))
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
    return contiguously(run, transpose(run, product, rank - 2, rank - 1))


def _one_by_one(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    lead = broadcast(first.shape[:-2], second.shape[:-2])
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
