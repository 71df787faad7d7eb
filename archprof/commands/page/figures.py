"""The pictures of a page: drawn by `archprof/draw`, wide and narrow, one of them shown."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.draw import svg
from archprof.draw.shapes import Clipped, Picture, Rectangle, Shape, Symbol
from archprof.record import Record
from archprof.show.markup import Markup, element

NARROW, WIDE = "column", "page"


class Figure(Record):
    """A picture for a wide window, and the same for a narrow one; None: it is scrolled sideways.

    `network`: of which network of the page its marks are layers.
    """

    name: str
    heading: str
    wide: Picture
    narrow: Picture | None
    network: int = 0


def figure_markup(figure: Figure) -> Markup:
    """Return a figure with what it says, as a part of a page."""
    drawn = [_variant(figure, figure.wide, "wide" if figure.narrow else "only")]
    if figure.narrow:
        drawn.append(_variant(figure, figure.narrow, "narrow"))
    return element(
        "section",
        element("header", element("h2", figure.heading)),
        element("p", figure.wide.says, class_="say"),
        element("figure", *drawn, data_network=figure.network),
        class_="drawn",
    )


def figures_style(figures: Sequence[Figure]) -> str:
    """Return the rules that the figures are drawn by; nothing where there are none."""
    return svg.css() if figures else ""


def _variant(figure: Figure, picture: Picture, variant: str) -> Markup:
    shapes = tuple(_without_tip(shape) for shape in picture.shapes)
    drawn = svg.inline(picture._replace(shapes=shapes), f"{figure.name}-{variant}")
    return element("div", Markup(drawn), class_=f"variant {variant}")


def _without_tip(shape: Shape) -> Shape:
    """Return a shape without what a pointer over a layer says: the page's script knows that."""
    if isinstance(shape, Clipped):
        return shape._replace(shapes=tuple(_without_tip(one) for one in shape.shapes))
    if isinstance(shape, Rectangle | Symbol) and shape.layer is not None:
        return shape._replace(tip="")
    return shape
