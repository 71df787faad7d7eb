"""The compiled network reduced to its geometry: torch's own windows over one channel, all weights
positive.

What mixes channels is a sum over them, so one channel shows where the units of all channels look.
Convolutions have weights of 1; max pooling, whose gradient reaches one element only, is average
pooling over the same windows; activations and norms within a place pass through; norms over many
places add their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from archprof.commands.verify.resized_geometry import resized
from archprof.graph.graph import Node
from archprof.model import functions, modules
from archprof.model.compile import NODE
from archprof.ops.base import Op
from archprof.ops.family import Family


class _Mark:
    """Stands in place of a tensor."""


CONSTANT = _Mark()  # does not depend on the input
LOST = _Mark()  # depends on a layer that has no stand-in
ROUNDING = 1e-12
"""Below this a gradient is no weight: an upsampling that hits a pixel exactly may give its
neighbour 1e-16; a mean over a map gives more.
"""


CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
TRANSPOSED = {
    1: functional.conv_transpose1d,
    2: functional.conv_transpose2d,
    3: functional.conv_transpose3d,
}
AVERAGES = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}
ADAPTIVE_AVERAGES: dict[int, Callable[..., Tensor]] = {
    1: functional.adaptive_avg_pool1d,
    2: functional.adaptive_avg_pool2d,
    3: functional.adaptive_avg_pool3d,
}
"""Torch's functions by the number of axes, which a tensor has behind its batch and its channel."""


def _conv(m: Any, x: Tensor) -> Tensor:
    return CONVOLUTIONS[x.ndim - 2](
        x, x.new_ones(1, x.shape[1], *m.kernel_size), None, m.stride, m.padding, m.dilation
    )


def _conv_transpose(m: Any, x: Tensor) -> Tensor:
    return TRANSPOSED[x.ndim - 2](
        x,
        x.new_ones(x.shape[1], 1, *m.kernel_size),
        None,
        m.stride,
        m.padding,
        m.output_padding,
        1,
        m.dilation,
    )


def _max_pool(m: Any, x: Tensor) -> Tensor | _Mark:
    rank = x.ndim - 2
    if max(_sides(m.dilation, rank)) == 1:
        return AVERAGES[rank](x, m.kernel_size, m.stride, m.padding, m.ceil_mode)
    if m.ceil_mode:
        return LOST
    weight = x.new_ones(1, 1, *_sides(m.kernel_size, rank))
    return CONVOLUTIONS[rank](x, weight, None, m.stride, m.padding, m.dilation)


def _adaptive_max_pool(m: Any, x: Tensor) -> Tensor:
    sides = _sides(m.output_size, x.ndim - 2)
    return ADAPTIVE_AVERAGES[x.ndim - 2](x, sides)


def _sides(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else value


def _itself(m: Any, x: Tensor) -> Tensor:
    result: Tensor = m(x)
    return result


def _pass(m: Any, x: Tensor) -> Tensor:
    return x


def _instance_norm(m: Any, x: Tensor) -> Tensor:
    return x + x.mean(tuple(range(2, x.ndim)), keepdim=True)


def _last(m: Any, x: Tensor) -> Tensor:
    return x + x.mean(-1, keepdim=True)


def _halves(m: Any, x: Tensor) -> Tensor:
    if x.shape[m.dim] == 1:  # the channels, of which there is but one
        return x
    first, second = x.chunk(2, m.dim)
    return first + second


def _linear(m: Any, x: Tensor) -> Tensor:
    return functional.linear(x, x.new_ones(1, x.shape[-1]))


MODULES: dict[type[nn.Module], Callable[[Any, Tensor], Tensor | _Mark]] = {
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _conv),
    modules.ScaledStdConv2d: _conv,
    modules.TableConv2d: _conv,
    **dict.fromkeys((nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d), _conv_transpose),
    **dict.fromkeys((nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d), _max_pool),
    **dict.fromkeys((nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d), _itself),
    **dict.fromkeys((nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d), _itself),
    **dict.fromkeys(
        (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d), _adaptive_max_pool
    ),
    **dict.fromkeys((nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d), _instance_norm),
    nn.Upsample: resized,
    nn.Flatten: _itself,
    nn.PixelShuffle: lambda m, x: m(x.expand(-1, m.upscale_factor**2, -1, -1)),
    nn.PixelUnshuffle: lambda m, x: m(x).sum(1, keepdim=True),
    **dict.fromkeys((nn.Linear, modules.PartlyBiasedLinear), _linear),
    nn.Embedding: lambda m, x: x.unsqueeze(-1),
    nn.LayerNorm: _last,
    nn.RMSNorm: _last,
    nn.GroupNorm: lambda m, x: x + x.mean(tuple(range(1, x.ndim)), keepdim=True),
    modules.GlobalResponseNorm: lambda m, x: x + x.mean((1, 2), keepdim=True),
    modules.GlobalResponseNorm2d: lambda m, x: x + x.mean((2, 3), keepdim=True),
    modules.MultiheadSelfAttention: lambda m, x: x + x.mean((1, 2), keepdim=True),
    nn.Softmax: lambda m, x: x + x.mean(m.dim, keepdim=True),
    nn.LogSoftmax: lambda m, x: x + x.mean(m.dim, keepdim=True),
    nn.GLU: _halves,
    **dict.fromkeys(
        (
            nn.BatchNorm1d,
            nn.BatchNorm2d,
            nn.BatchNorm3d,
            modules.LayerNorm2d,
            nn.LocalResponseNorm,
            nn.ChannelShuffle,
        ),
        _pass,
    ),
}
"""By the module's type, given the module as the network holds it: with its own kernel, stride,
padding and dilation. Of the families that stay at their place, `IN_PLACE`, only those that do not.
"""
IN_PLACE: frozenset[Family] = frozenset({"activation", "identity"})


def stand_in(module: type[nn.Module], op: Op) -> Callable[[Any, Tensor], Tensor | _Mark] | None:
    """Return the geometry of the module that an op was built as; None where it has no stand-in."""
    return MODULES.get(module, _pass if op.family in IN_PLACE else None)


def _sum(*tensors: Tensor | _Mark) -> Tensor | _Mark:
    dependent = [t for t in tensors if isinstance(t, Tensor)]
    return torch.stack(torch.broadcast_tensors(*dependent)).sum(0) if dependent else CONSTANT  # type: ignore[no-untyped-call]


def _cat(tensors: list[Tensor | _Mark], dim: int) -> Tensor | _Mark:
    dependent = [t for t in tensors if isinstance(t, Tensor)]
    if all(t.shape[dim] == 1 for t in dependent):  # along the channels, of which there is but one
        return _sum(*dependent)
    return torch.cat(dependent, dim) if len(dependent) == len(tensors) else LOST


def _slice(x: Tensor, dim: int, start: int, stop: int | None, step: int) -> Tensor:
    return x if x.shape[dim] == 1 else functions.slice_(x, dim, start, stop, step)


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> Tensor:
    return query + key.mean(-2, keepdim=True) + value.mean(-2, keepdim=True)


def _matmul(first: Tensor | _Mark, second: Tensor | _Mark) -> Tensor | _Mark:
    if not (isinstance(first, Tensor) and isinstance(second, Tensor)):
        return LOST  # the other's columns or rows give the output its shape
    return first.sum(-1, keepdim=True) + second.sum(-2, keepdim=True)


def _einsum(*tensors: Tensor | _Mark, equation: str) -> Tensor | _Mark:
    left, _, right = equation.partition("->")
    spread = []
    for x, term in zip(tensors, left.split(","), strict=True):
        if not isinstance(x, Tensor):
            return LOST
        kept = "".join(letter for letter in right if letter in term)
        summed = torch.einsum(f"{term}->{kept}", x)
        spread.append(summed[tuple(slice(None) if c in term else None for c in right)])
    return _sum(*spread)


FUNCTIONS: dict[Callable[..., Any], Callable[..., Tensor | _Mark]] = {
    torch.mul: _sum,  # a product depends on each of its factors
    functions.multiply: _sum,
    torch.sub: _sum,
    torch.div: _sum,
    torch.maximum: _sum,
    torch.minimum: _sum,
    **dict.fromkeys(
        (torch.exp, torch.log, torch.sqrt, torch.abs, torch.sin, torch.cos), lambda x: x
    ),
    torch.pow: lambda x, exponent: x,
    torch.clamp: lambda x, **limits: x,
    functions.add: _sum,
    functions.add_: _sum,
    torch.cat: _cat,
    functions.cat_repeated: lambda tensors, dim, repeated: _cat(tensors, dim),
    functions.scale_along: lambda x, scale, trailing: x,
    functions.mul_: lambda x, factor: x,
    functions.pad_same: lambda x, lowest, **window: functions.pad_same(x, lowest=False, **window),
    functions.slice_: _slice,
    functions.attention: _attention,
    torch.permute: torch.permute,
    torch.matmul: _matmul,
    functions.einsum: _einsum,
    torch.mean: torch.mean,
    torch.sum: torch.mean,
    torch.amax: torch.mean,
    torch.amin: torch.mean,
    torch.linalg.vector_norm: lambda x, ord, dim, keepdim: torch.mean(x, dim, keepdim),
    functional.normalize: lambda x, p, dim, eps: x + x.mean(dim, keepdim=True),
    torch.roll: torch.roll,
    functional.pad: lambda x, sides, **_: functional.pad(x, sides[: 2 * (x.ndim - 2)]),
}
"""By the function; what is missing here moves pixels where no receptive field is tracked."""


class Skeleton(fx.Interpreter):
    """Runs the geometry of the network's nodes in `wanted` and keeps their outputs by node.

    On the way back each gradient becomes 1 where it is not 0 (but for rounding), so that hundreds
    of layers neither underflow nor overflow.
    """

    def __init__(self, module: fx.GraphModule, nodes: Sequence[Node], wanted: Container[int]):
        super().__init__(module)
        self.nodes = nodes
        self.wanted = wanted
        self.outputs: dict[int, Tensor] = {}

    def run_node(self, n: fx.Node) -> Any:
        if n.op == "placeholder":
            return super().run_node(n)
        if n.op != "call_module" and n.op != "call_function":
            return CONSTANT
        index = n.meta[NODE]
        try:
            result = self._stand_in(n) if index in self.wanted else LOST
        except RuntimeError:  # torch refuses: a window over what is but one channel here
            result = LOST
        if isinstance(result, Tensor):
            result = result.view_as(result)  # a pass-through gets a gradient of its own
            if result.requires_grad:
                result.register_hook(lambda gradient: (gradient > ROUNDING).to(gradient.dtype))  # type: ignore[no-untyped-call]
            self.outputs[index] = result
        return result

    def _stand_in(self, n: fx.Node) -> Any:
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        inputs = [self.env[source] for source in n.all_input_nodes]
        if any(value is LOST for value in inputs):
            return LOST
        if all(value is CONSTANT for value in inputs):
            return CONSTANT
        if n.op == "call_module":
            module = self.fetch_attr(str(n.target))
            geometry = stand_in(type(module), self.nodes[n.meta[NODE]].op)
            return geometry(module, *args) if geometry else LOST
        function = FUNCTIONS.get(n.target)  # type: ignore[arg-type]
        return function(*args, **kwargs) if function else LOST
