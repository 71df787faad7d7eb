"""ONNX's way to say how a window slides, in torch's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archprof.capturing.onnx_operators.given import Given
from archprof.capturing.tape import TensorRef


class OnnxWindow(NamedTuple):
    """A window over the last dimensions; `before` and `after` are what is padded at each."""

    kernel: list[int]
    stride: list[int]
    dilation: list[int]
    before: list[int]
    after: list[int]

    @property
    def even(self) -> bool:
        """Whether both ends are padded alike, as torch's operators do it."""
        return self.before == self.after


def window(given: Given, kernel: Sequence[int]) -> OnnxWindow:
    """Return a node's window; `kernel` where the node does not state it itself."""
    sides = list(given.attribute("kernel_shape") or kernel)
    ones = [1] * len(sides)
    stride = list(given.attribute("strides") or ones)
    dilation = list(given.attribute("dilations") or ones)
    pads = list(given.attribute("pads") or [0] * (2 * len(sides)))
    before, after = pads[: len(sides)], pads[len(sides) :]
    automatic = given.attribute("auto_pad", "NOTSET")
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        before, after = [], []
        spatial = given.shape(0)[2:]
        for n, k, s, d in zip(spatial, sides, stride, dilation, strict=True):
            whole = max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n)
            less, more = whole // 2, whole - whole // 2
            before.append(less if automatic == "SAME_UPPER" else more)
            after.append(more if automatic == "SAME_UPPER" else less)
    elif automatic == "VALID":
        before = after = [0] * len(sides)
    return OnnxWindow(sides, stride, dilation, before, after)


def padded(given: Given, slides: OnnxWindow, value: float = 0.0) -> tuple[TensorRef, list[int]]:
    """Return the node's input and the padding that its operator is left with.

    Where the two ends are padded differently torch needs an operator of its own before this one.
    """
    source = given.value(0)
    if source is None:
        raise LookupError("it has no input")
    if slides.even:
        return source, slides.before
    shape = list(given.shape(0))
    sides: list[int] = []
    for place in range(len(slides.before) - 1, -1, -1):
        before, after = slides.before[place], slides.after[place]
        shape[place + 2] += before + after
        sides += [before, after]
    arguments: dict[str, Any] = {"self": source, "pad": sides, "value": value}
    return given.between("aten.pad.default", arguments, tuple(shape)), [0] * len(slides.before)
