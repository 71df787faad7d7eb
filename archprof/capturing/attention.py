"""Attention as torch's operator has it: queries, keys and values already divided into heads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from archprof.autograd.layout import Layout, contiguous, elementwise, viewed
from archprof.capturing.call import Call, Contiguous
from archprof.capturing.operands import Operands
from archprof.capturing.operators import base_name
from archprof.ops.answers import Saved
from archprof.ops.base import Shape

OPERATOR = "scaled_dot_product_attention"


def captured_as(operands: Operands) -> type[Call]:
    """Return the class of the layer that an operator is, as captured."""
    name = base_name(operands.operation.operator)
    if name == OPERATOR and _is_whole(operands):
        return HeadAttention
    return Contiguous if name == "contiguous" and len(operands.placed) == 1 else Call


def _is_whole(operands: Operands) -> bool:
    """Whether a layer's inputs are all that attention computes with."""
    return all(
        operands.has(name) and operands.tensor(name).number in operands.placed for name in _FACTORS
    )


class HeadAttention(Call):
    """scaled_dot_product_attention of …×heads×N×C queries.

    What it keeps and makes depends on which of torch's two algorithms computes it, which a capture
    without data does not tell: `math` where a mask wants a gradient or the values are not as wide
    as the queries, otherwise `fused`, as on the CPU.
    """

    def _order(self) -> list[int]:
        """Return which input is the query, the key and the value."""
        return [self.operands.placed[self.operands.tensor(name).number] for name in _FACTORS]

    def _mask(self) -> int | None:
        """Return which input is the mask, None where there is none."""
        if not self.operands.has("attn_mask"):
            return None
        return self.operands.placed.get(self.operands.tensor("attn_mask").number)

    def algorithm(self, inputs: tuple[Layout, ...]) -> str:
        """Return `fused` or `math`: ATen/native/transformers/sdp_utils_cpp.cpp."""
        query, value = self.operands.tensor("query"), self.operands.tensor("value")
        mask = self._mask()
        fused = (
            len(query.full) == 4
            and query.full[-1] == value.full[-1]
            and all(inputs[place].strides[-1:] == (1,) for place in self._order())
            and (mask is None or not inputs[mask].trains)
        )
        return "fused" if fused else "math"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        query, key, value = self._order()
        mask = self._mask()
        rows = math.prod(inputs[query][:-1])
        fused = [Saved("input", place, algorithm="fused") for place in (query, key, value)]
        if mask is not None:
            fused.append(self._kept_mask(mask, inputs))
        fused += [
            Saved("output", algorithm="fused"),
            Saved("own", elements=rows, at_least=4, algorithm="fused"),  # one over each row's sum
        ]
        # math, in float32 at least: each factor of Q K^T, scaled, for the other's gradient; the
        # scores after softmax; V for theirs
        wanting = (query, key) if mask is None else (query, key, mask)
        scores = rows * inputs[key][-2]
        return (
            *fused,
            _of_math("own", math.prod(inputs[query]), wanted_by=(key,)),
            _of_math("own", math.prod(inputs[key]), wanted_by=(query,)),
            _of_math("own", scores),
            _of_math("input", number=value, wanted_by=wanting),
        )

    def _kept_mask(self, mask: int, inputs: tuple[Shape, ...]) -> Saved:
        """Return a mask as the fused algorithm keeps it: of truth values it makes numbers."""
        if self.operands.tensor("attn_mask").tensor.dtype == "bool":
            return Saved("own", elements=math.prod(inputs[mask]), algorithm="fused")
        return Saved("input", mask, algorithm="fused")

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        # the math's products are of matrices
        layout = inputs[item.number]
        as_it_lies = item.algorithm != "math" or _matrices(layout)
        return 0 if as_it_lies else math.prod(layout.shape)

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        if self.algorithm(inputs) == "fused":
            # as the queries lie, so that joining the heads is but a view
            return elementwise(inputs[self._order()[0]])
        return contiguous(shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        factors = [inputs[place] for place in self._order()]
        rows = math.prod(factors[0].shape[:-1])
        width = max(4, itemsize)
        if self.algorithm(inputs) == "fused":
            return rows * width
        return _math(factors, math.prod(shape), itemsize)


def _of_math(
    what: Literal["own", "input"],
    elements: int = 0,
    number: int = 0,
    wanted_by: tuple[int, ...] = (),
) -> Saved:
    """Return a tensor that the math keeps, in float32 at least."""
    return Saved(what, number, elements, at_least=4, wanted_by=wanted_by, algorithm="math")


_FACTORS = ("query", "key", "value")


def _math(factors: Sequence[Layout], output: int, itemsize: int) -> int:
    """Return the most bytes alive in what the math makes of Q, K and V beside its output, as
    archprof.ops.attention has it.

    In float32 at least, Q, K and V copied where they are narrower; Q and K scaled, again where they
    are not matrices head by head; the scores; these after softmax; then V as a matrix.
    """
    width = max(4, itemsize)
    query, key, _ = factors
    q, k, v = (math.prod(each.shape) for each in factors)
    scores = math.prod(query.shape[:-1]) * key.shape[-2]
    matrices = [0 if _matrices(each) else math.prod(each.shape) for each in factors]
    wide = (q + k + v) * width if itemsize < width else 0
    products = (q + k + matrices[0] + matrices[1] + scores) * width
    normalised = (q + 2 * scores) * width
    applied = (q + scores + matrices[2] + output) * width
    return wide + max(products, normalised, applied) - output * itemsize


def _matrices(layout: Layout) -> bool:
    """Whether all heads of all samples can be seen as one batch of matrices without a copy."""
    *outer, rows, columns = layout.shape
    return viewed(layout, (math.prod(outer), rows, columns)) is not None
