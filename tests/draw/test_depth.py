"""Depth against receptive field."""

from __future__ import annotations

from itertools import pairwise

from archprof.draw.canvas import CANVASES
from archprof.draw.depth import depth_picture
from archprof.draw.shapes import Symbol
from tests.draw.chains import chain
from tests.draw.pictures import labels, shapes, tips

PAGE = CANVASES["page"]


def test_fields_by_hand() -> None:
    """Each 3x3 adds 2 pixels: 3, 5, 7, 9; the image is 8 wide."""
    analysis = chain("a", "b", "c", "d", layer="op: conv2d, out: 4, kernel: 3, padding: 1")
    picture = depth_picture(analysis, PAGE)
    assert tips(picture) == [
        "a sees 3 pixels",
        "b sees 5 pixels",
        "c sees 7 pixels",
        "d sees 9 pixels",
    ]
    assert picture.says == (
        "The largest field is 9 pixels wide, of d;"
        " from d on a unit's field is as wide as the image of 8."
    )
    assert "the image, 8 pixels" in labels(picture)
    marks = [s for s in shapes(picture) if isinstance(s, Symbol) and s.tip]
    steps = {round(one.y - other.y, 6) for one, other in pairwise(marks)}
    assert len(steps) == 1


def test_what_sees_everything_is_hollow() -> None:
    from archprof.analysis.analysis import analyze
    from tests.small import graph_of

    layers = {"p": "op: adaptive_avg_pool2d, size: 1"}
    picture = depth_picture(analyze(graph_of(layers, (4, 6, 8))), PAGE)
    (mark,) = [s for s in shapes(picture) if isinstance(s, Symbol) and s.tip]
    assert (mark.style, mark.tip) == ("hollow ring-pool", "p sees everything")
    assert picture.says == "No layer has a receptive field that is less than everything."
