"""Depth against the receptive field: how far the units of each layer see."""

from __future__ import annotations

from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Axis, Field, rank
from archprof.draw.canvas import (
    Area,
    Canvas,
    LinearScale,
    even_steps,
    kind_legend,
    legend_height,
    vertical_axis,
)
from archprof.draw.kinds import FORMS, kind, kinds
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.stages import stages
from archprof.draw.widths import text_width


class _Reach(NamedTuple):
    """A layer of the main path with what its units see, in pixels; `whole`: everything."""

    layer: int
    pixels: int
    whole: bool


def depth_picture(analysis: Analysis, canvas: Canvas) -> Picture:
    """Return a mark for each layer: its place in order, and its receptive field's larger side."""
    graph, text = analysis.graph, canvas.text
    sides = list(graph.input[1:]) if rank(graph) else []
    found = _reaches(analysis, max(sides, default=0))
    names = kinds(graph.nodes[reach.layer] for reach in found)
    legend = legend_height(names, canvas.width - 2 * text, text)
    most = max([*sides, *(reach.pixels for reach in found), 1])
    left = text_width(f"{1.06 * most:,.0f}", text) + 10
    area = Area(left, 2.2 * text, canvas.width - text, canvas.height - 3.4 * text - legend)
    x = LinearScale(0, max(1, len(graph.nodes)), area.left, area.right)
    y = LinearScale(0, most * 1.06, area.bottom, area.top)
    shapes: list[Shape] = []
    for number, part in enumerate(stages(analysis)):
        start, width = x(part.layers[0]), x(part.layers[-1] + 1) - x(part.layers[0])
        if number % 2 == 0:
            shapes.append(Rectangle(start, area.top, width, area.height, "band"))
        if width > text_width(part.label, text) + 4:
            middle, below = start + width / 2, area.bottom + 1.3 * text
            shapes.append(Label(middle, below, part.label, "mute", text, "middle"))
    shapes += vertical_axis(area, y, even_steps(y.high), lambda v: f"{v:,.0f}", text)
    shapes.append(Label(4, 1.2 * text, "field in pixels", "mute", text))
    if sides:
        shapes += _image_line(area, y(max(sides)), max(sides), text)
    local = [reach for reach in found if not reach.whole]
    if len(local) > 1:
        points = tuple((x(reach.layer + 0.5), y(reach.pixels)) for reach in local)
        shapes.append(Stroke(points, "trace"))
    seen = set()
    for reach in found:
        node = graph.nodes[reach.layer]
        name, at = kind(node), (x(reach.layer + 0.5), y(reach.pixels))
        spot = name, reach.whole, round(at[0] / 2), round(at[1] / 2)
        if spot in seen:
            continue
        seen.add(spot)
        sees = "everything" if reach.whole else units.number_of(reach.pixels, "pixel")
        style = f"hollow ring-{name}" if reach.whole else f"k-{name}"
        tip = f"{node.path} sees {sees}"
        shapes.append(Symbol(FORMS[name], *at, text * 0.3, style, tip, reach.layer))
    along = "layers in order; hollow: sees everything"
    shapes.append(
        Label((left + area.right) / 2, area.bottom + 2.6 * text, along, "mute", text, "middle")
    )
    shapes += kind_legend(names, text, area.bottom + 4.2 * text, canvas.width - 2 * text, text)
    title = f"Receptive fields of {graph.network.heading}"
    says = _says(analysis, found, max(sides, default=0))
    return Picture(canvas.width, canvas.height, tuple(shapes), title, says)


def _image_line(area: Area, y: float, side: int, text: float) -> list[Shape]:
    return [
        Stroke(((area.left, y), (area.right, y)), "peak"),
        Label(area.left + 6, y - 0.4 * text, f"the image, {side} pixels", "mute", text),
    ]


def _reaches(analysis: Analysis, side: int) -> list[_Reach]:
    found = []
    for i in analysis.graph.main:
        axes = analysis.sights[i].axes
        pixels = max(_pixels(axis, side) for axis in axes)
        if pixels:
            found.append(_Reach(i, pixels, "whole" in axes))
    return found


def _pixels(axis: Axis, side: int) -> int:
    """Return how wide a field is; 0 where it is unknown or nothing, which have no mark."""
    if isinstance(axis, Field):
        return axis.size
    return side if axis == "whole" else 0


def _says(analysis: Analysis, found: list[_Reach], side: int) -> str:
    local = [reach for reach in found if not reach.whole]
    if not local:
        return "No layer has a receptive field that is less than everything."
    largest = max(local, key=lambda reach: reach.pixels)
    path = analysis.graph.nodes[largest.layer].path
    text = f"The largest field is {units.number_of(largest.pixels, 'pixel')} wide, of {path}"
    past = next((reach for reach in local if side and reach.pixels >= side), None)
    if past is None:
        return f"{text}."
    first = analysis.graph.nodes[past.layer].path
    return f"{text}; from {first} on a unit's field is as wide as the image of {side}."
