"""Measured time by layer, beside the least that the device's roofline allows."""

from __future__ import annotations

from collections.abc import Sequence

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.draw.canvas import Canvas, colour_key
from archprof.draw.roofline_chart import MeasuredLayer
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke
from archprof.draw.widths import text_width
from archprof.show.folding import describe

MOST_ROWS = 40
NARROW = 500  # below that a row is named by its path alone


def latency_picture(
    analysis: Analysis, canvas: Canvas, measured: Sequence[MeasuredLayer], device: str
) -> Picture:
    """Return a bar for each of the slowest layers, in order, with a line at its least time.

    All others share one row. `device` is what was measured, and how.
    """
    text = canvas.text
    fits = int((canvas.height - 4.6 * text) / (1.5 * text))
    narrow = canvas.width < NARROW
    most = MOST_ROWS if not narrow else MOST_ROWS // 2
    most = max(4, min(most, fits)) if text > 15 else most
    timed = [layer for layer in measured if layer.seconds > 0]
    slowest = sorted(timed, key=lambda layer: -layer.seconds)
    shown = set(slowest) if len(timed) <= most else set(slowest[: most - 1])
    rows = [(_name(analysis, layer, narrow), layer) for layer in timed if layer in shown]
    others = [layer for layer in timed if layer not in shown]
    if others:
        name = units.number_of(len(others), "other layer")
        rows.append((name, MeasuredLayer(-1, _total(others), _least(others))))
    height, top = 1.55 * text, 2.6 * text
    values = [_value(layer) for _, layer in rows]
    widest = max((text_width(name, text) for name, _ in rows), default=0)
    left = min(widest, 0.34 * canvas.width) + 0.8 * text
    aside = max((text_width(value, text) for value in values), default=0) + 1.4 * text
    longest = max((layer.seconds for _, layer in rows), default=0) or 1
    room = max(canvas.width - left - aside, 1)
    shapes: list[Shape] = [Label(4, 1.2 * text, device, "mute", text, room=canvas.width - 8)]
    for number, ((name, layer), value) in enumerate(zip(rows, values, strict=True)):
        y = top + number * height
        length = room * layer.seconds / longest
        tip, place = f"{name}: {value}", layer.layer if layer.layer >= 0 else None
        middle = y + height / 2 + 0.35 * text
        shapes.append(
            Label(left - 0.5 * text, middle, name, "text", text, "end", room=left - 0.6 * text)
        )
        bar = Rectangle(left, y + 2, max(1, length), height - 4, "bar1 less", 0, tip, place)
        shapes.append(bar)
        if layer.least:
            inside = room * min(layer.least, layer.seconds) / longest
            shapes.append(Rectangle(left, y + 2, max(0.5, inside), height - 4, "bar1"))
        shapes.append(Label(left + length + 0.4 * text, middle, value, "mute", text))
    bottom = top + len(rows) * height
    shapes.append(Stroke(((left, top - 2), (left, bottom)), "axis"))
    if any(layer.least for layer in timed):
        key = [("bar1", "least by the roofline"), ("bar1 less", "measured beyond it")]
        shapes += colour_key(key, 4, bottom + 1.6 * text, text)
    title = f"Latency of {analysis.graph.network.heading} by layer"
    says = _says(analysis, timed, device)
    return Picture(canvas.width, bottom + 2.4 * text, tuple(shapes), title, says)


def _name(analysis: Analysis, layer: MeasuredLayer, narrow: bool) -> str:
    row = analysis.layers[layer.layer]
    if narrow:
        return row.node.path
    return f"{row.node.path} ({describe(row)})"


def _total(layers: Sequence[MeasuredLayer]) -> float:
    return sum(layer.seconds for layer in layers)


def _least(layers: Sequence[MeasuredLayer]) -> float | None:
    """Return the least time of layers together, None where that of one is unknown."""
    known = [layer.least for layer in layers if layer.least is not None]
    return sum(known) if len(known) == len(layers) else None


def _value(layer: MeasuredLayer) -> str:
    text = str(units.duration(1e3 * layer.seconds))
    if not layer.least:
        return text
    return f"{text}, {layer.least / layer.seconds:.0%}"


def _says(analysis: Analysis, timed: Sequence[MeasuredLayer], device: str) -> str:
    if not timed:
        return "No layer was measured."
    total = _total(timed)
    slowest = max(timed, key=lambda layer: layer.seconds)
    path = analysis.graph.nodes[slowest.layer].path
    text = (
        f"On {device}, the layers take {units.duration(1e3 * total)};"
        f" {path} takes most, {slowest.seconds / total:.0%}"
    )
    least = _least(timed)
    if least is None:
        return f"{text}. Of some layers the roofline is unknown."
    return f"{text}. The roofline allows {units.duration(1e3 * least)}, {least / total:.0%} of it."
