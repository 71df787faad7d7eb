"""What the rules of archprof/ops/buffer_rules.py make, computed as the networks do that have them:
in float32, step by step.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def arange(size: tuple[int, ...], start: float = 0, step: float = 1) -> Tensor:
    """Return start, start + step, …"""
    (count,) = size
    return start + step * torch.arange(count)


def linspace(size: tuple[int, ...], start: float = 0, stop: float = 1) -> Tensor:
    """Return numbers from start to stop, both included, at equal distances."""
    return torch.linspace(start, stop, size[0])


def binomial(size: tuple[int, ...]) -> Tensor:
    """Return the products of binomial coefficients, whose sum is 1, once for each channel."""
    steps = size[-1] - 1
    line = torch.tensor([math.comb(steps, k) / 2**steps for k in range(steps + 1)])
    return torch.outer(line, line).repeat(*size[:-2], 1, 1)


def relative_coordinates(size: tuple[int, ...]) -> Tensor:
    """Return for each offset between two tokens of a window its logarithm, rows before columns."""
    reach = [(n - 1) // 2 for n in size[:2]]
    offsets = [torch.arange(-n, n + 1, dtype=torch.float32) / n * 8 for n in reach]
    table = torch.stack(torch.meshgrid(*offsets, indexing="ij"), dim=-1)
    return torch.sign(table) * torch.log2(torch.abs(table) + 1.0) / 3.0


def sincos(size: tuple[int, ...], temperature: float = 10_000) -> Tensor:
    """Return sines and cosines in turn, of each token's number times falling frequencies."""
    tokens, channels = size
    powers = torch.arange(0, channels, 2, dtype=torch.float32) / channels
    angles = torch.arange(tokens)[:, None] / temperature**powers
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def sincos_2d(size: tuple[int, ...], temperature: float = 10_000) -> Tensor:
    """Return sines and cosines of the column, then of the row, times falling frequencies."""
    height, width, channels = size
    powers = torch.arange(channels // 4, dtype=torch.float64) / (channels / 4)
    places = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    angles = [place[..., None] / temperature**powers for place in reversed(places)]
    parts = [part for angle in angles for part in (angle.sin(), angle.cos())]
    return torch.cat(parts, dim=-1).float()


def fourier_2d(size: tuple[int, ...], temperature: float = 10_000) -> Tensor:
    """Return sines and cosines in turn of the row's share of a circle, then of the column's, over
    rising periods.
    """
    channels, height, width = size
    return position_encoding2d(torch.zeros(1, height, width), channels, temperature)[0]


def position_encoding2d(x: Tensor, channels: int, temperature: float) -> Tensor:
    """Return 1×channels×H×W for the height and width of x, which gives device and dtype: what
    timm.models.edgenext.PositionalEncodingFourier projects.
    """
    height, width = x.shape[-2:]
    rows = _waves(x, height, channels // 4, temperature)
    columns = _waves(x, width, channels // 4, temperature)
    whole = [rows[:, :, None].expand(-1, -1, width), columns[:, None].expand(-1, height, -1)]
    return torch.cat(whole).unsqueeze(0)


def _waves(x: Tensor, count: int, pairs: int, temperature: float) -> Tensor:
    """Return a sine and a cosine in turn of each place's share of a circle, for rising periods.

    The steps are timm's, so that the values are equal to the last bit.
    """
    circle = torch.arange(1, count + 1, dtype=x.dtype, device=x.device)
    circle = circle.div_(count + 1e-6).mul_(2 * math.pi)
    powers = torch.arange(0, 2 * pairs, 2, dtype=x.dtype, device=x.device).div_(2 * pairs)
    angles = circle / torch.pow(temperature, powers)[:, None]
    return torch.stack([angles.sin(), angles.cos()], dim=1).flatten(0, 1)
