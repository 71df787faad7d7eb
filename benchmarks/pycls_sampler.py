"""pycls' random sampler of RegNets and its count of what one costs, written again in plain Python.

From github.com/facebookresearch/pycls: pycls/sweep/random.py and samplers.py (how numbers are drawn
and which points are left out), pycls/models/regnet.py, anynet.py and blocks.py (the stages, and the
cost of a network, added up layer by layer). Its configuration, which is copied for each point, and
the check for points that were drawn before are left out: this is faster than pycls is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Point(NamedTuple):
    """A RegNet of the space."""

    depth: int
    w0: int
    wa: float
    wm: float
    group: int


class Cost(NamedTuple):
    """What pycls counts of a network: multiplications with biases, weights, outputs."""

    flops: int
    params: int
    acts: int
    biases: int


def sample(generator: np.random.Generator) -> Iterator[tuple[Point, Cost]]:
    """Yield random points that have four stages, one for each power of wm, and their costs.

    Ranges are those that pycls/sweep/config.py has for RegNets.
    """
    while True:
        point = Point(
            math.floor(generator.uniform(12, 29)),
            _log_uniform(generator, 8, 256, 8),
            round(_log_uniform(generator, 80, 2560, 1) * 0.1, 1),
            round(_log_uniform(generator, 2000, 3000, 1) * 0.001, 3),
            _log_uniform(generator, 8, 128, 8),
        )
        widths, depths, powers = stages(point)
        if len(widths) == powers == 4:
            yield point, cost(*compatible(widths, point.group), depths)


def _log_uniform(generator: np.random.Generator, low: float, high: float, step: int) -> int:
    """Return a multiple of `step`, even on a logarithmic scale between the steps."""
    lowest = low - min(step, low / 2)
    found = math.exp(generator.uniform(math.log(lowest), math.log(high)))
    return math.ceil(found / step) * step


def stages(point: Point) -> tuple[list[int], list[int], int]:
    """Return widths and depths of the stages, and how many powers of wm there are."""
    wanted = np.arange(point.depth) * point.wa + point.w0
    powers = np.round(np.log(wanted / point.w0) / np.log(point.wm))
    quantised = np.round(point.w0 * np.power(point.wm, powers) / 8).astype(int) * 8
    widths, depths = np.unique(quantised, return_counts=True)
    return widths.tolist(), depths.tolist(), int(powers.max()) + 1


def compatible(widths: list[int], group: int) -> tuple[list[int], list[int]]:
    """Return widths that are whole groups, and the groups' widths."""
    groups = [min(group, width) for width in widths]
    pairs = zip(widths, groups, strict=True)
    return [max(g, round(width / g) * g) for width, g in pairs], groups


def cost(widths: list[int], groups: list[int], depths: list[int], se_ratio: float = 0.0) -> Cost:
    """Return the cost of a network for an image of 224 pixels."""
    counted = _Counted()
    counted.conv(3, 32, 3, 2)
    arriving = 32
    for width, group, depth in zip(widths, groups, depths, strict=True):
        for block in range(depth):
            stride = 2 if block == 0 else 1
            if arriving != width or stride != 1:
                side = counted.side
                counted.conv(arriving, width, 1, stride)
                counted.side = side
            counted.conv(arriving, width, 1)
            counted.conv(width, width, 3, stride, width // group)
            squeezed = round(arriving * se_ratio)
            if squeezed:
                counted.linear(width, squeezed)
                counted.linear(squeezed, width)
            counted.conv(width, width, 1)
            arriving = width
    counted.linear(arriving, 1000)
    return Cost(counted.flops, counted.params, counted.acts, counted.biases)


class _Counted:
    """Sums that grow layer by layer."""

    def __init__(self) -> None:
        self.side, self.flops, self.params, self.acts, self.biases = 224, 0, 0, 0, 0

    def conv(self, arriving: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        """Count a convolution and its batch norm."""
        self.side = (self.side - 1) // stride + 1
        weights = kernel * kernel * arriving * out // groups
        self.flops += weights * self.side * self.side
        self.params += weights + 2 * out
        self.acts += out * self.side * self.side

    def linear(self, arriving: int, out: int) -> None:
        """Count what sees one number of each channel, with its biases."""
        self.flops += arriving * out + out
        self.params += arriving * out + out
        self.acts += out
        self.biases += out
