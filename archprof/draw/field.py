"""The input image with what a unit of a layer sees of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Axis, Field
from archprof.draw import palette
from archprof.draw.canvas import Canvas, broken
from archprof.draw.placed import Point
from archprof.draw.shapes import (
    Clipped,
    Label,
    Photo,
    Picture,
    Rectangle,
    Shape,
    Stroke,
    Symbol,
)

CELLS = 64  # along the side of a drawn gradient, at most


class Sides(NamedTuple):
    """What a unit sees along both axes: first and last row, first and last column of pixels."""

    top: int
    bottom: int
    left: int
    right: int


class Influence(NamedTuple):
    """How much each pixel's gradient is, as a share of the largest, row by row; and in how much
    of the theoretical field the most of it lies.
    """

    rows: Sequence[Sequence[float]]
    note: str


def seen_by(analysis: Analysis, layer: int, unit: tuple[int, int]) -> Sides | None:
    """Return what a unit sees, in pixels that may lie beyond the image; None: no such interval."""
    found: list[int] = []
    for axis, place in zip(analysis.sights[layer].axes, unit, strict=True):
        span = _span(axis, place)
        if span is None:
            return None
        found += span
    return Sides(*found)


def _span(axis: Axis, place: int) -> tuple[int, int] | None:
    return axis.of(place) if isinstance(axis, Field) else None


def unit_grid(analysis: Analysis, layer: int) -> tuple[int, int]:
    """Return how many units a layer has along height and width; 1 where it has no such axis."""
    height, width = (
        axis.units if isinstance(axis, Field) else 1 for axis in analysis.sights[layer].axes
    )
    return height, width


def field_picture(
    analysis: Analysis,
    canvas: Canvas,
    layer: int,
    unit: tuple[int, int] | None = None,
    photo: tuple[bytes, str] | None = None,
    influence: Influence | None = None,
) -> Picture:
    """Return the image, or a drawing, with the theoretical receptive field of a unit on it.

    `unit`: row and column, the middle one where it is not given. `photo`: an image's bytes, and
    whether they are "png" or "jpeg". `influence`: the effective field. The network's input must
    have a height and a width.
    """
    height, width = analysis.graph.input[1:]
    grid = unit_grid(analysis, layer)
    row, column = unit if unit is not None else (grid[0] // 2, grid[1] // 2)
    sides = seen_by(analysis, layer, (row, column))
    whole = "whole" in analysis.sights[layer].axes
    text = canvas.text
    margin = _margin(sides, height, width)
    available = min(canvas.height - 4.6 * text, canvas.width - 2 * text)
    scale = available / (max(height, width) + 2 * margin)
    x0 = (canvas.width - width * scale) / 2
    y0 = 1.2 * text + margin * scale
    name = analysis.graph.nodes[layer].path
    picture = _On(x0, y0, scale, height, width)
    shapes: list[Shape] = [picture.image(photo)]
    if influence is not None:
        shapes += picture.influence(influence)
    elif sides is not None:
        shapes.append(picture.veil(sides))
    shapes.append(picture.border())
    if sides is not None:
        shapes += picture.field(sides)
    elif whole:
        shapes.append(Rectangle(x0, y0, width * scale, height * scale, "field"))
    said = _sentence(name, (row, column), grid, sides, (height, width), whole)
    note = influence.note if influence is not None else ""
    bottom = y0 + (height + margin) * scale + 1.4 * text
    middle, room = canvas.width / 2, canvas.width - text
    for words, style in ((said, "text"), (note, "mute")):
        for line in broken(words, text, room) if words else ():
            shapes.append(Label(middle, bottom, line, style, text, "middle", room=room))
            bottom += 1.35 * text
    title = f"What {name} of {analysis.graph.network.heading} sees"
    says = f"{said} {note}".strip()
    return Picture(canvas.width, bottom - 0.6 * text, tuple(shapes), title, says)


def _margin(sides: Sides | None, height: int, width: int) -> float:
    """Return how many pixels around the image are drawn: as far as the field reaches, within
    half of the image.
    """
    if sides is None:
        return 0.06 * max(height, width)
    beyond = max(-sides.top, -sides.left, sides.bottom + 1 - height, sides.right + 1 - width)
    return min(max(beyond + 4, 0.06 * width), 0.6 * max(height, width))


def _sentence(
    name: str,
    unit: tuple[int, int],
    grid: tuple[int, int],
    sides: Sides | None,
    image: tuple[int, int],
    whole: bool,
) -> str:
    if whole:
        return f"Every unit of {name} sees the whole image."
    if sides is None:
        return f"What a unit of {name} sees is not known."
    tall, wide = sides.bottom - sides.top + 1, sides.right - sides.left + 1
    text = f"Unit ({unit[0]}, {unit[1]}) of {grid[0]}x{grid[1]} of {name} sees {tall}x{wide} pixels"
    inside = sides.top >= 0 and sides.left >= 0
    inside = inside and sides.bottom < image[0] and sides.right < image[1]
    return f"{text}." if inside else f"{text}, padding among them."


class _On(NamedTuple):
    """The image's place, and how large a pixel is."""

    x: float
    y: float
    scale: float
    height: int
    width: int

    def image(self, photo: tuple[bytes, str] | None) -> Shape:
        size = self.width * self.scale, self.height * self.scale
        if photo is not None:
            return Photo(self.x, self.y, *size, photo[0], "png" if photo[1] == "png" else "jpeg")
        return Clipped(self.x, self.y, *size, tuple(_landscape(self.x, self.y, *size)))

    def border(self) -> Shape:
        size = self.width * self.scale, self.height * self.scale
        return Rectangle(self.x, self.y, *size, "border")

    def sides(self, sides: Sides) -> tuple[float, float, float, float]:
        """Return x, y, width and height of a field."""
        return (
            self.x + sides.left * self.scale,
            self.y + sides.top * self.scale,
            (sides.right - sides.left + 1) * self.scale,
            (sides.bottom - sides.top + 1) * self.scale,
        )

    def veil(self, sides: Sides) -> Shape:
        """Return what dims the image around a field."""
        x, y, width, height = self.sides(sides)
        right, bottom = self.x + self.width * self.scale, self.y + self.height * self.scale
        parts = (
            (self.x, self.y, right, y),
            (self.x, y + height, right, bottom),
            (self.x, max(y, self.y), x, min(y + height, bottom)),
            (x + width, max(y, self.y), right, min(y + height, bottom)),
        )
        drawn = tuple(
            Rectangle(left, top, r - left, b - top, "veil")
            for left, top, r, b in parts
            if r > left and b > top
        )
        return Clipped(self.x, self.y, right - self.x, bottom - self.y, drawn)

    def field(self, sides: Sides) -> Iterator[Shape]:
        """Yield the field, hatched where it lies on padding, and a dot in its middle."""
        x, y, width, height = self.sides(sides)
        right, bottom = self.x + self.width * self.scale, self.y + self.height * self.scale
        beyond = (
            (x, y, x + width, min(self.y, y + height)),
            (x, max(bottom, y), x + width, y + height),
            (x, max(y, self.y), min(self.x, x + width), min(y + height, bottom)),
            (max(right, x), max(y, self.y), x + width, min(y + height, bottom)),
        )
        for left, top, r, b in beyond:
            if r - left > 0.5 and b - top > 0.5:
                lines = tuple(_hatching(left, top, r, b))
                yield Clipped(left, top, r - left, b - top, lines)
        yield Rectangle(x, y, width, height, "field")
        yield Symbol("square", x + width / 2, y + height / 2, 4, "unit")

    def influence(self, found: Influence) -> Iterator[Shape]:
        """Yield a cell for each value that shows, more opaque for more gradient."""
        rows = len(found.rows)
        tall = self.height * self.scale / rows
        yield Rectangle(self.x, self.y, self.width * self.scale, self.height * self.scale, "veil")
        for number, row in enumerate(found.rows):
            wide = self.width * self.scale / len(row)
            for place, share in enumerate(row):
                step = palette.heat(share)
                if step:
                    x, y = self.x + place * wide, self.y + number * tall
                    yield Rectangle(x, y, wide + 0.2, tall + 0.2, f"glow{step}")


def _hatching(left: float, top: float, right: float, bottom: float) -> Iterator[Shape]:
    height = bottom - top
    at = left - height
    while at < right:
        yield Stroke(((at, bottom), (at + height, top)), "hatch")
        at += 6


def _landscape(x: float, y: float, width: float, height: float) -> Iterator[Shape]:
    """Yield a drawing of our own: hills, a tree, a dog, the sun."""

    def at(px: float, py: float) -> Point:
        return x + px / 224 * width, y + py / 224 * height

    unit = min(width, height) / 224
    yield Rectangle(x, y, width, height, "sky")
    yield Symbol("circle", *at(172, 48), 18 * unit, "sun")
    far = [(-10, 150), (20, 116), (50, 108), (96, 132), (140, 138), (190, 112), (234, 108)]
    near = [(-10, 178), (30, 156), (70, 150), (130, 168), (180, 172), (234, 152)]
    for hill, style in ((far, "far"), (near, "near")):
        outline = [at(*point) for point in [*hill, (234, 234), (-10, 234)]]
        yield Stroke(tuple(outline), style, closed=True)
    yield Stroke((at(74, 196), at(74, 132)), "trunk")
    for px, py, radius in ((74, 112, 27), (56, 126, 17), (92, 128, 16)):
        yield Symbol("circle", *at(px, py), radius * unit, "tree")
    dog = [
        (124, 192), (126, 178), (134, 173), (160, 172), (168, 168), (173, 157), (177, 164),
        (184, 167), (181, 174), (174, 182), (172, 194), (167, 194), (167, 184), (139, 184),
        (139, 194), (134, 194), (134, 181), (128, 185),
    ]  # fmt: skip
    yield Stroke(tuple(at(*point) for point in dog), "dog", closed=True)
