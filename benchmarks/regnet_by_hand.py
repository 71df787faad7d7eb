"""RegNets (Radosavovic et al. 2020) as one writes them by hand in plain torch.nn."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn


def convolution(
    channels: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """Return a convolution and its norm."""
    half = kernel // 2
    return [
        nn.Conv2d(channels, out, kernel, stride, half, groups=groups, bias=False),
        nn.BatchNorm2d(out),
    ]


class Block(nn.Module):
    """1x1, 3x3 in groups, 1x1, and the shortcut."""

    def __init__(self, channels: int, out: int, stride: int, groups: int) -> None:
        super().__init__()
        same = stride == 1 and channels == out
        self.shortcut = (
            nn.Identity() if same else nn.Sequential(*convolution(channels, out, 1, stride))
        )
        self.inner = nn.Sequential(
            *convolution(channels, out),
            nn.ReLU(inplace=True),
            *convolution(out, out, 3, stride, groups),
            nn.ReLU(inplace=True),
            *convolution(out, out),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.relu(self.shortcut(x) + self.inner(x)))


def regnet(widths: list[int], groups: list[int], depths: list[int]) -> nn.Module:
    """Return a RegNetX of these stages."""
    layers: list[nn.Module] = [*convolution(3, 32, 3, 2), nn.ReLU(inplace=True)]
    channels = 32
    for width, group, depth in zip(widths, groups, depths, strict=True):
        for block in range(depth):
            layers.append(Block(channels, width, 2 if block == 0 else 1, width // group))
            channels = width
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000)]
    return nn.Sequential(*layers, *head)
