"""Rooflines: the least time that a device's arithmetic and its memory allow a layer, and how near
the layer comes to it.

Williams, Waterman, Patterson 2009; with the bandwidth of each size of transfer, as in the
cache-aware roofline of Ilic et al. 2014.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.ops.elements import DTYPES

Bound = Literal["compute", "memory", "launch", "none"]

TOLERANCE = 1.05
"""How much faster than its roofline a layer may seem: the noise of two measurements.

Anything above is a fault.
"""


class Peaks(NamedTuple):
    """What a device was measured to reach with one dtype.

    `flops_per_s`: arithmetic of large matrix products; `copy_bytes_per_s`: bytes read and written
    by the largest copy; `transfers`: (bytes moved, most bytes per second that a copy, an update in
    place or a sum of that size reached), by size, because what fits in a cache moves faster;
    `launch_s`: seconds of the smallest op, on CUDA as the host issues it; `graph_launch_s`: from
    one such kernel to the next within a CUDA graph, None where there is none; `convolutions`:
    (memory format, arithmetic of large 3x3 convolutions in it), counted by the definition;
    `clock_share`: the share of its highest clock that the device kept meanwhile, 1 where unknown.
    """

    device: str
    dtype: str
    flops_per_s: float
    copy_bytes_per_s: float
    transfers: tuple[tuple[int, float], ...]
    launch_s: float
    graph_launch_s: float | None = None
    convolutions: tuple[tuple[str, float], ...] = ()
    clock_share: float = 1.0

    @property
    def conv_flops_per_s(self) -> float | None:
        """Return the arithmetic of convolutions in the faster format, None where none could run."""
        return max((rate for _, rate in self.convolutions), default=None)

    def bandwidth(self, moved: int) -> float:
        """Return the most bytes per second that transfers of about this size or larger reached.

        About this size is the next smaller size that was measured.
        """
        below = max((size for size, _ in self.transfers if size <= moved), default=0)
        return max(rate for size, rate in self.transfers if size >= below)

    def moving(self, moved: int) -> float:
        """Return the least seconds in which this many bytes move.

        What a layer reads may still lie in a cache, where the layer before it wrote it: as many
        bytes as a transfer of one size moves then go at its rate, the rest at that of the largest.
        """
        _, from_memory = self.transfers[-1]
        cached = (
            size / rate + (moved - size) / from_memory
            for size, rate in self.transfers
            if size <= moved
        )
        return min([moved / self.bandwidth(moved), *cached])

    @property
    def ridge(self) -> float:
        """Return the FLOPs per byte above which arithmetic, not the largest copy, is the bound."""
        return self.flops_per_s / self.copy_bytes_per_s

    def roof(
        self, flops: int, moved: int, convolution: bool = False, on_device: bool = False
    ) -> Roof:
        """Return the least seconds for this arithmetic and these bytes, and what sets them.

        A convolution may be faster than products, because a library may multiply less than is
        counted. `on_device`: what is compared with it is the device's time alone, without the host.
        """
        rate = self.flops_per_s
        if convolution and self.conv_flops_per_s is not None:
            rate = max(rate, self.conv_flops_per_s)
        launch = self.launch_s
        if on_device and self.graph_launch_s is not None:
            launch = self.graph_launch_s
        compute, memory = flops / rate, self.moving(moved)
        seconds = max(compute, memory)
        # alone it may run at the highest clock, where large products reach the device's power cap
        least = max(compute * self.clock_share, memory)
        if seconds == 0:
            return Roof(0.0, "none", 0.0)
        if seconds < launch:
            return Roof(seconds, "launch", least)
        return Roof(seconds, "compute" if compute >= memory else "memory", least)


class Roof(NamedTuple):
    """The least seconds that a layer can take under load, and what sets them.

    `bound` is "compute", "memory", "launch" where the smallest op takes longer, "none" for a view.
    `least`: the same at the device's highest clock, below which nothing can be.
    """

    seconds: float
    bound: Bound
    least: float


class Attained(NamedTuple):
    """A measured layer under its roofline, with its index in the graph and its seconds."""

    node: int
    seconds: float
    roof: Roof

    @property
    def share(self) -> float | None:
        """Return the share of the layer's seconds that its roofline is, None for a view."""
        return self.roof.seconds / self.seconds if self.roof.seconds and self.seconds else None

    @property
    def faulty(self) -> bool:
        """Return whether it is faster than its roofline at the highest clock.

        That is an error in the measurement, or in our count of bytes or arithmetic.
        """
        return self.roof.least > TOLERANCE * self.seconds


def attained(
    analysis: Analysis,
    seconds: Sequence[tuple[int, float]],
    peaks: Peaks,
    on_device: bool = False,
) -> list[Attained]:
    """Return each layer, given as (index in the graph, seconds), under its roofline.

    The analysis must be of the batch and dtype that were measured. `on_device`: the seconds are the
    device's alone, as those of kernels are.
    """
    found = []
    for node, taken in seconds:
        row = analysis.layers[node]
        convolution = row.node.op.family == "convolution"
        moved = row.bytes_moved - _unread(analysis, row)
        roof = peaks.roof(row.known("flops"), moved, convolution, on_device)
        found.append(Attained(node, taken, roof))
    return found


def _unread(analysis: Analysis, row: LayerAnalysis) -> int:
    """Return the bytes of a layer's input that lie between its windows, as of a 1x1 with stride 2.

    A device need not read them; where a line of its memory holds some that are read it does.
    """
    window = row.node.op.sliding_window()
    if window is None:
        return 0
    itemsize = DTYPES[analysis.dtype]
    shape = analysis.graph.shape_of(row.node.inputs[0])
    return int(math.prod(shape) * analysis.batch * itemsize * (1 - window.read_share()))
