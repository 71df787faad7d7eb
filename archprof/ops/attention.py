"""Attention between tokens."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from archprof.ops.answers import Cost, Function, Saved, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.layout import Layout, contiguous, elementwise, permuted, viewed
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import positive, setting


class Attention(Op):
    """Scaled dot-product attention of `heads` heads: softmax(Q K^T/sqrt(d)) V.

    Inputs Q, K, V of …×N×C, and an optional bias heads×N×N, one for all windows or one for each.

    No weights: the projections are linear layers beside it.
    torch.nn.functional.scaled_dot_product_attention, Vaswani et al. 2017.
    """

    name: ClassVar[str] = "attention"
    family: ClassVar[Family] = "attention"

    heads: int = setting(positive)

    arity: ClassVar[tuple[int, int | None]] = (3, 4)
    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        query, key, value, *bias = inputs
        if (
            len(query) < 2
            or not (len(query) == len(key) == len(value))
            or query[:-2] != key[:-2]
            or key[:-1] != value[:-1]
            or query[-1] != key[-1]
        ):
            raise ShapeError(
                f"{self.name} needs queries, keys and values of tokens x channels, found"
                f" {product(query)}, {product(key)} and {product(value)}"
            )
        for what, n in (("key", key[-1]), ("value", value[-1])):
            if n % self.heads:
                raise ShapeError(
                    f"{n} {what} channels do not divide into {self.heads} heads: {n}/{self.heads} ="
                    f" {n / self.heads:.4g}"
                )
        scores = (self.heads, query[-2], key[-2])
        if bias and bias[0] not in (scores, (*query[:-2], *scores)):
            raise ShapeError(
                f"the bias is {product(bias[0])}, expected heads*queries*keys = {product(scores)},"
                " for all windows or for each"
            )
        return (*query[:-1], value[-1])

    def _scores(self, inputs: tuple[Shape, ...]) -> int:
        """Return the elements of Q K^T: windows * heads * queries * keys."""
        query, key = inputs[:2]
        return math.prod(query[:-2]) * self.heads * query[-2] * key[-2]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        scores = self._scores(inputs)
        macs = scores // self.heads * (inputs[1][-1] + inputs[2][-1])
        # 1 for the scaling, 1 for the bias, the softmax's 5; fvcore does not see a fused attention
        return Cost(macs, 2 * macs + scores * (1 + (len(inputs) == 4) + RATES["softmax"]), fvcore=0)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        rank = len(output)
        outer = tuple(Same(i) for i in range(rank - 2))
        query: Reading = (*outer, Same(rank - 2), New())
        others: Reading = (*outer, New(), New())
        bias: tuple[Reading, ...] = (tuple(New() for _ in output),) if len(inputs) == 4 else ()
        return (query, others, others, *bias)

    def algorithm(self, inputs: tuple[Layout, ...], training: bool = True) -> str:
        """Return the fused one for one sequence per sample, without a bias that wants a gradient;
        its math for windows, and what the fused one refuses.
        """
        query, key, value, *bias = inputs
        alike = (
            query.shape[0] == key.shape[0] == value.shape[0] and query.shape[-1] == value.shape[-1]
        )
        fused = (
            len(query.shape) == 3
            and not (bias and training)
            and alike
            and all(tokens.strides[-1] == 1 for tokens in inputs[:3])
        )
        return "fused" if fused else "math"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        query, key, *_ = inputs
        # fused: Q, K and V, the result and a number for each row of scores
        fused = (
            *(Saved("input", i, algorithm="fused") for i in range(3)),
            Saved("output", algorithm="fused"),
            Saved("own", elements=self.heads * query[-2], at_least=4, algorithm="fused"),
        )
        # math, in float32 at least: each factor of Q K^T, scaled, for the other's gradient; the
        # scores after softmax; V for theirs
        return (
            *fused,
            Saved("own", elements=math.prod(query), at_least=4, wanted_by=(1,), algorithm="math"),
            Saved("own", elements=math.prod(key), at_least=4, wanted_by=(0,), algorithm="math"),
            Saved("own", elements=self._scores(inputs), at_least=4, algorithm="math"),
            Saved("input", 2, at_least=4, wanted_by=(0, 1, 3), algorithm="math"),
        )

    def kept_as_is(self, item: Saved, layout: Layout) -> bool:
        return item.algorithm == "fused" or self._matrices(layout)

    def _matrices(self, layout: Layout) -> bool:
        """Return whether tokens, split into heads, can be seen as one batch of matrices: with one
        head, or a single sample.
        """
        *outer, tokens, channels = layout.shape
        split = viewed(layout, (*outer, tokens, self.heads, channels // self.heads))
        rank = len(outer)
        return (
            split is not None
            and viewed(
                permuted(split, (*range(rank), rank + 1, rank, rank + 2)),
                (math.prod(outer) * self.heads, tokens, channels // self.heads),
            )
            is not None
        )

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        if self.algorithm(inputs, training) == "fused":
            # as the queries lie, so that joining the heads is but a view
            return elementwise(inputs[0])
        # one head after the other, then joined by tokens: a view where there is one head, or one
        # channel to each
        *outer, tokens, channels = shape
        rank = len(outer)
        heads = contiguous((*outer, self.heads, tokens, channels // self.heads))
        return viewed(permuted(heads, (*range(rank), rank + 1, rank, rank + 2)), shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        query, key = inputs[:2]
        if self.algorithm(inputs, training=False) == "fused":
            # a number for each row of scores
            return self.heads * math.prod(query.shape[:-1]) * max(4, itemsize)
        # in float32 at least, Q, K and V copied where they are narrower; Q and K scaled, again
        # where they are no matrices head by head; the scores;
        # these with the bias, or after softmax; then V as a matrix and the result, which is joined
        # by tokens last
        width, output = max(4, itemsize), math.prod(shape)
        q, k, v = (math.prod(tokens.shape) for tokens in inputs[:3])
        scores = self.heads * math.prod(query.shape[:-1]) * key.shape[-2]
        matrices = [
            0 if self._matrices(tokens) else math.prod(tokens.shape) for tokens in inputs[:3]
        ]
        wide = (q + k + v) * width if itemsize < width else 0
        # the scores and the result as they are handed on
        narrow = (scores * itemsize, output * itemsize) if itemsize < width else (0, 0)
        products = (q + k + matrices[0] + matrices[1] + scores) * width
        normalised = (q + 2 * scores) * width
        applied = (q + scores + matrices[2] + output) * width + narrow[0]
        handed = applied - matrices[2] * width + narrow[1] if itemsize < width else 0
        joined = 2 * output * itemsize
        return max(wide + max(products, normalised, applied, handed), joined) - output * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        query, key, value, *bias = inputs
        names = {
            "B": math.prod(query[:-2]),
            "h": self.heads,
            "N": query[-2],
            "M": key[-2],
            "Ck": key[-1],
            "Cv": value[-1],
        }
        return {
            "params": Working("0"),
            "macs": Working("B*N*M*(Ck + Cv)", names),
            "flops": Working(f"2*B*N*M*(Ck + Cv) + {7 if bias else 6}*B*h*N*M", names),
        }

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.attention, args=(), kwargs={"heads": self.heads})
