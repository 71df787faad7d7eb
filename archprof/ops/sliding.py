"""The arithmetic of a window that slides: output sizes, remainders, and what each window reads."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from archprof import units
from archprof.ops.axes import AXES
from archprof.ops.base import NoRoomError
from archprof.ops.reading import Taps

MAX_PHASES = 10_000
"""Outputs of an upsampling until its pattern comes round; with more it has no regular answer."""


def output_size(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool = False
) -> int:
    """Return floor((N + 2P - D(K-1) - 1)/S) + 1, or what torch gives in ceil mode (`ceil_size`).

    Raises ShapeError where no window fits.

    In ceil mode one window may be larger than the padded input, by less than the stride: torch's
    pooling_output_shape.
    """
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    result = ceil_size(room, size, stride, padding) if ceil else room // stride + 1
    if result < 1:
        reach = f"{span} (kernel {kernel}, dilation {dilation})" if dilation > 1 else f"{kernel}"
        beyond = f", even by less than the stride {stride} of ceil mode" if ceil else ""
        raise NoRoomError(
            f"a window of {reach} does not fit into {size} + 2*{padding} ="
            f" {size + 2 * padding}{beyond}",
            "a larger input, a smaller kernel or more padding",
        )
    return result


def ceil_size(room: int, size: int, stride: int, padding: int) -> int:
    """Return the number of windows in ceil mode: rounded up, but none that would start past the
    input, in the padding behind it.
    """
    return min(-(-room // stride) + 1, -(-(size + padding) // stride))


def formula(dilation: int, axis: str, ceil: bool = False, padded: str = "2*P") -> str:
    """Return the output size as a formula over `axis`, P, K, S (and D): what `output_size`
    computes. `padded`: the padding of both sides.
    """
    span = "D*(K - 1) - 1" if dilation > 1 else "K"
    return f"{'ceil' if ceil else 'floor'}(({axis} + {padded} - {span})/S) + 1"


def ceil_formula(
    size: int, kernel: int, stride: int, padding: int, dilation: int, axis: str
) -> str:
    """Return the formula of ceil mode: the plain one where it gives the size, else with the
    bound that drops the last window.
    """
    rounded_up = formula(dilation, axis, ceil=True)
    if _drops_last(size, kernel, stride, padding, dilation):
        # as many windows start before the end of the input
        return f"min({rounded_up}, ceil(({axis} + P)/S))"
    return rounded_up


def _drops_last(size: int, kernel: int, stride: int, padding: int, dilation: int) -> bool:
    """Return whether rounding up gives one window more than ceil mode has."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    return ceil_size(room, size, stride, padding) < -(-room // stride) + 1


def remainder_note(
    axis: str,
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
    result: int,
    ceil: bool = False,
) -> str:
    """Return `(224 - 11)/4 + 1 = 54.25 -> 54` where the division leaves a remainder; "" where it
    does not.

    In ceil mode where torch drops the last window, with the reason.
    """
    span = dilation * (kernel - 1) + 1
    room = size + 2 * padding - span
    if room % stride == 0:
        return ""
    inside = f"{size} + 2*{padding} - {span}" if padding else f"{size} - {span}"
    why = ""
    if ceil and _drops_last(size, kernel, stride, padding, dilation):
        why = (
            f", not {result + 1}: in ceil mode torch drops a last window that would start past the"
            " input"
        )
    return (
        f"{axis}: ({inside})/{stride} + 1 = {units.quotient(room + stride, stride)} ->"
        f" {result}{why}"
    )


def notes(
    inputs: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    outputs: Sequence[int],
    ceil: bool = False,
) -> tuple[str, ...]:
    """Return the remainder notes of all axes, merged into one where they agree."""
    rows = [
        remainder_note("", n, k, s, p, d, result, ceil)
        for n, k, s, p, d, result in zip(
            inputs, kernel, stride, padding, dilation, outputs, strict=True
        )
    ]
    if len(set(rows)) == 1:
        return (rows[0][2:],) if rows[0] else ()
    axes = AXES[len(rows)]
    return tuple(f"{axis.letter}{row}" for axis, row in zip(axes, rows, strict=True) if row)


def taps(dim: int, kernel: int, stride: int, padding: int, dilation: int) -> Taps:
    """Return what output o of a sliding window reads: o*S - P … o*S - P + D(K-1)."""
    return Taps(dim, ((-padding, dilation * (kernel - 1) - padding),), stride, dilation)


def transposed_taps(dim: int, kernel: int, stride: int, padding: int, dilation: int) -> Taps | None:
    """Return what output o of a transposed window reads: every input i with o = i*S - P + j*D for a
    j in 0 … K-1; there is no padding.

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
