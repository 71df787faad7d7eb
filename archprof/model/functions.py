"""The few functions on tensors that torch has no name for, each with the batch in front."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def add(first: Tensor, *others: Tensor) -> Tensor:
    """Return the sum of all inputs."""
    for other in others:
        first = first + other
    return first


def add_(first: Tensor, *others: Tensor) -> Tensor:
    """Return the sum of all inputs, written over the first."""
    for other in others:
        first += other
    return first


def multiply(first: Tensor, *others: Tensor) -> Tensor:
    """Return the product of all inputs."""
    for other in others:
        first = first * other
    return first


def scale_along(x: Tensor, scale: Tensor, trailing: int) -> Tensor:
    """Return the product with a scale whose last dimension has `trailing` dimensions of x behind
    it.
    """
    return x * scale[(..., *[None] * trailing)]


def slice_(x: Tensor, dim: int, start: int, stop: int | None, step: int) -> Tensor:
    """Return the elements start:stop:step along `dim`."""
    index: list[Any] = [slice(None)] * x.ndim
    index[dim] = slice(start, stop, step)
    return x[tuple(index)]


def reshape(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """Return each sample under another shape."""
    return x.reshape(x.shape[0], *size)


def per_sample(x: Tensor) -> Tensor:
    """Return a parameter with a batch dimension of 1 in front, which broadcasts."""
    return x.unsqueeze(0)


def mul_(x: Tensor, factor: float) -> Tensor:
    """Return the product with a constant, written over x."""
    return x.mul_(factor)


def pad_lowest(x: Tensor, sides: tuple[int, ...]) -> Tensor:
    """Pad with minus infinity, which no maximum takes."""
    return functional.pad(x, sides, value=-math.inf)


def pad_same(
    x: Tensor,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    lowest: bool,
) -> Tensor:
    """Pad as TensorFlow's SAME does, the odd pixel on the right and below."""
    height, width = (
        max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        for n, k, s, d in zip(x.shape[-2:], kernel, stride, dilation, strict=True)
    )
    return functional.pad(
        x,
        (width // 2, width - width // 2, height // 2, height - height // 2),
        value=-math.inf if lowest else 0.0,
    )


def einsum(*tensors: Tensor, equation: str) -> Tensor:
    """Return torch.einsum, the tensors first."""
    return torch.einsum(equation, *tensors)


def itself(x: Tensor) -> Tensor:
    """Return a parameter that has a batch dimension of 1 already."""
    return x


def cat_repeated(tensors: list[Tensor], dim: int, repeated: tuple[int, ...]) -> Tensor:
    """Do torch.cat, where the tensors numbered in `repeated` are the same for every sample and come
    once.
    """
    batch = next(t.shape[0] for i, t in enumerate(tensors) if i not in repeated)
    return torch.cat(
        [t.expand(batch, *t.shape[1:]) if i in repeated else t for i, t in enumerate(tensors)],
        dim=dim,
    )


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    *,
    heads: int,
    scale: float | None = None,
    causal: bool = False,
) -> Tensor:
    """Return scaled dot-product attention over tokens: …×N×C split into heads and joined again.

    Windows (batch×windows×N×C) are folded into the batch, for torch's fused kernels take four
    dimensions. What is learned has a batch of 1: beside others it is broadcast, unfolded.
    """
    outer = query.shape[:-2]
    if len(outer) == 1:
        return _attend(query, key, value, bias, heads, scale, causal)
    if outer == key.shape[:-2] == value.shape[:-2]:
        sequences = query.flatten(0, -3), key.flatten(0, -3), value.flatten(0, -3)
        if bias is not None:
            bias = _bias_by_window(bias, outer)
        out = _attend(*sequences, bias, heads, scale, causal)
        folded: Tensor = out.unflatten(0, outer)  # type: ignore[no-untyped-call]
        return folded
    if bias is not None and bias.ndim == 4:
        bias = _beside_windows(bias, outer)
    return _attend(query, key, value, bias, heads, scale, causal)


def _attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None,
    heads: int,
    scale: float | None,
    causal: bool,
) -> Tensor:
    """Do what `attention` does, with a bias that torch broadcasts: …×heads×N×M."""

    def split(x: Tensor) -> Tensor:
        parts: Tensor = x.unflatten(-1, (heads, x.shape[-1] // heads))  # type: ignore[no-untyped-call]
        return parts.transpose(-2, -3)

    out = functional.scaled_dot_product_attention(
        split(query), split(key), split(value), attn_mask=bias, is_causal=causal, scale=scale
    )
    return out.transpose(-2, -3).flatten(-2)


def _bias_by_window(bias: Tensor, outer: tuple[int, ...]) -> Tensor:
    """Return the bias for windows that are folded into the batch, `outer` being batch×windows.

    One for all, 1×heads×N×M, stays as it is and is broadcast; any other gets one for each window of
    each sample, (batch·windows)×heads×N×M, as timm's WindowAttention expands its mask.
    """
    if bias.ndim == 4 and bias.shape[0] == 1:
        return bias
    if bias.ndim == 4:
        bias = _beside_windows(bias, outer)
    return bias.expand(*outer, *bias.shape[-3:]).flatten(0, -4)


def _beside_windows(bias: Tensor, outer: tuple[int, ...]) -> Tensor:
    """Return batch×heads×N×M, one bias for all windows of a sample, as batch×1×heads×N×M."""
    return bias[(slice(None), *[None] * (len(outer) - 1))]


def window_partition(x: Tensor, window: int) -> Tensor:
    """Turn N×H×W×C into N×(windows)×(window·window)×C."""
    n, h, w, c = x.shape
    x = x.reshape(n, h // window, window, w // window, window, c).permute(0, 1, 3, 2, 4, 5)
    return x.reshape(n, (h // window) * (w // window), window * window, c)


def window_reverse(x: Tensor, height: int, width: int) -> Tensor:
    """Turn N×(windows)×(window·window)×C into N×H×W×C."""
    n, _, tokens, c = x.shape
    window = math.isqrt(tokens)
    x = x.reshape(n, height // window, width // window, window, window, c).permute(0, 1, 3, 2, 4, 5)
    return x.reshape(n, height, width, c)


def relative_position_index(
    height: int, width: int, class_token: bool = False, square: bool = False
) -> Tensor:
    """Return for each pair of tokens of a window the row of its offset in the table of biases, as
    torchvision's ShiftedWindowAttention: a row of all pairs, or tokens by tokens where it is
    `square`; with a class token in front as timm's BEiT.
    """
    places = torch.cartesian_prod(torch.arange(height), torch.arange(width))
    rows, columns = (places[:, None] - places[None]).unbind(-1)
    index = (rows + height - 1) * (2 * width - 1) + columns + width - 1
    if class_token:
        offsets = (2 * height - 1) * (2 * width - 1)
        index = functional.pad(index, (1, 0, 1, 0))
        index[0], index[:, 0], index[0, 0] = offsets, offsets + 1, offsets + 2
    return index if square else index.flatten()


def relative_position_bias(table: Tensor, index: Tensor) -> Tensor:
    """Turn 1×offsets×heads into 1×heads×tokens×tokens, by the offset of each pair of tokens."""
    tokens = math.isqrt(index.numel())
    pairs = table[0, index.flatten()].view(tokens, tokens, -1)
    return pairs.permute(2, 0, 1).contiguous().unsqueeze(0)


def window_mask(x: Tensor, height: int, width: int, window: int, shift: int) -> Tensor:
    """Return 1×windows×1×w²×w²: -100 between tokens of different regions of the rolled map, 0
    within. x gives device and dtype.
    """
    region = x.new_zeros(height, width)
    cuts = (slice(0, -window), slice(-window, -shift), slice(-shift, None))
    for i, rows in enumerate(cuts):
        for j, columns in enumerate(cuts):
            region[rows, columns].fill_(3 * i + j)
    tokens = window_partition(region[None, :, :, None], window)[0, :, :, 0]
    apart = tokens.unsqueeze(1) != tokens.unsqueeze(2)
    return x.new_zeros(apart.shape).masked_fill_(apart, -100.0).unsqueeze(0).unsqueeze(2)


def kept(x: Tensor, buffer: Tensor) -> Tensor:
    """Return a buffer that does not depend on x, with a batch dimension of 1 in front."""
    return buffer.unsqueeze(0)
