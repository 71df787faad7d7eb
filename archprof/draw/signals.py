"""What depth does to gradients at initialisation: their size by layer, and how alike they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from archprof.analysis.signals import LayerSignal
from archprof.draw.canvas import (
    Area,
    Canvas,
    LinearScale,
    Scale,
    horizontal_axis,
    log_scale,
    power,
    vertical_axis,
)
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.widths import text_width
from archprof.graph.graph import Graph

STYLES = ("vs0", "vs1", "bar2", "bar0")
MARKED = 60
"""Layers of which each has a mark; of more the line alone is seen."""


class _Point(NamedTuple):
    """A value of a line at a place along it; `label` names the layer, or the lag."""

    along: float
    value: float
    label: str


class _Line(NamedTuple):
    """A network's line."""

    name: str
    points: tuple[_Point, ...]


def gradients_picture(
    networks: Sequence[tuple[Graph, Sequence[LayerSignal]]], of: str, canvas: Canvas
) -> Picture:
    """Return the size of gradients, or of activations, at each layer with weights.

    Of gradients the norm beside that of the last layer, of activations the root mean square beside
    that of the first, with a line for each network. A value of 0, or too large for its dtype, has
    no mark. `of` is gradients or activations.
    """
    lines = [_by_layer(graph, signals, of) for graph, signals in networks]
    text = canvas.text
    values = [point.value for line in lines for point in line.points]
    top, bottom = 3.8 * text, canvas.height - 3 * text
    y = log_scale(values or [1.0], bottom, top)
    left = max((text_width(power(value), text) for value in y.powers()), default=0) + 10
    area = Area(left, top, canvas.width - text, bottom)
    most = max((int(line.points[-1].along) for line in lines if line.points), default=1)
    x = LinearScale(0.5, most + 0.5, area.left, area.right)
    steps = sorted({1, *range(0, most + 1, max(1, most // 8))} - {0})
    shapes = _axes(area, x, [float(step) for step in steps], "layer with weights", text)
    shapes += vertical_axis(area, y, y.powers(), power, text)
    shapes += _lines(lines, x, y, text, canvas.width)
    what, beside = ("activations", "first") if of == "activations" else ("gradients", "last")
    heading = f"{what} at initialisation, the {beside} layer's = 1"
    shapes.append(Label(4, 2.9 * text, heading, "mute", text, room=canvas.width - 8))
    names = " and ".join(line.name for line in lines)
    says = " ".join(_change(line, of) for line in lines)
    title = f"{what.capitalize()} of {names} at initialisation"
    return Picture(canvas.width, canvas.height, tuple(shapes), title, says)


def _by_layer(graph: Graph, signals: Sequence[LayerSignal], of: str) -> _Line:
    layers = [signal for signal in signals if graph.nodes[signal.layer].facts.weights]
    values = [s.activation if of == "activations" else s.gradient for s in layers]
    start = 0 if of == "activations" else -1
    one = values[start] if values else 1.0
    points = tuple(
        _Point(place, value / one, graph.nodes[signal.layer].path)
        for place, (signal, value) in enumerate(zip(layers, values, strict=True), start=1)
        if value > 0 and one > 0 and math.isfinite(value)
    )
    return _Line(graph.network.heading, points)


def _change(line: _Line, of: str) -> str:
    """Return by how much a network's signals change from end to end."""
    if not line.points:
        return f"No gradient reaches a layer of {line.name}."
    start, end = line.points[0], line.points[-1]
    if of == "gradients":
        start, end = end, start
    change = end.value / start.value
    return f"{line.name}: at {end.label} {change:.2g} times what it is at {start.label}."


def shattering_picture(
    networks: Sequence[tuple[str, Sequence[float]]], points: int, canvas: Canvas
) -> Picture:
    """Return the autocorrelation of gradients along a line of `points` inputs, by lag.

    A band shows where 95 % of the values of white noise are.
    """
    lines = [
        _Line(
            name,
            tuple(_Point(lag, value, f"lag {lag}") for lag, value in enumerate(values)),
        )
        for name, values in networks
    ]
    text = canvas.text
    left = text_width("0.75", text) + 10
    area = Area(left, 3.8 * text, canvas.width - text, canvas.height - 3 * text)
    lowest = min((point.value for line in lines for point in line.points), default=0.0)
    last = max((len(line.points) for line in lines), default=1) - 1
    x = LinearScale(0, last, area.left, area.right)
    y = LinearScale(min(-0.25, lowest), 1, area.bottom, area.top)
    noise = 2 / points**0.5
    shapes: list[Shape] = [
        Rectangle(area.left, y(noise), area.width, y(-noise) - y(noise), "band"),
        *_axes(area, x, [float(lag) for lag in range(0, last + 1, 3)], "lag", text),
        *vertical_axis(area, y, [0, 0.25, 0.5, 0.75, 1], lambda value: f"{value:g}", text),
        *_lines(lines, x, y, text, canvas.width),
    ]
    heading = f"autocorrelation of the gradient at {points} inputs; band: white noise"
    shapes.append(Label(4, 2.9 * text, heading, "mute", text, room=canvas.width - 8))
    says = " ".join(
        f"{line.name}: {line.points[1].value:.2f} between neighbours, {_kind(line, noise)}."
        for line in lines
    )
    title = f"Gradients of {' and '.join(line.name for line in lines)} along a line of inputs"
    return Picture(canvas.width, canvas.height, tuple(shapes), title, says)


def _kind(line: _Line, noise: float) -> str:
    return "as of white noise" if abs(line.points[1].value) <= noise else "correlated"


def _axes(area: Area, x: Scale, ticks: Sequence[float], along: str, text: float) -> list[Shape]:
    shapes = horizontal_axis(area, x, ticks, lambda value: f"{value:g}", text)
    middle = (area.left + area.right) / 2
    shapes.append(Label(middle, area.bottom + 2.6 * text, along, "mute", text, "middle"))
    return shapes


def _lines(lines: Sequence[_Line], x: Scale, y: Scale, text: float, width: float) -> list[Shape]:
    """Return the networks' lines with their marks, and above them their names."""
    shapes: list[Shape] = []
    start = 4.0
    for which, line in enumerate(lines):
        style = STYLES[which % len(STYLES)]
        places = [(x(point.along), y(point.value)) for point in line.points]
        if len(places) > 1:
            shapes.append(Stroke(tuple(places), f"line{which % len(STYLES)}"))
        if len(places) <= MARKED:
            for (across, up), point in zip(places, line.points, strict=True):
                tip = f"{line.name}, {point.label}: {point.value:.3g}"
                shapes.append(Symbol("circle", across, up, text * 0.22, style, tip))
        side = 0.75 * text
        shapes.append(Rectangle(start, 1.3 * text - side, side, side, style))
        room = max(0.0, width - start - 1.1 * text)
        shapes.append(Label(start + 1.1 * text, 1.3 * text, line.name, "text", text, room=room))
        start += text_width(line.name, text) + 2.6 * text
    return shapes
