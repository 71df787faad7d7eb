"""What a picture is made of. Every writer (SVG, TikZ) draws the same records.

Coordinates are CSS pixels, 96 to the inch, from the upper left corner downwards. A `style` names
an entry of `palette.STYLES`, or several with a space between, of which later ones win.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from archprof.draw.placed import Point


class Rectangle(NamedTuple):
    """A rectangle. `tip` is what a pointer over it says, `layer` the layer that it is of."""

    x: float
    y: float
    width: float
    height: float
    style: str
    radius: float = 0
    tip: str = ""
    layer: int | None = None


class Stroke(NamedTuple):
    """A line from point to point; corners are rounded by `radius`, `closed` makes it an area."""

    points: tuple[Point, ...]
    style: str
    radius: float = 0
    closed: bool = False
    tip: str = ""


Form = Literal["circle", "square", "diamond", "up", "down", "cross", "bar"]


class Symbol(NamedTuple):
    """A mark of a form around a point, `radius` from its middle to its edge."""

    form: Form
    x: float
    y: float
    radius: float
    style: str
    tip: str = ""
    layer: int | None = None


class Label(NamedTuple):
    """A text on one line, `y` its baseline; `room`: it is cut where it would be wider.

    `tail` follows it, less bold, in its own size.
    """

    x: float
    y: float
    text: str
    style: str
    size: float
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    room: float | None = None
    turned: bool = False  # by 90 degrees, to be read from below
    tail: str = ""
    tail_size: float = 0


class Photo(NamedTuple):
    """An image as the bytes of a PNG or a JPEG file."""

    x: float
    y: float
    width: float
    height: float
    content: bytes
    kind: Literal["png", "jpeg"]


class Clipped(NamedTuple):
    """Shapes of which only what lies within a rectangle is seen."""

    x: float
    y: float
    width: float
    height: float
    shapes: tuple[Shape, ...]


Shape = Rectangle | Stroke | Symbol | Label | Photo | Clipped


class Picture(NamedTuple):
    """Shapes on a canvas, and a sentence that says what they show."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str
    says: str
