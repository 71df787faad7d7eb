"""Which pictures a page has of a network."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis
from archprof.commands.page.figures import NARROW, WIDE, Figure
from archprof.draw.bars import bars_picture
from archprof.draw.canvas import CANVASES


def network_figures(analysis: Analysis) -> list[Figure]:
    """Return the pictures of a network, in the order in which a page shows them."""
    wide, narrow = CANVASES[WIDE], CANVASES[NARROW]
    return [
        Figure(
            "bars",
            "Where it goes",
            bars_picture(analysis, wide),
            bars_picture(analysis, narrow),
        ),
    ]
