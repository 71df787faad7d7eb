"""Variants as dots, and the front among them."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import CANVASES, Canvas
from archprof.draw.cloud import Cloud, CloudAxis, FrontPoint, cloud_picture
from archprof.draw.shapes import Symbol
from tests.draw.pictures import assert_sound, labels, shapes, tips

MACS, PEAK = CloudAxis("MACs"), CloudAxis("peak inference bytes", bytes=True)
POINTS = [(1e8, 2**20), (1e9, 2**24), (1e10, 2**28)]
FRONT = [FrontPoint(1e8, 2**20, "row 3: width 4"), FrontPoint(1e9, 2**24, "row 9: width 8")]


@pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)
def test_dots_and_diamonds_by_hand(canvas: Canvas) -> None:
    picture = cloud_picture(Cloud("tiny", MACS, PEAK, POINTS, FRONT, 3), canvas)
    assert tips(picture) == ["row 3: width 4", "row 9: width 8"]
    symbols = [shape for shape in shapes(picture) if isinstance(shape, Symbol)]
    dots = [one for one in symbols if one.form == "circle"][:3]  # the last is the legend's
    assert [dot.x for dot in dots] == sorted(dot.x for dot in dots)
    assert [dot.y for dot in dots] == sorted((dot.y for dot in dots), reverse=True)
    # logarithmic: ten times the MACs and 16 times the bytes are always as far
    assert dots[1].x - dots[0].x == pytest.approx(dots[2].x - dots[1].x)
    assert dots[1].y - dots[0].y == pytest.approx(dots[2].y - dots[1].y)
    first, second = (one for one in symbols if one.tip)
    assert (first.x, first.y) == (dots[0].x, dots[0].y)
    assert (second.x, second.y) == (dots[1].x, dots[1].y)
    assert {"MACs", "peak inference bytes", "1 G", "variants", "on the front"} <= set(
        labels(picture)
    )
    assert picture.says == "3 variants, and 2 variants on the front."
    assert picture.title == "tiny: peak inference bytes against MACs"
    assert_sound(picture, 9.2)


def test_what_is_left_out_is_said() -> None:
    picture = cloud_picture(Cloud("tiny", MACS, PEAK, POINTS, FRONT[:1], 4_000), CANVASES["page"])
    assert picture.says == (
        "3 of 4,000 variants, of those in one place one, and 1 variant on the front."
    )


def test_values_that_are_not_above_0_are_on_an_even_scale() -> None:
    buffers = CloudAxis("buffers")
    points = [(0.0, 0.0), (50.0, 10.0), (100.0, 20.0)]
    picture = cloud_picture(Cloud("tiny", buffers, buffers, points, [], 3), CANVASES["page"])
    dots = [s for s in shapes(picture) if isinstance(s, Symbol) and s.form == "circle"][:3]
    assert dots[1].x - dots[0].x == pytest.approx(dots[2].x - dots[1].x)
    assert_sound(picture, 9.2)


def test_nothing_at_all_is_a_picture() -> None:
    picture = cloud_picture(Cloud("tiny", MACS, PEAK, [], [], 0), CANVASES["page"])
    assert picture.says == "0 variants, and 0 variants on the front."
    assert_sound(picture, 9.2)
