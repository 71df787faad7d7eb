"""The roadmap of the ConvNeXt paper as a chart."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.commands.summary.roadmap import regimes
from archprof.draw.canvas import Canvas
from archprof.draw.roadmap import ChangedNetwork, roadmap_picture
from archprof.draw.shapes import Picture
from archprof.problem import Mark, ProblemError


def roadmap_plot(names: Sequence[str], canvas: Canvas) -> Picture:
    """Return the chart of a regime, `t` or `b`. Raises ProblemError for anything else."""
    known = regimes()
    if len(names) != 1 or names[0] not in known:
        message = f"`{' '.join(names)[:60]}`, expected t or b"
        hint = "t is ResNet-50 to ConvNeXt-T, b ResNet-200 to ConvNeXt-B"
        raise ProblemError.of(Mark("plot"), "option", message, hint)
    title, steps = known[names[0]]
    rows = [ChangedNetwork(s.change, s.macs, s.accuracy, s.gmacs, s.fate, s.agrees) for s in steps]
    return roadmap_picture(rows, canvas, title)
