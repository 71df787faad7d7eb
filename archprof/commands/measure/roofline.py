"""Rooflines: the least time that a device's arithmetic and its memory allow a layer, and how near
the layer comes to it.

Williams, Waterman, Patterson 2009; with the bandwidth of each size of transfer, as in the
cache-aware roofline of Ilic et al. 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from archprof.analysis.analysis import Analysis

Bound = Literal["compute", "memory", "launch", "none"]

TOLERANCE = 1.05
"""How much faster than its roofline a layer may seem: the noise of two measurements.

Anything above is a fault.
"""


class Peaks(NamedTuple):
    """What a device was measured to reach with one dtype.

    `flops_per_s`: arithmetic of large matrix products and convolutions; `copy_bytes_per_s`: bytes
    read and written by the largest copy; `transfers`: (bytes moved, most bytes per second that a
    copy, an update in place or a sum of that size reached), by size, because what fits in a cache
    moves faster; `launch_s`: seconds of the smallest op.
    """

    device: str
    dtype: str
    flops_per_s: float
    copy_bytes_per_s: float
    transfers: tuple[tuple[int, float], ...]
    launch_s: float

    def bandwidth(self, moved: int) -> float:
        """Return the most bytes per second that transfers of about this size or larger reached.

        About this size is the next smaller size that was measured.
        """
        below = max((size for size, _ in self.transfers if size <= moved), default=0)
        return max(rate for size, rate in self.transfers if size >= below)

    @property
    def ridge(self) -> float:
        """Return the FLOPs per byte above which arithmetic, not the largest copy, is the bound."""
        return self.flops_per_s / self.copy_bytes_per_s

    def roof(self, flops: int, moved: int) -> Roof:
        """Return the least seconds for this arithmetic and these bytes, and what sets them."""
        compute, memory = flops / self.flops_per_s, moved / self.bandwidth(moved)
        seconds = max(compute, memory)
        if seconds == 0:
            return Roof(0.0, "none")
        if seconds < self.launch_s:
            return Roof(seconds, "launch")
        return Roof(seconds, "compute" if compute >= memory else "memory")


class Roof(NamedTuple):
    """The least seconds that a layer can take, and what sets them.

    `bound` is "compute", "memory", "launch" where the smallest op takes longer, "none" for a view.
    """

    seconds: float
    bound: Bound


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
        """Return whether it is faster than its roofline.

        That is an error in the measurement, or in our count of bytes or arithmetic.
        """
        return self.roof.seconds > TOLERANCE * self.seconds


def attained(
    analysis: Analysis, seconds: Sequence[tuple[int, float]], peaks: Peaks
) -> list[Attained]:
    """Return each layer, given as (index in the graph, seconds), under its roofline.

    The analysis must be of the batch and dtype that were measured.
    """
    rows = analysis.layers
    return [
        Attained(node, taken, peaks.roof(rows[node].known("flops"), rows[node].bytes_moved))
        for node, taken in seconds
    ]
