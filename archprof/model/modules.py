"""The few modules and functions torch has no name for, and the `torch` that ops are handed to
build themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of an N×C×H×W tensor, as
    torchvision.models.convnext.LayerNorm2d.
    """

    def forward(self, x: Tensor) -> Tensor:
        x = functional.layer_norm(
            x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps
        )
        return x.permute(0, 3, 1, 2)


class GlobalResponseNorm(nn.Module):
    """ConvNeXt V2's GRN on N×H×W×C, as timm.layers.GlobalResponseNorm."""

    def __init__(self, channels: int, eps: float = 1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(p=2, dim=(1, 2), keepdim=True)
        ratio = norm / (norm.mean(dim=-1, keepdim=True) + self.eps)
        return x + torch.addcmul(
            self.bias.view(1, 1, 1, -1), self.weight.view(1, 1, 1, -1), x * ratio
        )


class GlobalResponseNorm2d(GlobalResponseNorm):
    """ConvNeXt V2's GRN on N×C×H×W, as timm.layers.GlobalResponseNorm with channels_last=False."""

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(p=2, dim=(2, 3), keepdim=True)
        ratio = norm / (norm.mean(dim=1, keepdim=True) + self.eps)
        return x + torch.addcmul(
            self.bias.view(1, -1, 1, 1), self.weight.view(1, -1, 1, 1), x * ratio
        )


class ScaledStdConv2d(nn.Conv2d):
    """A convolution with standardised filters, as timm.layers.ScaledStdConv2d."""

    def __init__(self, *args: Any, gamma: float, eps: float, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.gamma, self.eps = gamma, eps
        self.gain = nn.Parameter(torch.ones(self.out_channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        scale = (self.gain * (self.gamma * self.weight[0].numel() ** -0.5)).view(-1)
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = functional.batch_norm(
            flat, None, None, weight=scale, training=True, momentum=0.0, eps=self.eps
        ).reshape_as(self.weight)
        result: Tensor = self._conv_forward(x, weight, self.bias)
        return result


class TableConv2d(nn.Conv2d):
    """A convolution whose output n sees only the input channels table[n]: one kernel per
    connection, summed by output.
    """

    def __init__(
        self, table: Sequence[Sequence[int]], kernel: tuple[int, int], bias: bool, **window: Any
    ):
        self.sources = [channel for row in table for channel in row]
        self.counts = [len(row) for row in table]
        super().__init__(
            len(self.sources),
            len(self.sources),
            kernel,
            groups=len(self.sources),
            bias=False,
            **window,
        )
        if bias:
            self.bias = nn.Parameter(torch.empty(len(table)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Uniform within 1/sqrt(fan_in) as torch's own, with the fan-in of each output."""
        bounds = [(count * math.prod(self.kernel_size)) ** -0.5 for count in self.counts]
        of_connections = [
            bound for bound, count in zip(bounds, self.counts, strict=True) for _ in range(count)
        ]
        with torch.no_grad():
            self.weight.uniform_(-1, 1).mul_(
                self.weight.new_tensor(of_connections).view(-1, 1, 1, 1)
            )
            if self.bias is not None:
                self.bias.uniform_(-1, 1).mul_(self.bias.new_tensor(bounds))

    def forward(self, x: Tensor) -> Tensor:
        maps = self._conv_forward(x[:, self.sources], self.weight, None)
        result = torch.stack([part.sum(1) for part in maps.split(self.counts, dim=1)], dim=1)
        return result if self.bias is None else result + self.bias.view(-1, 1, 1)


class MultiheadSelfAttention(nn.MultiheadAttention):
    """torch's own parameters, without the fast path that hides the products of queries, keys and
    values from torch's FLOP counter.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__(channels, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        projected = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        n, tokens, channels = x.shape
        query, key, value = (
            projected.view(n, tokens, 3, self.num_heads, channels // self.num_heads)
            .permute(2, 0, 3, 1, 4)
            .contiguous()
        )
        mixed = functional.scaled_dot_product_attention(query, key, value)
        result: Tensor = self.out_proj(mixed.transpose(1, 2).contiguous().flatten(2))
        return result


class DropPath(nn.Module):
    """Drops the branch of whole samples in training, as torchvision.ops.StochasticDepth in row
    mode.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        noise = torch.empty(
            [x.shape[0], *[1] * (x.ndim - 1)], dtype=x.dtype, device=x.device
        ).bernoulli_(keep)
        if keep > 0:
            noise.div_(keep)
        return x * noise

    def extra_repr(self) -> str:
        return f"p={self.p}"


def add(first: Tensor, *others: Tensor) -> Tensor:
    """The sum of all inputs."""
    for other in others:
        first = first + other
    return first


def add_(first: Tensor, *others: Tensor) -> Tensor:
    """The sum of all inputs, written over the first."""
    for other in others:
        first += other
    return first


def scale_along(x: Tensor, scale: Tensor, trailing: int) -> Tensor:
    """The product with a scale whose last dimension has `trailing` dimensions of x behind it."""
    return x * scale[(..., *[None] * trailing)]


def slice_(x: Tensor, dim: int, start: int, stop: int | None, step: int) -> Tensor:
    """Elements start:stop:step along `dim`."""
    index: list[Any] = [slice(None)] * x.ndim
    index[dim] = slice(start, stop, step)
    return x[tuple(index)]


def reshape(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """Each sample under another shape."""
    return x.reshape(x.shape[0], *size)


def per_sample(x: Tensor) -> Tensor:
    """A parameter with a batch dimension of 1 in front, which broadcasts."""
    return x.unsqueeze(0)


def mul_(x: Tensor, factor: float) -> Tensor:
    """The product with a constant, written over x."""
    return x.mul_(factor)


def pad_same(
    x: Tensor,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    lowest: bool,
) -> Tensor:
    """TensorFlow's SAME padding, the odd pixel right and below."""
    height, width = (
        max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        for n, k, s, d in zip(x.shape[-2:], kernel, stride, dilation, strict=True)
    )
    return functional.pad(
        x,
        (width // 2, width - width // 2, height // 2, height - height // 2),
        value=-math.inf if lowest else 0.0,
    )


def itself(x: Tensor) -> Tensor:
    """A parameter that has a batch dimension of 1 already."""
    return x


def cat_repeated(tensors: list[Tensor], dim: int, repeated: tuple[int, ...]) -> Tensor:
    """torch.cat, where the tensors numbered in `repeated` are the same for every sample and come
    once.
    """
    batch = next(t.shape[0] for i, t in enumerate(tensors) if i not in repeated)
    return torch.cat(
        [t.expand(batch, *t.shape[1:]) if i in repeated else t for i, t in enumerate(tensors)],
        dim=dim,
    )


def attention(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None, *, heads: int
) -> Tensor:
    """Scaled dot-product attention over tokens: …×N×C split into heads and joined again."""

    def split(x: Tensor) -> Tensor:
        parts: Tensor = x.unflatten(-1, (heads, x.shape[-1] // heads))  # type: ignore[no-untyped-call]
        return parts.transpose(-2, -3)

    if bias is not None and bias.ndim == query.ndim == 4:
        bias = bias.unsqueeze(1)  # one bias for every window
    out = functional.scaled_dot_product_attention(
        split(query), split(key), split(value), attn_mask=bias
    )
    return out.transpose(-2, -3).flatten(-2)


def window_partition(x: Tensor, window: int) -> Tensor:
    """N×H×W×C to N×(windows)×(window·window)×C."""
    n, h, w, c = x.shape
    x = x.reshape(n, h // window, window, w // window, window, c).permute(0, 1, 3, 2, 4, 5)
    return x.reshape(n, (h // window) * (w // window), window * window, c)


def window_reverse(x: Tensor, height: int, width: int) -> Tensor:
    """N×(windows)×(window·window)×C to N×H×W×C."""
    n, _, tokens, c = x.shape
    window = math.isqrt(tokens)
    x = x.reshape(n, height // window, width // window, window, window, c).permute(0, 1, 3, 2, 4, 5)
    return x.reshape(n, height, width, c)


def relative_position_index(window: int) -> Tensor:
    """For each pair of tokens of a window the row of its offset in the table of biases, as
    torchvision's ShiftedWindowAttention.
    """
    places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    offsets = places[:, None] - places[None] + window - 1
    return (offsets[..., 0] * (2 * window - 1) + offsets[..., 1]).flatten()


def relative_position_bias(table: Tensor, index: Tensor) -> Tensor:
    """1×(2w-1)²×heads to 1×heads×w²×w²."""
    tokens = math.isqrt(index.shape[0])
    return table[0, index].view(tokens, tokens, -1).permute(2, 0, 1).contiguous().unsqueeze(0)


def window_mask(x: Tensor, height: int, width: int, window: int, shift: int) -> Tensor:
    """1×windows×1×w²×w²: -100 between tokens of different regions of the rolled map, 0 within; x
    gives device and dtype.
    """
    region = x.new_zeros(height, width)
    cuts = (slice(0, -window), slice(-window, -shift), slice(-shift, None))
    for i, rows in enumerate(cuts):
        for j, columns in enumerate(cuts):
            region[rows, columns] = 3 * i + j
    tokens = window_partition(region[None, :, :, None], window)[0, :, :, 0]
    return (
        ((tokens.unsqueeze(1) != tokens.unsqueeze(2)) * x.new_tensor(-100.0))
        .unsqueeze(0)
        .unsqueeze(2)
    )


def kept(x: Tensor, buffer: Tensor) -> Tensor:
    """A buffer that does not depend on x, with a batch dimension of 1 in front."""
    return buffer.unsqueeze(0)


class _Layers:
    """torch.nn, with the modules and functions above beside it."""

    LayerNorm2d = LayerNorm2d
    GlobalResponseNorm = GlobalResponseNorm
    GlobalResponseNorm2d = GlobalResponseNorm2d
    ScaledStdConv2d = ScaledStdConv2d
    TableConv2d = TableConv2d
    MultiheadSelfAttention = MultiheadSelfAttention
    DropPath = DropPath
    add = staticmethod(add)
    add_ = staticmethod(add_)
    scale_along = staticmethod(scale_along)
    slice = staticmethod(slice_)
    reshape = staticmethod(reshape)
    per_sample = staticmethod(per_sample)
    itself = staticmethod(itself)
    mul_ = staticmethod(mul_)
    pad_same = staticmethod(pad_same)
    attention = staticmethod(attention)
    window_partition = staticmethod(window_partition)
    window_reverse = staticmethod(window_reverse)
    relative_position_index = staticmethod(relative_position_index)
    relative_position_bias = staticmethod(relative_position_bias)
    window_mask = staticmethod(window_mask)
    kept = staticmethod(kept)
    functional = functional

    def __getattr__(self, name: str) -> Any:
        return getattr(nn, name)


class Torch:
    """What `Op.build` is handed: torch, whose `nn` also knows archprof's few modules."""

    nn = _Layers()
    zeros = staticmethod(torch.zeros)
    mul = staticmethod(torch.mul)
    cat = staticmethod(torch.cat)
    permute = staticmethod(torch.permute)
    roll = staticmethod(torch.roll)


TORCH = Torch()
