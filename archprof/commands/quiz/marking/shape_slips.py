"""The likely causes of a wrong shape: a declared list of slips, each worked out."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.lecture.solving.scenes import SIDES
from archprof.commands.quiz.marking.slips import altered, output_of
from archprof.ops.base import Op, Shape
from archprof.ops.sliding_window import SlidingWindow

Slips = Iterator[tuple[str, Shape | None]]
"""Slips, and the shape that each gives."""


def shape_slip(op: Op, inputs: tuple[Shape, ...], given: Shape, image: bool = False) -> str:
    """Return the slip that gives an op this output, "" where none on the list does.

    The input of an `image` may be of another size that lectures use, or else it is another slip.
    """
    lists = [_other_images(op, inputs) if image else (), slips(op, inputs)]
    found = [next((label for label, shape in one if shape == given), "") for one in lists]
    return " or ".join(filter(None, found))


def _other_images(op: Op, inputs: tuple[Shape, ...]) -> Slips:
    for side in SIDES:
        other = (inputs[0][0], side, side)
        if len(inputs[0]) == 3 and other != inputs[0]:
            yield f"at an input of {side}x{side}", output_of(op, (other, *inputs[1:]))


def slips(op: Op, inputs: tuple[Shape, ...]) -> Slips:
    """Yield each slip and the shape that it gives; nothing for inputs that the op cannot take."""
    right = output_of(op, inputs)
    if right is None:
        return
    if "padding" in op.settings:
        yield from (
            (f"with padding {p}", output_of(altered(op, "padding", p), inputs)) for p in range(4)
        )
    if "stride" in op.settings:
        yield from (
            (f"with stride {s}", output_of(altered(op, "stride", s), inputs)) for s in (1, 2)
        )
    if len(right) == 3 and inputs:
        yield from _off_by_one(op, inputs[0], right)
        yield "with the channels of its input", (inputs[0][0], *right[1:])
        yield "with the size of its input", (right[0], *inputs[0][1:])


def _off_by_one(op: Op, source: Shape, right: Shape) -> Slips:
    channels, height, width = right
    window = op.sliding_window()
    if window is not None and len(source) == 3:
        up = (_remains(window, source[1], height, 0), _remains(window, source[2], width, 1))
        if any(up):
            yield "rounded up, not down", (channels, height + up[0], width + up[1])
            yield "without the + 1", (channels, height - 1, width - 1)
            return
    yield "without the + 1", (channels, height - 1, width - 1)
    yield "with one too many", (channels, height + 1, width + 1)


def _remains(window: SlidingWindow, size: int, result: int, axis: int) -> bool:
    """Return whether a window that fits `result` times leaves a remainder.

    It is counted by the hand formula (N + 2P - K)/S + 1.
    """
    rest = size + 2 * window.padding[axis] - window.kernel[axis]
    stride = window.stride[axis]
    return bool(rest % stride) and rest // stride + 1 == result
