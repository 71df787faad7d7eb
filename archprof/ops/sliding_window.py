"""The window of an op: what slides over the pixels of a convolution's or a pooling's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

Sides = tuple[int, ...]  # a number for each axis


class SlidingWindow(NamedTuple):
    """The window of an op, with a number for each axis, as the op uses them: a pooling without a
    stride has that of its kernel, and a padding `same` is written in numbers.

    `padding`: what lies before the first unit of each axis. `groups`: how many groups of channels a
    convolution keeps apart; None where a table says what is connected. `transposed`: it slides over
    the output instead, and each input adds to all that its window covers.
    """

    kernel: Sides
    stride: Sides
    padding: Sides = (0, 0)  # of an image
    dilation: Sides = (1, 1)
    groups: int | None = 1
    transposed: bool = False

    def sides(self) -> tuple[Sides, Sides, Sides, Sides]:
        """Return kernel, stride, padding and dilation, in the order of `sliding`'s arguments."""
        return self.kernel, self.stride, self.padding, self.dilation

    def by_axis(self) -> tuple[tuple[int, int, int, int], ...]:
        """Return kernel, stride, padding and dilation of each axis in turn."""
        return tuple(zip(*self.sides(), strict=True))

    def read_share(self) -> Fraction:
        """Return the share of a large input that lies under some window.

        It is less than 1 where the strides leave gaps: 1/4 for a kernel of 1x1 with stride 2.
        """
        from fractions import Fraction

        if self.transposed:
            return Fraction(1)
        share = Fraction(1)
        for kernel, stride, dilation in zip(self.kernel, self.stride, self.dilation, strict=True):
            # of every `stride` positions in a row those under an element of the kernel
            read = {tap * dilation % stride for tap in range(min(kernel, stride))}
            share *= Fraction(len(read), stride)
        return share
