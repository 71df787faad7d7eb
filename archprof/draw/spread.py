"""How far the runs of a measurement are apart."""

from __future__ import annotations

from collections.abc import Sequence

from archprof import units
from archprof.draw.canvas import Canvas, LinearScale
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke, Symbol
from archprof.draw.widths import text_width


def spread_picture(name: str, marks: Sequence[tuple[str, float]], canvas: Canvas) -> Picture:
    """Return latencies in milliseconds on one axis from 0, each with its name, ascending."""
    text = canvas.text
    most = max(value for _, value in marks) or 1.0
    x = LinearScale(0, most, 2 * text, canvas.width - 9 * text)
    y = 3 * text
    first, last = marks[0][1], marks[-1][1]
    shapes: list[Shape] = [
        Stroke(((x(0), y), (canvas.width - text, y)), "axis"),
        Rectangle(x(first), y - 0.5 * text, max(1, x(last) - x(first)), text, "bar1 less"),
        Label(x(0), y + 1.7 * text, "0", "mute", text, "middle"),
    ]
    free = -1.0
    for called, value in sorted(marks, key=lambda mark: mark[0] != "median"):
        style = "dot" if called == "median" else "k-conv"
        shapes.append(Symbol("circle", x(value), y, 0.4 * text, style, f"{called}: {value:.3g} ms"))
        said = f"{called} {units.duration(value)}"
        if called == "median":
            shapes.append(Label(x(value), y - text, said, "text", text, "middle", bold=True))
        elif x(value) > free:
            shapes.append(Label(x(value), y + 1.7 * text, said, "mute", text))
            free = x(value) + text_width(said, text) + text
    title = f"Latency of {name}"
    says = ", ".join(f"{called} {units.duration(value)}" for called, value in marks)
    return Picture(canvas.width, 5.4 * text, tuple(shapes), title, f"{title}: {says}.")
