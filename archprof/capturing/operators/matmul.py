"""torch.matmul and torch.einsum: archprof's ops that say the same, and what autograd keeps of them.

Both make three dimensions of many, and keep a copy where the strides of a factor do not let it be
seen so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from archprof.autograd.layout import Layout
from archprof.capturing.operands import Operand, Operands
from archprof.ops import OPS
from archprof.ops.answers import Saved
from archprof.ops.base import Op

Dims = list[tuple[int, int]]
"""Sizes and strides of neighbouring dimensions."""


def as_matmul(operands: Operands) -> Op | None:
    return OPS["matmul"]() if len(operands.inputs) == 2 else None


def as_einsum(operands: Operands) -> Op | None:
    """Return archprof's einsum, whose equation has no letter for the batch: None where the batch is
    not the first letter of every term and of the output alone.
    """
    left, _, right = str(operands.get("equation")).replace(" ", "").partition("->")
    terms, factors = left.split(","), operands.listed("tensors")
    batch = right[:1]
    if not batch or len(factors) != len(operands.inputs):
        return None
    if any(factor.full[:1] != (1,) for factor in factors):
        return None
    if any(term[:1] != batch or batch in term[1:] for term in (*terms, right)):
        return None
    equation = f"{','.join(term[1:] for term in terms)}->{right[1:]}"
    return OPS["einsum"](equation=equation)


def copied_factor(operands: Operands, item: Saved, inputs: tuple[Layout, ...]) -> int:
    """Return the elements of the copy of a matmul's factor that is kept in its place; 0: there is
    none.
    """
    output = operands.output.shape
    if len(inputs) != 2 or len(output) < 3:
        return 0  # the batch is the one dimension that counts the matrices
    factor = inputs[item.number]
    batches = (max(each.shape[0] for each in inputs), *output[:-2])
    missing = len(batches) - len(factor.shape[:-2])
    sizes = (factor.shape[0], *(1,) * missing, *factor.shape[1:-2])
    strides = (factor.strides[0], *(0,) * missing, *factor.strides[1:-2])
    # where the factor is repeated, its neighbour is itself
    steps = [
        (n, stride if size > 1 else 0)
        for n, size, stride in zip(batches, sizes, strides, strict=True)
    ]
    return 0 if _is_one(steps) else math.prod(batches) * math.prod(factor.shape[-2:])


def copied_term(operands: Operands, item: Saved, inputs: tuple[Layout, ...]) -> int:
    """Return the elements of the copy of an einsum's factor that is kept in its place; 0: there is
    none.

    A product of two is one of matrices: what both have and the output, what one has and the output,
    and what is summed are a dimension each (ATen/native/Linear.cpp, sumproduct_pair).
    """
    left, _, right = str(operands.get("equation")).replace(" ", "").partition("->")
    terms, factors = left.split(","), operands.listed("tensors")
    if "." in left or len(terms) != 2 or len(factors) != 2 or len(inputs) != 2:
        return 0
    own = next(i for i, each in enumerate(factors) if operands.placed[each.number] == item.number)
    layout = inputs[item.number]
    dims = _by_letter(terms[own], factors[own], layout)
    if dims is None:
        return 0
    other = terms[1 - own]
    ordered = [*right, *sorted(set(left) - set(right) - {","})]
    groups = (
        [letter for letter in ordered if letter in right and letter in other],
        [letter for letter in ordered if letter in right and letter not in other],
        [letter for letter in ordered if letter not in right],
    )
    steps = [[step for letter in group for step in dims.get(letter, [])] for group in groups]
    return 0 if all(map(_is_one, steps)) else math.prod(layout.shape)


def _by_letter(term: str, factor: Operand, layout: Layout) -> dict[str, Dims] | None:
    """Return the dimensions of a factor by its letters, the batch with what it is part of."""
    steps = list(zip(layout.shape, layout.strides, strict=True))
    if len(term) == len(steps):
        return {letter: [step] for letter, step in zip(term, steps, strict=True)}
    if len(term) == len(steps) - 1 and len(term) == len(factor.full):
        found = {letter: [step] for letter, step in zip(term[1:], steps[2:], strict=True)}
        return {term[0]: steps[:2], **found}
    return None


def _is_one(steps: Sequence[tuple[int, int]]) -> bool:
    """Whether dimensions are one without a copy."""
    long = [(n, stride) for n, stride in steps if n > 1]
    return all(outer == n * inner for (_, outer), (n, inner) in pairwise(long))
