"""Attention between tokens."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from archprof.ops.base import (
    FREE,
    Cost,
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
from archprof.ops.layout import Layout, contiguous, permuted, viewed
from archprof.ops.rates import RATES
from archprof.ops.settings import boolean, positive, setting


class Attention(Op):
    """Scaled dot-product attention of `heads` heads: softmax(Q K^T/sqrt(d)) V. Inputs Q, K, V of …×N×C, and an optional bias heads×N×N,
    one for all windows or one for each.

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
        scores = (self.heads, query[-2], key[-2])
        if bias and bias[0] not in (scores, (*query[:-2], *scores)):
            raise ShapeError(f"the bias is {product(bias[0])}, expected heads*queries*keys = {product(scores)}, for all windows or for each")
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
        # the math backend, in float32 at least: each factor of Q K^T, scaled, for the other's gradient; the scores after softmax; V for theirs
        query, key, *_ = inputs
        return (Saved("own", elements=math.prod(query), at_least=4, wanted_by=(1,)), Saved("own", elements=math.prod(key), at_least=4, wanted_by=(0,)),
                Saved("own", elements=self._scores(inputs), at_least=4), Saved("input", 2, at_least=4, wanted_by=(0, 1, 3)))

    def kept_as_is(self, index: int, layout: Layout) -> bool:
        # split into heads, it must be viewable as one batch of matrices: with one head, or a single sample
        *outer, tokens, channels = layout.shape
        split = viewed(layout, (*outer, tokens, self.heads, channels // self.heads))
        rank = len(outer)
        return split is not None and viewed(permuted(split, (*range(rank), rank + 1, rank, rank + 2)),
                                            (math.prod(outer) * self.heads, tokens, channels // self.heads)) is not None

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        query, key, value, *bias = inputs
        names = {"B": math.prod(query[:-2]), "h": self.heads, "N": query[-2], "M": key[-2], "Ck": key[-1], "Cv": value[-1]}
        return {"params": Working("0"), "macs": Working("B*N*M*(Ck + Cv)", names),
                "flops": Working(f"2*B*N*M*(Ck + Cv) + {7 if bias else 6}*B*h*N*M", names)}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.attention, args=(), kwargs={"heads": self.heads})


class MultiheadAttention(Op):
    """Self-attention over N×C with its own projections, as torch.nn.MultiheadAttention holds them: in_proj_weight 3C×C and out_proj.

    Y = (softmax(Q K^T/sqrt(C/heads)) V) W_o^T + b_o, with Q, K, V = X W_i^T + b_i. Vaswani et al. 2017, section 3.2.2.
    """

    heads: int = setting(positive)

    counts_depth: ClassVar[int] = 2

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if len(shape) != 2:
            raise ShapeError(f"multihead_attention needs tokens x channels, found {product(shape)}")
        if shape[1] % self.heads:
            raise ShapeError(f"{shape[1]} channels do not divide into {self.heads} heads: {shape[1]}/{self.heads} = {shape[1] / self.heads:.4g}")
        return shape

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        channels = inputs[0][1]
        return {"in_proj_weight": Weight((3 * channels, channels)), "in_proj_bias": Weight((3 * channels,)),
                "out_proj.weight": Weight((channels, channels)), "out_proj.bias": Weight((channels,))}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        tokens, channels = output
        projections, products = 4 * tokens * channels**2, 2 * tokens**2 * channels
        scores = self.heads * tokens**2
        # a bias per projected element; 1 for the scaling and the softmax's 5 per score; fvcore does not see a fused attention
        return Cost(projections + products, 2 * (projections + products) + 4 * tokens * channels + scores * (1 + RATES["softmax"]), fvcore=projections)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # the input; Q, K, V side by side for V; Q and K scaled; the scores after softmax; what the output projection takes
        elements = math.prod(output)
        scaled = Saved("own", elements=elements, at_least=4)
        return (Saved("input"), Saved("own", elements=3 * elements, at_least=4, narrow=elements), scaled, scaled,
                Saved("own", elements=self.heads * output[0] ** 2, at_least=4), Saved("own", elements=elements))

    def kept_as_is(self, index: int, layout: Layout) -> bool:
        batch, tokens, channels = layout.shape
        return viewed(layout, (batch * tokens, channels)) is not None

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        names = {"N": output[0], "C": output[1], "h": self.heads}
        return {"params": Working("4*C*(C + 1)", names), "macs": Working("4*N*C*C + 2*N*N*C", names),
                "flops": Working("2*(4*N*C*C + 2*N*N*C) + 4*N*C + 6*h*N*N", names)}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.MultiheadSelfAttention(inputs[0][1], self.heads)


class RelativePositionBias(Op):
    """Looks up the bias of every pair of tokens in a window: a table of (2w-1)^2×heads gives heads×w*w×w*w. Liu et al. 2021, section 3.2.

    Its index of pairs is an integer buffer whose state-dict key is the layer's own path; not `persistent`: it has no key.
    """

    window: int = setting(positive)
    persistent: bool = setting(boolean, True)

    def output_shape(self, *inputs: Shape) -> Shape:
        offsets = (2 * self.window - 1) ** 2
        if len(inputs[0]) != 2 or inputs[0][0] != offsets:
            raise ShapeError(f"the table is {product(inputs[0])}, expected (2*{self.window} - 1)^2 = {offsets} offsets * heads")
        return (inputs[0][1], self.window**2, self.window**2)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight((self.window**4,), trainable=False, itemsize=8, persistent=self.persistent)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), New(), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return Function(torch.nn.relative_position_bias, buffers={"": lambda: torch.nn.relative_position_index(self.window)})


class WindowMask(Op):
    """-100 between the tokens of a shifted window that were no neighbours before the shift, else 0: windows×1×N×N for windows of N tokens.

    The map of `height`×`width` tokens was rolled by `shift` and cut into the windows that arrive; as torchvision and timm compute
    it. `buffer`: kept as a buffer outside the state dict, as timm does, instead of made anew each time.
    """

    height: int = setting(positive)
    width: int = setting(positive)
    shift: int = setting(positive)
    buffer: bool = setting(boolean, False)

    constant: ClassVar[bool] = True

    def _window(self, shape: Shape) -> int:
        """The side of a window. Raises ShapeError where the windows do not tile the map."""
        side = math.isqrt(shape[1]) if len(shape) == 3 else 0
        if side == 0 or side * side != shape[1] or self.height % side or self.width % side or shape[0] * shape[1] != self.height * self.width:
            raise ShapeError(f"{product(shape)} are no windows x tokens x channels of {self.height}x{self.width}")
        if self.shift >= side:
            raise ShapeError(f"a shift of {self.shift} is no smaller than the window of {side}x{side}")
        return side

    def output_shape(self, *inputs: Shape) -> Shape:
        self._window(inputs[0])
        return (inputs[0][0], 1, inputs[0][1], inputs[0][1])

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight(self.output_shape(*inputs), trainable=False, persistent=False)} if self.buffer else {}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        return ()

    def storage(self, training: bool = False) -> Literal["new", "view", "inplace"]:
        return "view" if self.buffer else "new"

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False) -> Layout | None:
        return contiguous(shape)

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {"params": Working("0"), "macs": Working("0"), "flops": Working("0")}

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        place = {"height": self.height, "width": self.width, "window": self._window(inputs[0]), "shift": self.shift}
        if self.buffer:
            return Function(torch.nn.kept, buffers={"": lambda: torch.nn.window_mask(torch.zeros(()), **place)[0]})
        return Function(torch.nn.window_mask, kwargs=place)
