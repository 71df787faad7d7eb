"""The arithmetic of a window that slides: output sizes, remainders, and what each window reads."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from archprof import units
from archprof.ops.base import ShapeError, Taps

MAX_PHASES = 10_000
"""Outputs of an upsampling until its pattern comes round; with more it has no regular answer."""


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool = False) -> int:
    """floor((N + 2P - D(K-1) - 1)/S) + 1, or ceil with torch's rule that the last window starts inside the padded input."""
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    if room < 0:
        reach = f"{span} (kernel {kernel}, dilation {dilation})" if dilation > 1 else f"{kernel}"
        raise ShapeError(f"a window of {reach} does not fit into {size} + 2*{padding} = {size + 2 * padding}",
                         "a larger input, a smaller kernel or more padding")
    result = room // stride + 1
    if ceil and room % stride and result * stride < size + padding:
        result += 1
    return result


def formula(kernel: int, dilation: int, ceil: bool, axis: str) -> str:
    """The output size as a formula over `axis`, P, K, S (and D): what `output_size` computes."""
    span = "D*(K - 1) - 1" if dilation > 1 else "K"
    return f"{'ceil' if ceil else 'floor'}(({axis} + 2*P - {span})/S) + 1"


def remainder_note(axis: str, size: int, kernel: int, stride: int, padding: int, dilation: int, result: int) -> str:
    """`(224 - 11)/4 + 1 = 54.25 -> 54` where the division leaves a remainder; "" where it does not."""
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    if room % stride == 0:
        return ""
    inside = f"{size} + 2*{padding} - {span}" if padding else f"{size} - {span}"
    return f"{axis}: ({inside})/{stride} + 1 = {units.fraction(Fraction(room, stride) + 1)} -> {result}"


def notes(inputs: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int],
          dilation: tuple[int, int], outputs: tuple[int, int]) -> tuple[str, ...]:
    """The remainder notes of both axes, merged into one where they agree."""
    rows = [remainder_note("", *args) for args in zip(inputs, kernel, stride, padding, dilation, outputs, strict=True)]
    if rows[0] == rows[1]:
        return (rows[0][2:],) if rows[0] else ()
    return tuple(f"{axis}{row}" for axis, row in zip("HW", rows, strict=True) if row)


def taps(dim: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> Taps:
    """What output o of a sliding window reads: o*S - P … o*S - P + D(K-1)."""
    return Taps(dim, ((-padding, dilation * (kernel - 1) - padding),), stride, dilation)


def transposed_taps(dim: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> Taps | None:
    """Return what output o of a transposed window reads: every input i with o = i*S - P + j*D for a j in 0 … K-1; there is no padding.

    None where the stride gives too many phases.
    """
    if stride > MAX_PHASES:
        return None
    common = gcd(dilation, stride)
    turn = stride // common  # taps from one that hits an input to the next
    inverse = pow(dilation // common, -1, turn)
    rows: list[tuple[int, int] | None] = []
    for phase in range(stride):
        place = phase + padding
        first = place // common * inverse % turn  # the smallest j with place - j*D a multiple of S
        if place % common or first >= kernel:
            rows.append(None)
            continue
        last = first + (kernel - 1 - first) // turn * turn
        rows.append(((place - last * dilation) // stride, (place - first * dilation) // stride))
    return Taps(dim, tuple(rows), 1, dilation // common, padding=0)
