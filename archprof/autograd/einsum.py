"""torch.einsum of one tensor or of two, as ATen/native/Linear.cpp computes it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archprof.autograd.layout import Layout, contiguous, permuted, viewed
from archprof.autograd.pointwise import multiply
from archprof.autograd.products import bmm
from archprof.autograd.reductions import total
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import permute, view


class Equation(NamedTuple):
    """An equation of plain letters, the batch's included where there is one."""

    terms: tuple[str, ...]
    right: str

    @property
    def summed(self) -> str:
        """The letters that the output does not have, in the alphabet's order."""
        return "".join(sorted(set("".join(self.terms)) - set(self.right)))


def equation(text: str) -> Equation:
    """Return an equation with an arrow, read."""
    left, _, right = text.replace(" ", "").partition("->")
    return Equation(tuple(left.split(",")), right)


class Grouping(NamedTuple):
    """The letters of a product of two, by what becomes of them: those of both factors and the
    output are the batch of a product of matrices, those of one and the output its rows or columns.

    `swapped`: the second factor is multiplied by the first, whose columns come last in the output.
    """

    batch: str
    rows: str
    columns: str
    summed: str
    swapped: bool

    def factors(self) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        """Return the three dimensions of the first and of the second tensor as matrices."""
        if self.swapped:
            return (self.batch, self.summed, self.rows), (self.batch, self.columns, self.summed)
        return (self.batch, self.rows, self.summed), (self.batch, self.summed, self.columns)

    def output(self) -> str:
        """Return the letters in the order in which the product has them."""
        if self.swapped:
            return self.batch + self.columns + self.rows
        return self.batch + self.rows + self.columns


def grouping(given: Equation, first: Mapping[str, int], second: Mapping[str, int]) -> Grouping:
    """Return the groups for factors of these sizes by letter; a size of 1 is as good as none.

    Without summed letters it is an elementwise product.
    """
    groups: dict[str, list[str]] = {"batch": [], "rows": [], "columns": [], "summed": []}
    for letter in given.right + given.summed:
        left, right = first.get(letter, 1) > 1, second.get(letter, 1) > 1
        if left and right:
            groups["batch" if letter in given.right else "summed"].append(letter)
        else:
            groups["rows" if left else "columns"].append(letter)
    order = given.right + given.summed
    swapped = False
    if groups["rows"] and groups["columns"]:
        swapped = order.index(groups["columns"][-1]) < order.index(groups["rows"][0])
    joined = {name: "".join(letters) for name, letters in groups.items()}
    return Grouping(**joined, swapped=swapped)


def sizes(term: str, shape: Sequence[int]) -> dict[str, int]:
    """Return the sizes of a tensor by its letters."""
    return dict(zip(term, shape, strict=True))


def as_matrices(term: str, groups: Sequence[str], layout: Layout) -> Layout | None:
    """Return a factor seen with one dimension for each group; None where only a copy can be."""
    turned = permuted(layout, _order(term, groups))
    return viewed(turned, _grouped(term, groups, layout.shape))


def output_layout(given: Equation, factors: Sequence[Layout]) -> Layout:
    """Return how the product of two matrices lies."""
    first, second = (
        sizes(*each) for each in zip(given.terms, (f.shape for f in factors), strict=True)
    )
    groups = grouping(given, first, second)
    lengths = {letter: max(first.get(letter, 1), second.get(letter, 1)) for letter in given.right}
    letters = [letter for letter in groups.output() if letter in given.right]
    whole = contiguous(tuple(lengths[letter] for letter in letters))
    return permuted(whole, tuple(letters.index(letter) for letter in given.right))


def _order(term: str, groups: Sequence[str]) -> tuple[int, ...]:
    """Return where each dimension comes from; those of size 1 that no group names come last."""
    named = [letter for group in groups for letter in group if letter in term]
    return tuple(term.index(letter) for letter in [*named, *(c for c in term if c not in named)])


def _grouped(term: str, groups: Sequence[str], shape: Sequence[int]) -> tuple[int, ...]:
    lengths = sizes(term, shape)
    return tuple(math.prod(lengths.get(letter, 1) for letter in group) for group in groups)


def einsum(run: Run, given: Equation, factors: Sequence[FakeTensor]) -> FakeTensor:
    """Return the output; a letter that one factor alone has is in the output."""
    if len(factors) == 1:
        return _of_one(run, given, factors[0])
    first, second = factors
    one, other = given.terms
    groups = grouping(given, sizes(one, first.shape), sizes(other, second.shape))
    if not groups.summed:
        spread = [
            _spread(run, x, term, given) for x, term in zip(factors, given.terms, strict=True)
        ]
        product = multiply(run, *spread)
        return view(run, product, product.shape[: len(given.right)])
    left, right = groups.factors()
    matrices = _seen(run, first, one, left), _seen(run, second, other, right)
    product = bmm(run, *(reversed(matrices) if groups.swapped else matrices))
    del matrices
    lengths = sizes(one, first.shape) | {
        letter: n for letter, n in sizes(other, second.shape).items() if n > 1
    }
    letters = [letter for letter in groups.output() if letter in given.right]
    product = view(run, product, tuple(lengths.get(letter, 1) for letter in letters))
    return permute(run, product, [letters.index(letter) for letter in given.right])


def _of_one(run: Run, given: Equation, x: FakeTensor) -> FakeTensor:
    (term,) = given.terms
    turned = permute(run, x, [term.index(letter) for letter in given.right + given.summed])
    if not given.summed:
        return turned
    return total(run, turned, range(len(given.right), len(term)), False)


def _seen(run: Run, x: FakeTensor, term: str, groups: Sequence[str]) -> FakeTensor:
    turned = permute(run, x, _order(term, groups))
    return view(run, turned, _grouped(term, groups, x.shape))


def _spread(run: Run, x: FakeTensor, term: str, given: Equation) -> FakeTensor:
    order = given.right + given.summed
    turned = permute(run, x, [term.index(letter) for letter in order if letter in term])
    lengths = sizes(term, x.shape)
    return view(run, turned, tuple(lengths.get(letter, 1) for letter in order))
