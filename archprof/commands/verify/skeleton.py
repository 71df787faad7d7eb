"""The compiled network reduced to its geometry: torch's own windows over one channel, all weights
positive.

What mixes channels is a sum over them, so one channel shows where the units of all channels look.
Convolutions have weights of 1; max pooling, whose gradient reaches one element only, is average
pooling over the same windows; activations and norms within a place pass through; norms over many
places add their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import partial
from typing import Any

from torch import Tensor, fx, nn
from torch.nn import functional

from archprof.commands.verify.resized_geometry import resized
from archprof.commands.verify.skeleton_functions import CONSTANT, FUNCTIONS, LOST, StandIn
from archprof.graph.graph import Node
from archprof.model import modules
from archprof.model.compile import NODE
from archprof.model.deformable import DeformConv2d
from archprof.ops.base import Op
from archprof.ops.family import Family

ROUNDING = 1e-12
"""Below this a gradient is not a weight: an upsampling that hits a pixel exactly may give its
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


def _deformable(m: Any, x: Tensor, offset: Tensor, mask: Tensor | None = None) -> Tensor:
    moved = x.mean((2, 3), keepdim=True) + offset
    return moved if mask is None else moved + mask


def _blur_pool(m: Any, x: Tensor) -> Tensor:
    padding = (m.stride + m.kernel - 2) // 2
    return functional.conv2d(x, x.new_ones(1, 1, m.kernel, m.kernel), None, m.stride, padding)


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


def _max_pool(m: Any, x: Tensor) -> Tensor | StandIn:
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


MODULES: dict[type[nn.Module], Callable[..., Tensor | StandIn]] = {
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _conv),
    modules.BlurPool2d: _blur_pool,
    modules.StdConv2d: _conv,
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
    DeformConv2d: _deformable,
    nn.Upsample: resized,
    modules.AntialiasedUpsample: partial(resized, antialias=True),
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


def stand_in(module: type[nn.Module], op: Op) -> Callable[..., Tensor | StandIn] | None:
    """Return the geometry of the module that an op was built as; None where it has no stand-in."""
    return MODULES.get(module, _pass if op.family in IN_PLACE else None)


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
