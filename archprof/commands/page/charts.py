"""Which pictures a page has of a network."""

from __future__ import annotations

from collections.abc import Callable

from archprof.analysis.analysis import Analysis
from archprof.commands.page.figures import NARROW, WIDE, Figure
from archprof.draw.bars import bars_picture
from archprof.draw.canvas import CANVASES, Canvas
from archprof.draw.depth import depth_picture
from archprof.draw.roofline import roofline_picture
from archprof.draw.shapes import Picture
from archprof.draw.timeline import timeline_picture

MOST_BRICKS = 2_000
"""Layers of a network whose step of training is drawn: of more the bricks are too thin to see."""


def network_figures(analysis: Analysis) -> list[Figure]:
    """Return the pictures of a network, in the order in which a page shows them."""
    figures = [
        _figure("bars", "Where it goes", lambda canvas: bars_picture(analysis, canvas)),
        _figure(
            "timeline",
            "Memory while it runs",
            lambda canvas: timeline_picture(analysis, canvas),
        ),
    ]
    if len(analysis.layers) <= MOST_BRICKS:
        figures.append(
            _figure(
                "training",
                "Memory in a step of training",
                lambda canvas: timeline_picture(analysis, canvas, training=True),
            )
        )
    figures.append(
        _figure("roofline", "What bounds each layer", lambda c: roofline_picture(analysis, c))
    )
    return figures


def depth_figure(analysis: Analysis) -> Figure:
    """Return the receptive field over depth, which stands beside what a unit sees."""
    return _figure(
        "depth", "Depth and receptive field", lambda canvas: depth_picture(analysis, canvas)
    )


def _figure(name: str, heading: str, draw: Callable[[Canvas], Picture]) -> Figure:
    return Figure(name, heading, draw(CANVASES[WIDE]), draw(CANVASES[NARROW]))
