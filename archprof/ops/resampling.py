"""Which pixels along one axis an output of an interpolation reads.

Output o lies at `scale`*(o + 1/2) - 1/2 among the input's pixels, or at `scale`*o where corners are
aligned: aten/src/ATen/native/UpSample.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Literal, NamedTuple

from archprof.ops.reading import Taps
from archprof.ops.sliding import MAX_PHASES

Kernel = Literal["nearest", "nearest-exact", "linear", "cubic"]

HALF = Fraction(1, 2)
REACH: dict[Kernel, int] = {"linear": 1, "cubic": 2}
"""How far a kernel reaches to either side, in the pixels of the smaller image."""
COPIED_AT: dict[Fraction, tuple[Kernel, ...]] = {
    Fraction(1): ("nearest", "linear", "cubic"),
    Fraction(2): ("nearest",),
}
"""Kernels that copy pixels at these ratios of the sizes, whatever the factor that led to them."""


class Resampling(NamedTuple):
    """The way from `size` pixels to `output` ones along an axis.

    `factor`: how many times more, where that is given; otherwise it follows from the two sizes.
    """

    kernel: Kernel
    size: int
    output: int
    factor: float | None = None
    align_corners: bool = False
    antialias: bool = False

    @property
    def scale(self) -> Fraction:
        """How many of the input's pixels lie between two outputs."""
        if self.align_corners:
            return Fraction(self.size - 1, self.output - 1) if self.output > 1 else Fraction(0)
        if self.kernel in COPIED_AT.get(Fraction(self.output, self.size), ()):
            return Fraction(self.size, self.output)
        if self.factor is not None:
            return 1 / Fraction(self.factor)
        return Fraction(self.size, self.output)

    def taps(self, dim: int) -> Taps | None:
        """Return what the outputs read of dimension `dim`; None where that has no regular answer,
        or hangs on how torch rounds.
        """
        scale = self.scale
        period, step = scale.denominator, scale.numerator
        if period > self.output or step == 0:
            period, step = self.output, self.size  # it comes round nowhere
        if period > MAX_PHASES:
            return None
        if self.kernel in ("nearest", "nearest-exact"):
            if any(_rounds(scale, number) for number in self._multiplied()):
                return None
            return Taps(dim, tuple(_one(self._place(o)) for o in range(period)), step)
        if self.antialias and scale > 1:
            reach = scale * REACH[self.kernel]
            windows = tuple(_within(self._place(o), reach) for o in range(period))
            return Taps(dim, windows, step, padding=0)
        reads = _between if self.kernel == "linear" else _around
        return Taps(dim, tuple(reads(self._place(o)) for o in range(period)), step, padding=0)

    def window(self) -> int:
        """Return how many pixels the kernel is wide, which grows with the scale where it keeps out
        what a smaller image cannot show: aten's _compute_indices_min_size_weights_aa.
        """
        return ceil(2 * REACH[self.kernel] * max(self.scale, Fraction(1)))

    def _place(self, output: int) -> Fraction:
        """Return where an output lies among the input's pixels; with antialiasing torch aligns no
        corners, and only takes their scale.
        """
        aligned = self.align_corners and not self.antialias
        if self.kernel == "nearest" or aligned:
            return self.scale * output
        if self.kernel == "nearest-exact":
            return self.scale * (output + HALF)
        return self.scale * (output + HALF) - HALF

    def _multiplied(self) -> Iterator[Fraction]:
        """Return the numbers whose product with the scale is rounded down to the nearest pixel,
        where that product may be as good as whole.
        """
        offset = HALF if self.kernel == "nearest-exact" else Fraction(0)
        comes_round = self.scale.denominator <= self.output
        for output in range(self.output):
            number = output + offset
            if not comes_round or (self.scale * number).denominator == 1:
                yield number


def _one(place: Fraction) -> tuple[int, int]:
    return (floor(place), floor(place))


def _between(place: Fraction) -> tuple[int, int]:
    """Return the two neighbours, or the one pixel that an output hits."""
    return (floor(place), ceil(place))


def _around(place: Fraction) -> tuple[int, int]:
    """Return the four neighbours of a cubic, or the one pixel that an output hits."""
    before = floor(place)
    return (before, before) if place == before else (before - 1, before + 2)


def _within(place: Fraction, reach: Fraction) -> tuple[int, int]:
    """Return the pixels less than `reach` away."""
    return (floor(place - reach) + 1, ceil(place + reach) - 1)


def _rounds(scale: Fraction, number: Fraction) -> bool:
    """Whether the single precision of torch's kernels leads to another pixel."""
    rounded = _single(_single(float(scale)) * float(number))
    return floor(rounded) != floor(scale * number)


def _single(number: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", number))[0]
    return found
