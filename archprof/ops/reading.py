"""What each output unit of an op reads, dimension by dimension: the source of receptive fields."""

from __future__ import annotations

from typing import NamedTuple


class Same(NamedTuple):
    """Output index i along this dimension reads input index i of dimension `dim`."""

    dim: int


class Taps(NamedTuple):
    """Output index o = q·len(taps) + r reads input indices first_r + q·step … last_r + q·step of
    dimension `dim`, every `every`-th.

    One entry and step S is a strided window; S entries and step 1 an upsampling by S. None: this
    output reads nothing. `padding`: how many units of padding there are to read before the first
    and behind the last input index; what would lie beyond is not read. None: as many as the windows
    reach.
    """

    dim: int
    taps: tuple[tuple[int, int] | None, ...]
    step: int
    every: int = 1  # the dilation
    padding: int | None = None


class Raster(NamedTuple):
    """Several input dimensions laid out one after the other in this one (flatten)."""

    dims: tuple[int, ...]


class New(NamedTuple):
    """A dimension of its own (channels); an input dimension that no output dimension names is
    read whole.
    """


Entry = Same | Taps | Raster | New
Reading = tuple[Entry, ...]  # one entry per output dimension


def same(rank: int) -> Reading:
    """Return the reading of an op whose output elements read the element at their own place."""
    return tuple(Same(i) for i in range(rank))
