"""Work of known amount that shows what a device reaches: products, convolutions, transfers, and the
smallest op.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.running.workload import MEMORY_FORMATS

EDGES = {"cpu": (256, 512, 1024, 2048), "cuda": (2048, 4096, 8192, 16384)}
"""The edges of square matrices."""

CONVOLUTIONS = {"cpu": ((4, 256, 28), (4, 512, 14)), "cuda": ((128, 512, 28),)}
"""Batch, channels in and out, and edge of 3x3 convolutions.

On CUDA one: cuDNN's search for the best algorithm takes up to three seconds for each.
"""

TRANSFERS = {"cpu": tuple(range(18, 29)), "cuda": (20, 22, 24, 25, 26, 27, 28, 30)}
"""Bytes moved, as powers of two: from within every cache to far beyond; on CUDA nearer to each
other where caches end.
"""

TILE = 2**20
"""Random numbers that a transfer repeats: to draw each of a GiB would take longer than to move it.
"""


class Probe(NamedTuple):
    """An amount of work, and what makes the run that does it: that takes the memory."""

    work: float
    make: Callable[[], Run]


def products(device: torch.device, dtype: torch.dtype) -> list[Probe]:
    """Return square matrix products of 2n^3 FLOPs, the small ones first."""
    return [Probe(2 * n**3, partial(_product, n, dtype, device)) for n in EDGES[device.type]]


def convolutions(device: torch.device, dtype: torch.dtype, memory_format: str) -> list[Probe]:
    """Return 3x3 convolutions in a memory format.

    Their FLOPs are counted as those of the definition: a library that multiplies less (Winograd;
    Lavin, Gray 2015) is as much faster.
    """
    found = []
    for batch, channels, edge in CONVOLUTIONS[device.type]:
        make = partial(_convolution, (batch, channels, edge), dtype, device, memory_format)
        found.append(Probe(2 * 9 * batch * channels**2 * edge**2, make))
    return found


def copies(device: torch.device, dtype: torch.dtype, moved: int) -> list[Probe]:
    """Return a copy: half of the bytes are read, half written."""

    def copy() -> Run:
        half, other = _repeated(moved, dtype, device).chunk(2)
        return partial(half.copy_, other)

    def kernel() -> Run:
        half, other = _repeated(moved, dtype, device).chunk(2)
        return partial(torch.neg, other, out=half)

    # within a CUDA graph a copy is left to the driver, which moves less than a kernel
    return [Probe(moved, copy), Probe(moved, kernel)]


def others(device: torch.device, dtype: torch.dtype, moved: int) -> list[Probe]:
    """Return an update in place, half of the bytes read and written, and a sum, which reads all."""

    def update() -> Run:
        # the numbers stay random, however often it runs
        return _repeated(moved // 2, dtype, device).neg_

    def sums() -> Run:
        return partial(torch.sum, _repeated(moved, dtype, device))

    return [Probe(moved, update), Probe(moved, sums)]


def smallest(device: torch.device, dtype: torch.dtype) -> list[Probe]:
    """Return the smallest op, of one number; its work is one op."""

    def op() -> Run:
        return partial(functional.relu, torch.ones(1, dtype=dtype, device=device))

    return [Probe(1, op)]


def number(device: torch.device) -> int:
    """Return how many probes there are at most.

    They are products, convolutions in every format, four transfers of each size, and the smallest
    op, on CUDA once more within a graph.
    """
    kind = device.type
    formats, launches = len(MEMORY_FORMATS), 2 if kind == "cuda" else 1
    return (
        len(EDGES[kind]) + formats * len(CONVOLUTIONS[kind]) + 4 * len(TRANSFERS[kind]) + launches
    )


def _product(n: int, dtype: torch.dtype, device: torch.device) -> Run:
    first, second = _random((n, n), dtype, device), _random((n, n), dtype, device)
    return partial(torch.mm, first, second, out=torch.empty_like(first))


def _convolution(
    sizes: tuple[int, int, int], dtype: torch.dtype, device: torch.device, memory_format: str
) -> Run:
    batch, channels, edge = sizes
    order: Any = MEMORY_FORMATS[memory_format]
    images = _random((batch, channels, edge, edge), dtype, device).contiguous(memory_format=order)
    weight = _random((channels, channels, 3, 3), dtype, device).contiguous(memory_format=order)
    return partial(functional.conv2d, images, weight, padding=1)


def _random(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return small random numbers: constant operands draw less power, and so raise the clock."""
    return torch.randn(shape, dtype=dtype, device=device)


def _repeated(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return so many bytes of random numbers, a tile of them again and again."""
    count = size // dtype.itemsize
    tile = _random((min(count, TILE),), dtype, device)
    return tile.repeat(-(-count // TILE))[:count]
