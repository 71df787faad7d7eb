"""Very many variants as points, and those on the front."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from archprof import units
from archprof.draw.canvas import (
    Area,
    Canvas,
    LinearScale,
    LogScale,
    Scale,
    even_steps,
    horizontal_axis,
    log_scale,
    power,
    short,
    vertical_axis,
)
from archprof.draw.placed import Point
from archprof.draw.shapes import Label, Picture, Shape, Symbol
from archprof.draw.widths import text_width

MOST_TICKS = 6


class CloudAxis(NamedTuple):
    """A number of variants: what it is called, and whether it counts bytes."""

    name: str
    bytes: bool = False


class FrontPoint(NamedTuple):
    """A variant on the front; `tip` is what a pointer over it says."""

    x: float
    y: float
    tip: str


class Cloud(NamedTuple):
    """Variants by two of their numbers: some `points` of all `variants`, and the `front`, which
    no other beats.
    """

    name: str
    x: CloudAxis
    y: CloudAxis
    points: Sequence[Point]
    front: Sequence[FrontPoint]
    variants: int


def cloud_picture(cloud: Cloud, canvas: Canvas) -> Picture:
    """Return a dot for each point, and a diamond for each variant of the front.

    Axes are logarithmic where all values are above 0.
    """
    text = canvas.text
    area = Area(
        text_width("100 MiB", text) + 8,
        2.4 * text,
        canvas.width - 1.2 * text,
        canvas.height - 5.2 * text,
    )
    every = [*cloud.points, *((one.x, one.y) for one in cloud.front)]
    scale_x = _scale([x for x, _ in every], area.left, area.right)
    scale_y = _scale([y for _, y in every], area.bottom, area.top)
    shapes: list[Shape] = []
    shapes += horizontal_axis(area, scale_x, _ticks(scale_x, cloud.x), _shown(cloud.x), text)
    shapes += vertical_axis(area, scale_y, _ticks(scale_y, cloud.y), _shown(cloud.y), text)
    middle = (area.left + area.right) / 2
    shapes.append(Label(middle, area.bottom + 2.7 * text, cloud.x.name, "mute", text, "middle"))
    shapes.append(Label(4, 1.2 * text, cloud.y.name, "mute", text, room=canvas.width - 8))
    dot = 0.14 * text
    shapes += [
        Symbol("circle", scale_x(x), scale_y(y), dot, "k-rest less") for x, y in cloud.points
    ]
    shapes += [
        Symbol("diamond", scale_x(one.x), scale_y(one.y), 0.36 * text, "k-linear", one.tip)
        for one in cloud.front
    ]
    shapes += _key(canvas)
    title = f"{cloud.name}: {cloud.y.name} against {cloud.x.name}"
    return Picture(canvas.width, canvas.height, tuple(shapes), title, _says(cloud))


def _key(canvas: Canvas) -> list[Shape]:
    """Return which form is which, at the foot of the picture."""
    text, y = canvas.text, canvas.height - 0.8 * canvas.text
    there = 4 + text_width("variants", text) + 3.6 * text
    return [
        Symbol("circle", 4 + 0.4 * text, y - 0.34 * text, 0.2 * text, "k-rest"),
        Label(4 + 1.2 * text, y, "variants", "mute", text),
        Symbol("diamond", there, y - 0.34 * text, 0.36 * text, "k-linear"),
        Label(there + 0.9 * text, y, "on the front", "mute", text),
    ]


def _scale(values: Sequence[float], start: float, stop: float) -> Scale:
    if values and min(values) > 0:
        return log_scale(values, start, stop, 1.15)
    low, high = min(values, default=0), max(values, default=1)
    room = 0.05 * (high - low) or 1
    return LinearScale(low - room, high + room, start, stop)


def _ticks(scale: Scale, axis: CloudAxis) -> list[float]:
    """Return round values on an axis; of bytes powers of 2."""
    if isinstance(scale, LogScale) and axis.bytes:
        first, last = math.ceil(math.log2(scale.low)), math.floor(math.log2(scale.high))
        return [2.0**power for power in range(first, last + 1, 1 + (last - first) // MOST_TICKS)]
    if isinstance(scale, LogScale):
        return scale.round_values()
    step = even_steps(scale.high - scale.low, base=1024 if axis.bytes else 10)[1]
    first = int(scale.low // step) + 1
    return [k * step for k in range(first, int(scale.high // step) + 1)]


def _shown(axis: CloudAxis) -> Callable[[float], str]:
    if axis.bytes:
        return lambda value: short(units.size(round(value)))
    return power


def _says(cloud: Cloud) -> str:
    said = f"{units.number_of(len(cloud.front), 'variant')} on the front"
    drawn, count = len(cloud.points), f"{cloud.variants:,}"
    if drawn < cloud.variants:
        return f"{drawn:,} of {count} variants, of those in one place one, and {said}."
    return f"{count} variants, and {said}."
