"""Attention between tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.attention import AttentionKind, attention
from archprof.autograd.layout import Layout, contiguous, elementwise, permuted, viewed
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops.answers import Cost, Function, Saved, Working, product
from archprof.ops.base import Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.keeping import laid
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import boolean, number, optional, positive, setting


class Attention(Op):
    """Scaled dot-product attention of `heads` heads: softmax(Q K^T/sqrt(d)) V.

    Inputs Q, K, V of …×N×C, and an optional bias heads×N×N, one for all windows or one for each.

    Which of torch's two algorithms computes it decides what is kept: `math` where a bias wants a
    gradient or the values are not as wide as the queries, otherwise `fused`.

    No weights: the projections are linear layers beside it.
    torch.nn.functional.scaled_dot_product_attention, Vaswani et al. 2017.
    """

    name: ClassVar[str] = "attention"
    family: ClassVar[Family] = "attention"

    heads: int = setting(positive, about="How many heads the channels are divided into.")
    scale: float | None = setting(
        optional(number),
        None,
        about="What the scores are multiplied by; nothing: 1 over the root of a head's channels.",
    )
    causal: bool = setting(
        boolean, False, about="Whether a query sees no later keys than that of its own place."
    )

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
        if bias and self.causal:
            raise ShapeError(
                "causal attention takes no bias: torch has one mask or the other",
                "a `buffer` of values may hold both",
            )
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
        # fvcore does not see a fused attention
        return Cost(macs, 2 * macs + scores * self._rate(inputs), fvcore=0)

    def _rate(self, inputs: tuple[Shape, ...]) -> int:
        """Return the FLOPs of a score: 1 for the scaling, 1 for a bias or mask, the softmax's 5."""
        masked = self.causal or len(inputs) == 4
        return 1 + masked + RATES["softmax"]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        rank = len(output)
        outer = tuple(Same(i) for i in range(rank - 2))
        query: Reading = (*outer, Same(rank - 2), New())
        others: Reading = (*outer, New(), New())
        bias: tuple[Reading, ...] = (tuple(New() for _ in output),) if len(inputs) == 4 else ()
        return (query, others, others, *bias)

    def _alike(self, inputs: tuple[Layout, ...]) -> bool:
        """Return whether queries, keys and values are of as many samples: then windows are folded
        into the batch.
        """
        query, key, value, *_ = inputs
        return query.shape[:-2] == key.shape[:-2] == value.shape[:-2]

    def _sequences(self, inputs: tuple[Layout, ...]) -> tuple[Layout, ...]:
        """Return Q, K and V as torch gets them: with windows folded into the batch, copied where no
        view is that.
        """
        if not self._alike(inputs):
            return inputs[:3]
        shapes = [(math.prod(x.shape[:-2]), *x.shape[-2:]) for x in inputs[:3]]
        return tuple(
            viewed(tokens, shape) or contiguous(shape)
            for tokens, shape in zip(inputs, shapes, strict=False)
        )

    def algorithm(self, inputs: tuple[Layout, ...]) -> str:
        """Return the fused one, or its math for what the fused one refuses: a bias that wants a
        gradient, values of another width than the queries.

        What is learned beside what is not makes windows that are not folded: the math's too.
        ATen/native/transformers/sdp_utils_cpp.cpp and sdp_utils_cpp.h.
        """
        query, key, value = self._sequences(inputs)
        fused = (
            self._alike(inputs)
            and query.shape[-1] == value.shape[-1]
            and all(tokens.strides[-1] == 1 for tokens in (query, key, value))
            and not any(bias.trains for bias in inputs[3:])
        )
        return "fused" if fused else "math"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        query, key, *_ = inputs
        # fused: Q, K, V and the bias, the result and a number for each row of scores
        fused = (
            *(Saved("input", i, algorithm="fused") for i in range(len(inputs))),
            Saved("output", algorithm="fused"),
            Saved(
                "own", elements=self.heads * math.prod(query[:-1]), at_least=4, algorithm="fused"
            ),
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

    def copied(self, item: Saved, inputs: tuple[Layout, ...]) -> int:
        if item.number == 3:
            return self._expanded(inputs)
        tokens, sequences = inputs[item.number], self._sequences(inputs)[item.number]
        as_it_lies = viewed(tokens, sequences.shape) is not None
        if item.algorithm == "math":
            as_it_lies = as_it_lies and self._matrices(sequences)
        return 0 if as_it_lies else math.prod(tokens.shape)

    def _expanded(self, inputs: tuple[Layout, ...]) -> int:
        """Return the elements of the bias as it is expanded to every window of every sample; 0
        where torch gets it as it lies: one for all, or one for each that is not a copy.
        """
        query, bias = inputs[0], inputs[-1]
        outer = query.shape[:-2]
        one_for_all = len(bias.shape) == 4 and bias.shape[0] == 1
        if len(inputs) < 4 or len(outer) == 1 or one_for_all or not self._alike(inputs):
            return 0
        samples = bias.strides[0] if bias.shape[0] == outer[0] else 0
        windows = [0] * (len(outer) - 1) if len(bias.shape) == 4 else bias.strides[1:-3]
        shape = bias.shape[-3:]
        by_window = Layout((*outer, *shape), (samples, *windows, *bias.strides[-3:]))
        as_it_lies = viewed(by_window, (math.prod(outer), *shape)) is not None
        return 0 if as_it_lies else math.prod(by_window.shape)

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
        if self.algorithm(inputs) == "fused":
            # as the queries lie, so that joining the heads is but a view
            return viewed(elementwise(self._sequences(inputs)[0]), shape)
        # one head after the other, then joined by tokens: a view where there is one head, or one
        # channel to each
        *outer, tokens, channels = shape
        rank = len(outer)
        heads = contiguous((*outer, self.heads, tokens, channels // self.heads))
        return viewed(permuted(heads, (*range(rank), rank + 1, rank, rank + 2)), shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # what of Q, K, V and the bias is copied to fold the windows into the batch, and beside it
        # what the algorithm makes
        sequences = self._sequences(inputs)
        folded = self._expanded(inputs) + sum(
            math.prod(tokens.shape)
            for tokens, sequence in zip(inputs, sequences, strict=False)
            if viewed(tokens, sequence.shape) is None
        )
        if self.algorithm(inputs) == "fused":
            # a number for each row of scores
            rows = self.heads * math.prod(inputs[0].shape[:-1])
            return folded * itemsize + rows * max(4, itemsize)
        return folded * itemsize + self._math(sequences, math.prod(shape), itemsize)

    def _math(self, sequences: tuple[Layout, ...], output: int, itemsize: int) -> int:
        """Return what the math makes of Q, K and V, in bytes, beside a result of `output`
        elements.
        """
        # in float32 at least, Q, K and V copied where they are narrower; Q and K scaled, again
        # where they are not matrices head by head; the scores;
        # these with the bias, or after softmax; then V as a matrix and the result, which is joined
        # by tokens last
        width = max(4, itemsize)
        query, key, _ = sequences
        q, k, v = (math.prod(tokens.shape) for tokens in sequences)
        scores = self.heads * math.prod(query.shape[:-1]) * key.shape[-2]
        matrices = [0 if self._matrices(x) else math.prod(x.shape) for x in sequences]
        wide = (q + k + v) * width if itemsize < width else 0
        # the scores and the result as they are handed on
        narrow = (scores * itemsize, output * itemsize) if itemsize < width else (0, 0)
        mask = query.shape[-2] * key.shape[-2] if self.causal else 0  # made anew
        products = (q + k + matrices[0] + matrices[1] + scores + mask) * width
        normalised = (q + 2 * scores + mask) * width
        applied = (q + scores + matrices[2] + output + mask) * width + narrow[0]
        handed = applied - matrices[2] * width + narrow[1] if itemsize < width else 0
        joined = 2 * output * itemsize
        return max(wide + max(products, normalised, applied, handed), joined) - output * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        query, key, value, *_ = inputs
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
            "flops": Working(f"2*B*N*M*(Ck + Cv) + {self._rate(inputs)}*B*h*N*M", names),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        bias = inputs[3] if len(inputs) > 3 else None
        is_fused = self.algorithm(laid(inputs)) == "fused"
        how = AttentionKind(self.heads, is_fused, self.causal)
        return attention(run, inputs[0], inputs[1], inputs[2], bias, how)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        given = {"scale": self.scale, "causal": self.causal}
        kept = {name: value for name, value in given.items() if value not in (None, False)}
        return Function(torch.nn.attention, args=(), kwargs={"heads": self.heads} | kept)
