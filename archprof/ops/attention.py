"""Attention between tokens."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from archprof.ops.base import (
    FREE,
    Cost,
    Family,
    Function,
    New,
    Op,
    Reading,
    Same,
    Saved,
    Shape,
    ShapeError,
    Weight,
    Working,
    product,
)
from archprof.ops.layout import Layout, contiguous, elementwise, permuted, viewed
from archprof.ops.rates import RATES
from archprof.ops.settings import boolean, positive, setting


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

    def algorithm(self, inputs: tuple[Layout, ...], training: bool = True) -> str:
        """The fused one for one sequence per sample, without a bias that wants a gradient; its
        math for windows, and what the fused one refuses.
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
        """Whether tokens, split into heads, can be seen as one batch of matrices: with one head,
        or a single sample.
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

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
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


class MultiheadAttention(Op):
    """Self-attention over N×C with its own projections, as torch.nn.MultiheadAttention holds them:
    in_proj_weight 3C×C and out_proj.

    Y = (softmax(Q K^T/sqrt(C/heads)) V) W_o^T + b_o, with Q, K, V = X W_i^T + b_i. Vaswani et al.
    2017, section 3.2.2.
    """

    name: ClassVar[str] = "multihead_attention"
    family: ClassVar[Family] = "attention"

    heads: int = setting(positive)

    counts_depth: ClassVar[int] = 2

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
        joined = 0 if 1 in (self.heads, tokens) else elements
        return (
            Saved("input"),
            Saved("own", elements=3 * elements),
            Saved("own", elements=elements + joined),
            Saved("own", elements=self.heads * tokens, at_least=4),
        )

    def kept_as_is(self, item: Saved, layout: Layout) -> bool:
        batch, tokens, channels = layout.shape
        return viewed(layout, (batch * tokens, channels)) is not None

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

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.MultiheadSelfAttention(inputs[0][1], self.heads)


class RelativePositionBias(Op):
    """Looks up the bias of every pair of tokens in a window: a table of (2w-1)^2×heads gives
    heads×w*w×w*w. Liu et al. 2021, section 3.2.

    Its index of pairs is an integer buffer whose state-dict key is the layer's own path; not
    `persistent`: it has no key.
    """

    name: ClassVar[str] = "relative_position_bias"
    family: ClassVar[Family] = "parameter"

    window: int = setting(positive)
    persistent: bool = setting(boolean, True)

    is_module: ClassVar[bool] = False

    def output_shape(self, *inputs: Shape) -> Shape:
        offsets = (2 * self.window - 1) ** 2
        if len(inputs[0]) != 2 or inputs[0][0] != offsets:
            raise ShapeError(
                f"the table is {product(inputs[0])}, expected (2*{self.window} - 1)^2 = {offsets}"
                " offsets * heads"
            )
        return (inputs[0][1], self.window**2, self.window**2)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {
            "": Weight((self.window**4,), trainable=False, itemsize=8, persistent=self.persistent)
        }

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), New(), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # as it is looked up, pair by pair, before it is turned head by head
        return 0 if 1 in (shape[1], self.window) else math.prod(shape) * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(
            torch.nn.relative_position_bias,
            buffers={"": lambda: torch.nn.relative_position_index(self.window)},
        )


class WindowMask(Op):
    """-100 between the tokens of a shifted window that were no neighbours before the shift, else 0:
    windows×1×N×N for windows of N tokens.

    The map of `height`×`width` tokens was rolled by `shift` and cut into the windows that arrive;
    as torchvision and timm compute it. `buffer`: kept as a buffer outside the state dict, as timm
    does, instead of made anew each time.
    """

    name: ClassVar[str] = "window_mask"
    family: ClassVar[Family] = "parameter"

    height: int = setting(positive)
    width: int = setting(positive)
    shift: int = setting(positive)
    buffer: bool = setting(boolean, False)

    constant: ClassVar[bool] = True
    is_module: ClassVar[bool] = False

    def _window(self, shape: Shape) -> int:
        """The side of a window. Raises ShapeError where the windows do not tile the map."""
        side = math.isqrt(shape[1]) if len(shape) == 3 else 0
        if (
            side == 0
            or side * side != shape[1]
            or self.height % side
            or self.width % side
            or shape[0] * shape[1] != self.height * self.width
        ):
            raise ShapeError(
                f"{product(shape)} are no windows x tokens x channels of {self.height}x{self.width}"
            )
        if self.shift >= side:
            raise ShapeError(
                f"a shift of {self.shift} is no smaller than the window of {side}x{side}"
            )
        return side

    def output_shape(self, *inputs: Shape) -> Shape:
        self._window(inputs[0])
        return (inputs[0][0], 1, inputs[0][1], inputs[0][1])

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return (
            {"": Weight(self.output_shape(*inputs), trainable=False, persistent=False)}
            if self.buffer
            else {}
        )

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view" if self.buffer else "new"

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return contiguous(shape)

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the number of each token's region, again window by window where that is no view, whether
        # two differ, and the -100
        regions = self.height * self.width * itemsize
        return (
            0
            if self.buffer
            else regions * (1 if self._window(inputs[0].shape[1:]) == self.width else 2)
            + math.prod(shape)
            + itemsize
        )

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        place = {
            "height": self.height,
            "width": self.width,
            "window": self._window(inputs[0]),
            "shift": self.shift,
        }
        if self.buffer:
            return Function(
                torch.nn.kept,
                buffers={"": lambda: torch.nn.window_mask(torch.zeros(()), **place)[0]},
            )
        return Function(torch.nn.window_mask, kwargs=place)
