"""The windows of a layer, axis by axis: what the rules on windows look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof.graph.graph import Node
from archprof.ops.reading import Taps

AXES: dict[int, tuple[str, ...]] = {
    1: ("channels", "places"),
    2: ("channels", "rows", "columns"),
    3: ("channels", "frames", "rows", "columns"),
}
"""What is counted along each dimension, by the number of axes behind the channels."""


class Window(NamedTuple):
    """Along one axis: the input's size, the first window's first and last index (negative: in
    the padding), the stride, how many windows.
    """

    axis: str
    size: int
    first: int
    last: int
    stride: int
    number: int

    @property
    def span(self) -> int:
        """From its first index to its last, both included."""
        return self.last - self.first + 1


def windows(node: Node) -> Iterator[Window]:
    """The sliding windows of a convolution or a pooling; none of other ops."""
    window = node.op.sliding_window()
    if window is None or window.transposed or node.op.family not in ("convolution", "pooling"):
        return
    reading = node.facts.reads[0] or ()
    counted = AXES[len(window.kernel)]
    for dim, entry in enumerate(reading):
        if isinstance(entry, Taps) and (seen := entry.taps[0]):
            size, number = node.facts.inputs[0][entry.dim], node.output[dim]
            yield Window(counted[dim], size, *seen, entry.step, number)
