"""The sizes of pictures, and what their charts share: scales, ticks, grids and legends."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from archprof import units
from archprof.draw.kinds import FORMS, NAMES
from archprof.draw.shapes import Label, Rectangle, Shape, Stroke, Symbol
from archprof.draw.widths import text_width


class Canvas(NamedTuple):
    """How large a picture is, in CSS pixels, and its texts.

    None is smaller than `smallest`, in a graph, which has many, than `graph_text`.
    """

    width: float
    height: float
    text: float
    smallest: float
    graph_text: float = 11


CANVASES = {
    "page": Canvas(760, 430, 12.5, 11),
    # a column of a paper, 89 mm, with 7 points at least
    "column": Canvas(336, 250, 9.6, 9.34, 9.34),
    # a slide of 16:9 without its title, to be read from the last row
    "slide": Canvas(1200, 620, 20, 18, 13.4),
}


class Area(NamedTuple):
    """Where a chart's data is drawn."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


class LinearScale(NamedTuple):
    """From values to places along an axis, evenly."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.0
        return self.start + share * (self.stop - self.start)


class LogScale(NamedTuple):
    """From values above 0 to places along an axis, by their logarithms."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        span = math.log10(self.high / self.low)
        share = math.log10(max(value, self.low) / self.low) / span if span else 0.0
        return self.start + share * (self.stop - self.start)

    def powers(self) -> list[float]:
        """Return the powers of ten on the axis, at most about eight of them."""
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high))
        step = max(1, math.ceil((last - first) / 8))
        return [10.0**power for power in range(first, last + 1, step)]

    def round_values(self) -> list[float]:
        """Return 1, 2 and 5 times powers of ten where there are few of these on the axis."""
        powers = self.powers()
        if len(powers) > 2:
            return powers
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        every = [k * 10.0**power for power in range(first, last + 1) for k in (1, 2, 5)]
        return [value for value in every if self.low <= value <= self.high]


Scale = LinearScale | LogScale


def log_scale(values: Sequence[float], start: float, stop: float, room: float = 1.5) -> LogScale:
    """Return a scale on which all values (above 0) are, with some room on either side."""
    low, high = min(values) / room, max(values) * room
    if high / low < 10:
        middle = math.sqrt(low * high)
        low, high = middle / math.sqrt(10), middle * math.sqrt(10)
    return LogScale(low, high, start, stop)


def even_steps(highest: float, count: int = 4, base: int = 10) -> list[float]:
    """Return 0 and about so many round values up to the highest; of bytes base is 1024."""
    if highest <= 0:
        return [0.0]
    rough = highest / count
    unit = float(base) ** math.floor(math.log(rough, base)) if rough >= 1 else 1.0
    if rough < 1:
        unit = 10.0 ** math.floor(math.log10(rough))
    choices = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if base == 1024 else (1, 2, 5, 10)
    step = next((unit * c for c in choices if unit * c >= rough), unit * choices[-1])
    return [k * step for k in range(math.floor(highest / step + 1e-9) + 1)]


def vertical_axis(
    area: Area, scale: Scale, ticks: Sequence[float], shown: Callable[[float], str], text: float
) -> list[Shape]:
    """Return grid lines across the area, with their values left of it."""
    shapes: list[Shape] = []
    for value in ticks:
        y = scale(value)
        style = "axis" if value == 0 else "grid"
        shapes.append(Stroke(((area.left, y), (area.right, y)), style))
        shapes.append(Label(area.left - 6, y + text * 0.35, shown(value), "mute", text, "end"))
    return shapes


def horizontal_axis(
    area: Area, scale: Scale, ticks: Sequence[float], shown: Callable[[float], str], text: float
) -> list[Shape]:
    """Return grid lines down the area, with their values below it; none over its neighbour."""
    shapes: list[Shape] = []
    free = -math.inf
    for value in ticks:
        x = scale(value)
        shapes.append(Stroke(((x, area.top), (x, area.bottom)), "grid"))
        label = shown(value)
        half = text_width(label, text) / 2
        if x - half > free:
            middle = min(x, area.right + text - half)
            shapes.append(Label(middle, area.bottom + text * 1.35, label, "mute", text, "middle"))
            free = x + half + text / 2
    return shapes


def broken(text: str, size: float, room: float, most: int = 3) -> list[str]:
    """Return a text in lines that are no wider than `room`, at spaces; at most so many."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (text_width(longer, size) <= room or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def bounded_label(
    x: float, y: float, text: str, style: str, size: float, low: float, high: float
) -> Label:
    """Return a label with its middle at x, moved so that it stays between two sides."""
    half = text_width(text, size, bold=True) / 2
    middle = min(max(x, low + half), max(high - half, low + half))
    return Label(middle, y, text, style, size, "middle", bold=True, room=high - low)


def kind_legend(kinds: Sequence[str], x: float, y: float, width: float, text: float) -> list[Shape]:
    """Return what forms and colours stand for, from `y` downwards in as many lines as needed."""
    entries = [("k-" + name, FORMS[name], NAMES[name]) for name in kinds]
    shapes: list[Shape] = []
    at = x
    for style, form, name in entries:
        wide = text_width(name, text) + text * 2.4
        if at > x and at + wide > x + width:
            at, y = x, y + text * 1.5
        radius = text * 0.36
        shapes.append(Symbol(form, at + radius * 1.3, y - radius, radius, style))
        shapes.append(Label(at + text * 1.2, y, name, "mute", text))
        at += wide
    return shapes


def legend_height(kinds: Sequence[str], width: float, text: float) -> float:
    """Return the height of `kind_legend`."""
    lines = kind_legend(kinds, 0, 0, width, text)
    last = max((shape.y for shape in lines if isinstance(shape, Label)), default=0)
    return last + text * 1.2


def colour_key(entries: Sequence[tuple[str, str]], x: float, y: float, text: float) -> list[Shape]:
    """Return a line of styles with what they stand for."""
    shapes: list[Shape] = []
    for style, name in entries:
        side = text * 0.75
        shapes.append(Rectangle(x, y - side, side, side, style))
        shapes.append(Label(x + text * 1.1, y, name, "mute", text))
        x += text_width(name, text) + text * 2.3
    return shapes


def power(value: float) -> str:
    """Return a power of ten for an axis: 0.1, 1, 10 K."""
    if value < 1:
        return f"{value:g}"
    return short(units.count(round(value)))


def short(text: str) -> str:
    """Return a number without the zeros behind its point: 1 M for 1.00 M."""
    value, _, unit = text.partition(" ")
    if "." in value:
        value = value.rstrip("0").rstrip(".")
    return f"{value} {unit}".strip()
