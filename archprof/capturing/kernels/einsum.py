"""What torch.einsum does in training."""

from __future__ import annotations

import math

from archprof.autograd.pointwise import multiply
from archprof.autograd.products import bmm
from archprof.autograd.reductions import total
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import permute, view
from archprof.capturing.arguments import Arguments


def einsum(given: Arguments) -> FakeTensor:
    """Return a product of two tensors as one of matrices: what both have and the output, what one
    has and the output, and what is summed are a dimension each (ATen/native/Linear.cpp).
    """
    left, _, right = str(given.get("equation")).replace(" ", "").partition("->")
    terms, factors, run = left.split(","), given.listed("tensors"), given.run
    if "." in left or len(terms) > 2:
        raise LookupError("an einsum of other than one or two plain terms")
    if len(terms) == 1:
        return _ordered(run, factors[0], terms[0], right)
    one, other = terms
    both = [c for c in right if c in one and c in other]
    only = [c for c in right if c in one and c not in other]
    rest = [c for c in right if c in other and c not in one]
    summed = [c for c in one if c in other and c not in right]
    sizes = dict(zip(one + other, factors[0].shape + factors[1].shape, strict=True))
    if not summed:
        return multiply(
            run, _spread(run, factors[0], one, right), _spread(run, factors[1], other, right)
        )
    first = _grouped(run, factors[0], one, [both, only, summed], sizes)
    second = _grouped(run, factors[1], other, [both, summed, rest], sizes)
    product = bmm(run, first, second)
    del first, second
    letters = [*both, *only, *rest]
    product = view(run, product, tuple(sizes[c] for c in letters))
    return permute(run, product, [letters.index(c) for c in right])


def _grouped(
    run: Run, x: FakeTensor, term: str, groups: list[list[str]], sizes: dict[str, int]
) -> FakeTensor:
    order = [term.index(c) for group in groups for c in group]
    turned = permute(run, x, order)
    return view(run, turned, tuple(math.prod(sizes[c] for c in group) for group in groups))


def _ordered(run: Run, x: FakeTensor, term: str, right: str) -> FakeTensor:
    summed = [term.index(c) for c in term if c not in right]
    if summed:
        x = total(run, x, summed, False)
        term = "".join(c for c in term if c in right)
    return permute(run, x, [term.index(c) for c in right])


def _spread(run: Run, x: FakeTensor, term: str, right: str) -> FakeTensor:
    turned = permute(run, x, [term.index(c) for c in right if c in term])
    sizes = dict(zip(term, x.shape, strict=True))
    return view(run, turned, tuple(sizes.get(c, 1) for c in right))
