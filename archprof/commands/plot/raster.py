"""A picture as PNG, drawn by resvg."""

from __future__ import annotations

from archprof.draw.shapes import Picture
from archprof.draw.svg import standalone
from archprof.problem import Mark, ProblemError

MOST_PIXELS = 64_000_000
ZOOM = {"page": 2.0, "column": 300 / 96, "slide": 1.6}
"""Pixels of the file for one of the picture: sharp on a screen, 300 dpi in print, 1920 across."""


def png(picture: Picture, size: str, theme: str) -> bytes:
    """Return the picture as a PNG, large ones at a smaller scale.

    Raises ProblemError where resvg-py is not installed, or where the picture would be too large
    to be read.
    """
    try:
        import resvg_py
    except ImportError:
        message = "resvg-py is not installed, which draws PNGs"
        hint = 'pip install "archprof[plot]", or -o x.svg, which needs nothing'
        raise ProblemError.of(Mark("plot"), "png", message, hint) from None
    zoom = min(ZOOM[size], (MOST_PIXELS / (picture.width * picture.height)) ** 0.5)
    if zoom < 1:
        message = f"the picture has {picture.width:.0f} x {picture.height:.0f} points"
        hint = "without --open it is smaller; -o x.svg has no limit"
        raise ProblemError.of(Mark("plot"), "png", f"{message}, too many for a PNG", hint)
    svg = standalone(picture, "light" if theme == "auto" else theme)
    drawn = resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, sans_serif_family="DejaVu Sans")
    return bytes(drawn)
