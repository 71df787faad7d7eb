"""Parameters, MACs and memory side by side, a row for each stage or layer, as lectures do."""

from __future__ import annotations

from typing import NamedTuple

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import Sum
from archprof.draw.canvas import Canvas
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke
from archprof.draw.stages import NetworkPart, layer_parts, stages
from archprof.draw.widths import text_width

MOST_ROWS = 200
QUANTITIES = (("params", "Parameters"), ("macs", "MACs"), ("output_bytes", "Memory of outputs"))
SHORT = {"output_bytes": "Memory"}
OF = {"params": "parameters", "macs": "MACs", "output_bytes": "memory of outputs"}


class _Row(NamedTuple):
    label: str
    what: str
    totals: tuple[Sum, ...]
    layer: int | None


def bars_picture(analysis: Analysis, canvas: Canvas, by: str = "stage") -> Picture:
    """Return three bars for each stage, or (`by` "layer") for each layer that computes.

    Of more than fit, the largest have rows, and one is for all others.
    """
    parts = layer_parts(analysis) if by == "layer" else stages(analysis)
    fits = int((canvas.height - 3 * canvas.text) / (1.6 * canvas.text))
    most = MOST_ROWS if canvas.text < 15 else max(4, fits)
    rows = _rows(analysis, parts, most)
    text = canvas.text
    height = 1.9 * text if len(rows) * 1.9 * text < canvas.height else 1.6 * text
    top = 2.2 * text
    widest = max((text_width(row.label, text) for row in rows), default=0)
    left = min(widest, 0.26 * canvas.width) + text
    column = (canvas.width - left - text * 0.4) / 3
    bottom = top + len(rows) * height
    shapes: list[Shape] = []
    for place, row in enumerate(rows):
        y = top + place * height + height / 2 + text * 0.35
        shapes.append(
            Label(left - text * 0.6, y, row.label, "text", text, "end", room=left - text * 0.7)
        )
    for k, (quantity, name) in enumerate(QUANTITIES):
        x = left + k * column
        title = name if text_width(name, text, bold=True) < column else SHORT.get(quantity, name)
        shapes.append(Label(x, 1.3 * text, title, "text", text, bold=True, room=column - 4))
        shapes += _column(rows, k, (x, top, column, height), text)
        shapes.append(Stroke(((x, top - 0.3 * text), (x, bottom)), "axis"))
    title = f"{analysis.graph.network.heading} by {by}"
    says = _says(analysis, rows)
    return Picture(canvas.width, bottom + text, tuple(shapes), title, says)


def _column(
    rows: list[_Row], k: int, place: tuple[float, float, float, float], text: float
) -> list[Shape]:
    x, top, width, height = place
    shown = [_shown(row.totals[k], QUANTITIES[k][0]) for row in rows]
    room = width - max(text_width(value, text * 0.96, bold=True) for value in shown) - text
    most = max(row.totals[k].known for row in rows)
    shapes: list[Shape] = []
    for number, (row, value) in enumerate(zip(rows, shown, strict=True)):
        known = row.totals[k].known
        largest = known == most and known > 0
        y = top + number * height
        length = room * known / most if most else 0.0
        if known:
            style = f"bar{k}" if largest else f"bar{k} less"
            tip = f"{row.label} {row.what}: {value}"
            tall = height * 0.74
            shapes.append(
                Rectangle(x, y + height * 0.13, max(1, length), tall, style, 0, tip, row.layer)
            )
        ink = "text" if largest else "mute"
        where = x + length + text * 0.4
        middle = y + height / 2 + text * 0.34
        if value:
            shapes.append(Label(where, middle, value, ink, text * 0.96, bold=largest))
    return shapes


def _rows(analysis: Analysis, parts: list[NetworkPart], most: int) -> list[_Row]:
    rows = [
        _Row(
            part.label,
            part.what,
            tuple(part.total(analysis, quantity) for quantity, _ in QUANTITIES),
            part.layers[0] if len(part.layers) == 1 else None,
        )
        for part in parts
    ]
    if len(rows) <= most:
        return rows
    columns = range(len(QUANTITIES))
    whole = [max(1, sum(row.totals[k].known for row in rows)) for k in columns]
    weights = [max(row.totals[k].known / whole[k] for k in columns) for row in rows]
    order = sorted(range(len(rows)), key=lambda place: -weights[place])
    kept = sorted(order[: most - 1])
    left = [rows[k] for k in sorted(order[most - 1 :])]
    sums = [
        Sum(sum(row.totals[k].known for row in left), all(row.totals[k].complete for row in left))
        for k in range(len(QUANTITIES))
    ]
    return [*(rows[k] for k in kept), _Row(f"{len(left)} others", "", tuple(sums), None)]


def _shown(total: Sum, quantity: str) -> str:
    if not total.known and total.complete:
        return ""
    if not total.known:
        return str(units.UNKNOWN)
    text = units.size(total.known) if quantity.endswith("bytes") else units.count(total.known)
    return str(text) if total.complete else str(units.at_least(text))


def _says(analysis: Analysis, rows: list[_Row]) -> str:
    """Return which row has most of each quantity."""
    found = []
    all_layers = NetworkPart("", "", tuple(range(len(analysis.layers))))
    for k, (quantity, _) in enumerate(QUANTITIES):
        # of all layers, also of those without a row because they have neither weights nor MACs
        whole = all_layers.total(analysis, quantity).known
        best = max(rows, key=lambda row: row.totals[k].known)
        if whole:
            share = units.share(best.totals[k].known, whole)
            found.append(f"{best.label} has {share} of the {OF[quantity]}")
    text = ", ".join(found) or "Nothing here has parameters, MACs or outputs"
    unknown = analysis.totals.unknown.cost
    return f"{text}; the MACs are a lower bound." if unknown else f"{text}."
