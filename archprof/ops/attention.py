"""Attention between tokens."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from archprof.ops.base import (
    Cost,
    Function,
    New,
    Op,
    Reading,
    Same,
    Saved,
    Shape,
    ShapeError,
    Working,
    product,
)
from archprof.ops.rates import RATES
from archprof.ops.settings import positive, setting


class Attention(Op):
    """Scaled dot-product attention of `heads` heads: softmax(Q K^T/sqrt(d)) V. Inputs Q, K, V of …×N×C, and an optional bias heads×N×N.

    No weights: the projections are linear layers beside it. torch.nn.functional.scaled_dot_product_attention, Vaswani et al. 2017.
    """

    heads: int = setting(positive)

    arity: ClassVar[tuple[int, int | None]] = (3, 4)

    def output_shape(self, *inputs: Shape) -> Shape:
        query, key, value, *bias = inputs
        if len(query) < 2 or not (len(query) == len(key) == len(value)) or query[:-2] != key[:-2] or key[:-1] != value[:-1] or query[-1] != key[-1]:
            raise ShapeError(f"attention needs queries, keys and values of tokens x channels, found {product(query)}, {product(key)} and {product(value)}")
        for what, n in (("key", key[-1]), ("value", value[-1])):
            if n % self.heads:
                raise ShapeError(f"{n} {what} channels do not divide into {self.heads} heads: {n}/{self.heads} = {n / self.heads:.4g}")
        if bias and bias[0] != (self.heads, query[-2], key[-2]):
            raise ShapeError(f"the bias is {product(bias[0])}, expected heads*queries*keys = {self.heads}*{query[-2]}*{key[-2]}")
        return (*query[:-1], value[-1])

    def _scores(self, inputs: tuple[Shape, ...]) -> int:
        """Elements of Q K^T: windows * heads * queries * keys."""
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

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the math backend keeps Q and K scaled (own copies), the scores after softmax, and V
        query, key, value, *_ = inputs
        return (Saved("own", elements=math.prod(query)), Saved("own", elements=math.prod(key)),
                Saved("own", elements=self._scores(inputs)), Saved("own", elements=math.prod(value)) if self.heads > 1 else Saved("input", 2))

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        query, key, value, *bias = inputs
        names = {"B": math.prod(query[:-2]), "h": self.heads, "N": query[-2], "M": key[-2], "Ck": key[-1], "Cv": value[-1]}
        return {"params": Working("0"), "macs": Working("B*N*M*(Ck + Cv)", names),
                "flops": Working(f"2*B*N*M*(Ck + Cv) + {7 if bias else 6}*B*h*N*M", names)}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.attention, args=(), kwargs={"heads": self.heads})
