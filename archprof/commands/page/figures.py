"""The pictures of a page: drawn by `archprof/draw`, wide and narrow, one of them shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archprof.draw import svg
from archprof.draw.shapes import Clipped, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.record import Record
from archprof.show.markup import Markup, element

NARROW, WIDE = "column", "page"


class Illustration(Record):
    """A picture for a wide window, and the same for a narrow one.

    `network`: of which network of the page its marks are layers. `captioned`: what it says stands
    in the picture itself.
    """

    name: str
    heading: str
    wide: Picture
    narrow: Picture
    network: int = 0
    captioned: bool = False


INLINE = 8_000
"""Characters of a picture that stands in the page as it is; a larger one is packed, and put into
its place by the script.
"""

CROWDED = 20_000
"""Characters of a picture whose marks would be too small on a phone: it is scrolled there."""


class Drawn(NamedTuple):
    """The parts of a page that show figures, and by name the pictures that are packed."""

    parts: list[Markup]
    packed: dict[str, str]


def drawn(figures: Sequence[Illustration]) -> Drawn:
    """Return figures as parts of a page: each with its heading and with what it says."""
    packed: dict[str, str] = {}
    return Drawn([_section(figure, packed) for figure in figures], packed)


def drawn_rows(rows: Sequence[Sequence[Illustration]]) -> Drawn:
    """Return figures as parts of a page, those of a row beside each other, two at a time."""
    packed: dict[str, str] = {}
    parts = []
    for row in rows:
        sections = [_section(figure, packed) for figure in row]
        parts.append(sections[0] if len(row) == 1 else element("div", *sections, class_="half"))
    return Drawn(parts, packed)


def _section(figure: Illustration, packed: dict[str, str]) -> Markup:
    wide, narrow = (_svg(figure, variant) for variant in ("wide", "narrow"))
    if len(wide) > CROWDED:
        variants = [_place(figure, wide, "crowded", packed)]
    else:
        variants = [
            _place(figure, wide, "wide", packed),
            _place(figure, narrow, "narrow", packed),
        ]
    said = [] if figure.captioned else [element("p", figure.wide.says, class_="say")]
    return element(
        "section",
        element("header", element("h2", figure.heading)),
        *said,
        element("figure", *variants, data_network=figure.network),
        class_="drawn",
    )


def _svg(figure: Illustration, variant: str) -> str:
    picture = figure.narrow if variant == "narrow" else figure.wide
    shapes = tuple(_plainer(shape) for shape in picture.shapes)
    name = f"{figure.name}-{figure.network}-{variant}"
    return svg.inline(picture._replace(shapes=shapes), name)


def _place(figure: Illustration, text: str, variant: str, packed: dict[str, str]) -> Markup:
    """Return a picture in its place or, where it is large, the place with the picture packed."""
    if len(text) <= INLINE and variant != "narrow":
        return element("div", Markup(text), class_=f"variant {variant}")
    name = f"{figure.name}-{figure.network}-{variant}"
    packed[name] = text
    return element("div", class_=f"variant {variant}", data_picture=name)


def _plainer(shape: Shape) -> Shape:
    """Return a shape to a tenth of a pixel, without what a pointer over a layer says: the page's
    script knows that.
    """
    if isinstance(shape, Clipped):
        return shape._replace(shapes=tuple(_plainer(one) for one in shape.shapes))
    if isinstance(shape, Stroke):
        return shape._replace(points=tuple((round(x, 1), round(y, 1)) for x, y in shape.points))
    if isinstance(shape, Rectangle):
        sides = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        left, top, right, bottom = (round(side, 1) for side in sides)
        shape = shape._replace(x=left, y=top, width=right - left, height=bottom - top)
    if isinstance(shape, Symbol):
        shape = shape._replace(x=round(shape.x, 1), y=round(shape.y, 1))
    if isinstance(shape, Rectangle | Symbol) and shape.layer is not None:
        return shape._replace(tip="")
    return shape
