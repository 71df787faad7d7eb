"""The receptive field on the image: by hand."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import CANVASES
from archprof.draw.field import Influence, Sides, field_picture, seen_by, unit_grid
from archprof.draw.shapes import Clipped, Photo
from tests.draw.chains import chain
from tests.draw.pictures import labels, shapes, styled

PAGE = CANVASES["page"]
ANALYSIS = chain("a", "b", layer="op: conv2d, out: 4, kernel: 3, padding: 1")


def test_what_a_unit_sees() -> None:
    """Two 3x3 see 5 pixels around the unit's own: of (3, 4) rows 1 to 5, columns 2 to 6."""
    assert seen_by(ANALYSIS, 0, (3, 4)) == Sides(2, 4, 3, 5)
    assert seen_by(ANALYSIS, 1, (3, 4)) == Sides(1, 5, 2, 6)
    assert seen_by(ANALYSIS, 1, (0, 0)) == Sides(-2, 2, -2, 2)
    assert unit_grid(ANALYSIS, 1) == (6, 8)


def test_the_field_is_drawn_where_it_is() -> None:
    """Of 8 columns it covers 5, beginning at column 2, and of 6 rows 5 from row 1."""
    picture = field_picture(ANALYSIS, PAGE, 1, (3, 4))
    (image,) = styled(picture, "border")
    (field,) = styled(picture, "field")
    pixel = image.width / 8
    assert image.height == pytest.approx(6 * pixel)
    assert (field.width, field.height) == (pytest.approx(5 * pixel), pytest.approx(5 * pixel))
    assert field.x - image.x == pytest.approx(2 * pixel)
    assert field.y - image.y == pytest.approx(1 * pixel)
    assert "Unit (3, 4) of 6x8 of b sees 5x5 pixels." in labels(picture)


def test_padding_is_hatched() -> None:
    picture = field_picture(ANALYSIS, PAGE, 1, (0, 0))
    hatched = [
        s for s in shapes(picture) if isinstance(s, Clipped) and s.shapes[0].style == "hatch"
    ]  # type: ignore[union-attr]
    assert len(hatched) == 2
    assert picture.says.endswith("sees 5x5 pixels, padding among them.")
    inside = field_picture(ANALYSIS, PAGE, 1, (3, 4))
    assert not [s for s in shapes(inside) if getattr(s, "style", "") == "hatch"]


def test_a_photo_and_the_effective_field() -> None:
    photo = field_picture(ANALYSIS, PAGE, 1, photo=(b"x", "jpeg"))
    (found,) = [s for s in shapes(photo) if isinstance(s, Photo)]
    assert (found.content, found.kind) == (b"x", "jpeg")
    influence = Influence([[0.0, 1.0], [0.25, 0.0]], "A note.")
    picture = field_picture(ANALYSIS, PAGE, 1, influence=influence)
    # the steps go by the square root: 20 and 10
    assert len(styled(picture, "glow20")) == len(styled(picture, "glow10")) == 1
    assert picture.says.endswith(" A note.")


def test_a_layer_that_sees_everything() -> None:
    from archprof.analysis.analysis import analyze
    from tests.small import graph_of

    layers = {"p": "op: adaptive_avg_pool2d, size: 1"}
    picture = field_picture(analyze(graph_of(layers, (4, 6, 8))), PAGE, 0)
    (image,), (field,) = styled(picture, "border"), styled(picture, "field")
    assert (field.x, field.width, field.height) == (image.x, image.width, image.height)
    assert picture.says == "Every unit of p sees the whole image."
