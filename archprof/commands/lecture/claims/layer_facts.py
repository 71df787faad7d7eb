"""Facts of one layer: its settings, its input, and the shape of its filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.ops.base import Shape


def _pair(value: Any, place: int) -> Any:
    return value[place] if isinstance(value, tuple) else value


def _setting(name: str, place: int | None = None) -> Callable[[LayerAnalysis, Analysis], Any]:
    def of(row: LayerAnalysis, analysis: Analysis) -> Any:
        value = getattr(row.node.op, name, None)
        return value if place is None else _pair(value, place)

    return of


def _stride(row: LayerAnalysis, analysis: Analysis) -> Any:
    window = row.node.op.sliding_window()  # as torch: pooling steps by its window
    return window.stride[0] if window is not None else None


def _input(place: int) -> Callable[[LayerAnalysis, Analysis], Any]:
    def of(row: LayerAnalysis, analysis: Analysis) -> Any:
        shape = row.node.facts.inputs[0] if row.node.facts.inputs else ()
        return shape[place] if len(shape) == 3 or (place == 0 and shape) else None

    return of


FACTS: dict[str, Callable[[LayerAnalysis, Analysis], Any]] = {
    "input_channels": _input(0),
    "input_height": _input(1),
    "input_width": _input(2),
    "kernel": _setting("kernel", 0),
    "kernel_height": _setting("kernel", 0),
    "kernel_width": _setting("kernel", 1),
    "stride": _stride,
    "padding": _setting("padding", 0),
    "dilation": _setting("dilation", 0),
    "groups": _setting("groups"),
    "out": _setting("out"),
    "size": _setting("size"),
    "p": _setting("p"),
    "factor": _setting("factor"),
    "input_features": lambda r, a: r.node.facts.inputs[0][-1] if r.node.facts.inputs else None,
}
"""What else the letters of a law may stand for: a layer's settings and its input's axes."""

COMMON = {
    "input_channels": ("channels", "channels of the input"),
    "input_height": ("pixels", "height of the input"),
    "input_width": ("pixels", "width of the input"),
    "input_features": ("", "last axis of the input"),
    "kernel": ("pixels", "side of the window"),
    "stride": ("pixels", "step of the window"),
    "padding": ("pixels", "padding on one side"),
    "groups": ("", "groups of channels"),
    "out": ("channels", "filters, or outputs of a linear layer"),
}
"""Facts that are also quantities, with the unit and the meaning of each."""


def input_of(row: LayerAnalysis) -> Shape | None:
    """Return the shape of a layer's first input, None where it has none."""
    return row.node.facts.inputs[0] if row.node.facts.inputs else None


def filter_of(row: LayerAnalysis) -> Shape | None:
    """Return the shape of a layer's filters as papers print it, None where it has none.

    Of a convolution that is height x width x channels that each filter reads x filters, of a linear
    layer inputs x outputs, of a pooling its window.
    """
    weight = row.node.facts.weights.get("weight")
    if weight is not None and len(weight.shape) == 4:
        out, channels, height, width = weight.shape
        return height, width, channels, out
    if weight is not None and len(weight.shape) == 2:
        return weight.shape[1], weight.shape[0]
    window = row.node.op.sliding_window()
    return None if window is None or weight is not None else tuple(window.kernel)
