"""The few modules and functions torch has no name for, and the `torch` that ops are handed to build themselves."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of an N×C×H×W tensor, as torchvision.models.convnext.LayerNorm2d."""

    def forward(self, x: Tensor) -> Tensor:
        x = functional.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
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
        return x + torch.addcmul(self.bias.view(1, 1, 1, -1), self.weight.view(1, 1, 1, -1), x * ratio)


class DropPath(nn.Module):
    """Drops the branch of whole samples in training, as torchvision.ops.StochasticDepth in row mode."""

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        noise = torch.empty([x.shape[0], *[1] * (x.ndim - 1)], dtype=x.dtype, device=x.device).bernoulli_(keep)
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


def cat(tensors: list[Tensor], dim: int) -> Tensor:
    """torch.cat; a tensor that is the same for every sample is repeated first."""
    batch = max(t.shape[0] for t in tensors)
    return torch.cat([t if t.shape[0] == batch else t.expand(batch, *t.shape[1:]) for t in tensors], dim=dim)


def attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None, *, heads: int) -> Tensor:
    """Scaled dot-product attention over tokens: …×N×C split into heads and joined again."""

    def split(x: Tensor) -> Tensor:
        return x.unflatten(-1, (heads, x.shape[-1] // heads)).transpose(-2, -3)

    if bias is not None and query.ndim == 4:
        bias = bias.unsqueeze(1)  # one bias for every window
    out = functional.scaled_dot_product_attention(split(query), split(key), split(value), attn_mask=bias)
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


class _Layers:
    """torch.nn, with the modules and functions above beside it."""

    LayerNorm2d = LayerNorm2d
    GlobalResponseNorm = GlobalResponseNorm
    DropPath = DropPath
    add = staticmethod(add)
    add_ = staticmethod(add_)
    slice = staticmethod(slice_)
    reshape = staticmethod(reshape)
    per_sample = staticmethod(per_sample)
    cat = staticmethod(cat)
    attention = staticmethod(attention)
    window_partition = staticmethod(window_partition)
    window_reverse = staticmethod(window_reverse)
    functional = functional

    def __getattr__(self, name: str) -> Any:
        return getattr(nn, name)


class Torch:
    """What `Op.build` is handed: torch, whose `nn` also knows archprof's few modules."""

    nn = _Layers()
    mul = staticmethod(torch.mul)
    cat = staticmethod(torch.cat)
    permute = staticmethod(torch.permute)
    roll = staticmethod(torch.roll)


TORCH = Torch()
