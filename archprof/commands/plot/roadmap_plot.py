"""The roadmap of the ConvNeXt paper as a chart."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.commands.summary.roadmap import regimes
from archprof.draw.canvas import Canvas
from archprof.draw.roadmap import ChangedNetwork, roadmap_picture
from archprof.draw.shapes import Picture
from archprof.problem import Mark, ProblemError

ENDS = {"convnext_t": "t", "convnext_tiny": "t", "convnext_b": "b", "convnext_base": "b"}
"""By the name of a network the roadmap that ends with it."""


def roadmap_plot(names: Sequence[str], canvas: Canvas) -> Picture:
    """Return the chart of a regime, `t` or `b`, or of the network at its end.

    Raises ProblemError for anything else.
    """
    known = regimes()
    # a network stands for the roadmap that ends with it
    named = [ENDS.get(name, name) for name in names]
    if len(named) != 1 or named[0] not in known:
        message = f"`{' '.join(names)[:60]}`, expected t or b"
        hint = "t is ResNet-50 to ConvNeXt-T, b ResNet-200 to ConvNeXt-B"
        raise ProblemError.of(Mark("plot"), "option", message, hint)
    title, steps = known[named[0]]
    rows = [ChangedNetwork(s.change, s.macs, s.accuracy, s.gmacs, s.fate, s.agrees) for s in steps]
    return roadmap_picture(rows, canvas, title)
