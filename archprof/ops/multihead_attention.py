"""Self-attention with its own projections: multihead_attention."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.attention import multihead
from archprof.autograd.layout import Layout, viewed
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Saved, Weight, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading
from archprof.ops.settings import positive, setting


class MultiheadAttention(Op):
    """Self-attention over N×C with its own projections, as torch.nn.MultiheadAttention holds them:
    in_proj_weight 3C×C and out_proj.

    Y = (softmax(Q K^T/sqrt(C/heads)) V) W_o^T + b_o, with Q, K, V = X W_i^T + b_i. Vaswani et al.
    2017, section 3.2.2.
    """

    name: ClassVar[str] = "multihead_attention"
    family: ClassVar[Family] = "attention"

    heads: int = setting(positive, about="How many heads the channels are divided into.")

    counts_depth: ClassVar[int] = 2

    # computed by torch.nn.MultiheadAttention, which has the tokens before the samples: it is the
    # same op, of which autograd keeps less
    by_torch: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if len(shape) != 2:
            raise ShapeError(f"{self.name} needs tokens x channels, found {product(shape)}")
        if shape[1] % self.heads:
            raise ShapeError(
                f"{shape[1]} channels do not divide into {self.heads} heads:"
                f" {shape[1]}/{self.heads} = {shape[1] / self.heads:.4g}"
            )
        return shape

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        channels = inputs[0][1]
        return {
            "in_proj_weight": Weight((3 * channels, channels)),
            "in_proj_bias": Weight((3 * channels,)),
            "out_proj.weight": Weight((channels, channels)),
            "out_proj.bias": Weight((channels,)),
        }

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        tokens, channels = output
        projections, products = 4 * tokens * channels**2, 2 * tokens**2 * channels
        scores = self.heads * tokens**2
        # a bias per projected element; 1 for the scaling and the softmax's 5 per score; fvcore does
        # not see a fused attention
        return Cost(
            projections + products,
            2 * (projections + products) + 4 * tokens * channels + scores * (1 + RATES["softmax"]),
            fvcore=projections,
        )

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the input; Q, K, V side by side; the fused algorithm's result, head by head, and its copy
        # token by token; a number for each row of scores
        tokens, elements = output[0], math.prod(output)
        attended = Saved(
            "own",
            elements=elements,
            wanted_by=(0,),
            for_weights=("in_proj_weight", "in_proj_bias"),
        )
        projected = Saved("own", elements=elements, for_weights=("out_proj.weight",))
        results = [attended, projected]
        if self.by_torch or 1 in (self.heads, tokens):  # one tensor, and no copy
            names = (*attended.for_weights, *projected.for_weights)
            results = [attended._replace(for_weights=names)]
        return (
            Saved("input", for_weights=("in_proj_weight",)),
            attended._replace(elements=3 * elements),
            *results,
            attended._replace(elements=self.heads * tokens, at_least=4),
        )

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        batch, tokens, channels = inputs[0].shape
        as_it_lies = viewed(inputs[0], (batch * tokens, channels)) is not None
        if self.by_torch and batch > 1 and tokens > 1:
            as_it_lies = False
        return 0 if as_it_lies else math.prod(inputs[0].shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # Q, K and V as they are projected and side by side; the fused algorithm's result with a
        # number for each row of scores, then token by token
        samples, tokens = shape[:2]
        elements = math.prod(shape)
        projected = 3 * elements * (2 if samples * tokens > 1 else 1)
        rows = samples * tokens * self.heads * max(4, itemsize)
        joined = 0 if 1 in (self.heads, tokens) else elements
        return projected * itemsize + max(rows, (elements + joined) * itemsize)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"N": output[0], "C": output[1], "h": self.heads}
        return {
            "params": Working("4*C*(C + 1)", names),
            "macs": Working("4*N*C*C + 2*N*N*C", names),
            "flops": Working("2*(4*N*C*C + 2*N*N*C) + 4*N*C + 6*h*N*N", names),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        return multihead(run, inputs[0], weights, self.heads)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.MultiheadSelfAttention(inputs[0][1], self.heads)
