"""Networks as points: what they cost, and how good they are where that is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archprof import units
from archprof.draw.canvas import (
    Area,
    Canvas,
    LinearScale,
    LogScale,
    Scale,
    broken,
    even_steps,
    horizontal_axis,
    log_scale,
    power,
    short,
    vertical_axis,
)
from archprof.draw.kinds import FORMS
from archprof.draw.palette import KINDS
from archprof.draw.shapes import Label, Picture, Shape, Symbol
from archprof.draw.widths import text_width


class Candidate(NamedTuple):
    """A network as a point. `top1` is in percent, `source` says who published it.

    `latency` is in seconds, as measured. None: not published, not measured.
    """

    name: str
    family: str
    params: int
    macs: int
    memory: int
    latency: float | None = None
    top1: float | None = None
    source: str = ""


AXES = {
    "macs": "MACs",
    "params": "parameters",
    "memory": "peak memory in inference",
    "latency": "measured latency",
    "accuracy": "published top-1 accuracy in percent",
}
NAMED = 4  # of the networks that are left out
EXTREME = {"accuracy": ("lowest", "highest"), "latency": ("lowest", "highest")}
SPOKEN = {**AXES, "accuracy": "published top-1 accuracy"}


def value(candidate: Candidate, axis: str) -> float | None:
    """Return where a network stands on an axis, None where that is not known."""
    return candidate.top1 if axis == "accuracy" else getattr(candidate, axis)


def scatter_picture(
    candidates: Sequence[Candidate], canvas: Canvas, x: str, y: str, name: str = "Networks"
) -> Picture:
    """Return a point for each network that has both values; the others are named in a note.

    Axes are logarithmic, but that of accuracy.
    """
    points = [(c, a, b) for c in candidates if (a := value(c, x)) and (b := value(c, y))]
    left_out = [c.name for c in candidates if not (value(c, x) and value(c, y))]
    text = canvas.text
    left = text_width("100 MiB", text) + 8
    families = list(dict.fromkeys(c.family for c, _, _ in points))
    several = families if len(families) > 1 else []
    key = _family_key(several, text, 0, canvas.width - 2 * text, text)
    lines = max((shape.y for shape in key if isinstance(shape, Label)), default=-1.4 * text)
    note = _note(candidates, x, y, left_out)
    notes = broken(note, text, canvas.width - 8, 2) if note else []
    bottom = canvas.height - (4.8 + 1.35 * len(notes)) * text - lines
    area = Area(left, 2.4 * text, canvas.width - 1.2 * text, bottom)
    scale_x = _scale([a for _, a, _ in points], x, area.left, area.right)
    scale_y = _scale([b for _, _, b in points], y, area.bottom, area.top)
    shapes: list[Shape] = []
    shapes += horizontal_axis(area, scale_x, _ticks(scale_x), lambda v: _shown(v, x), text)
    shapes += vertical_axis(area, scale_y, _ticks(scale_y), lambda v: _shown(v, y), text)
    middle, below = (area.left + area.right) / 2, area.bottom + 2.7 * text
    shapes.append(Label(middle, below, AXES[x], "mute", text, "middle"))
    shapes.append(Label(4, 1.2 * text, AXES[y], "mute", text, room=canvas.width - 8))
    shapes += _family_key(several, text, below + 1.7 * text, canvas.width - 2 * text, text)
    places = [(c, scale_x(a), scale_y(b)) for c, a, b in points]
    for candidate, px, py in places:
        look = KINDS[families.index(candidate.family) % len(KINDS)]
        tip = f"{candidate.name}: {_figures(candidate)}"
        shapes.append(Symbol(FORMS[look], px, py, text * 0.42, f"k-{look}", tip))
    shapes += _names(places, area, text)
    for number, line in enumerate(reversed(notes)):
        foot = canvas.height - (0.6 + 1.35 * number) * text
        shapes.append(Label(4, foot, line, "mute", text, room=canvas.width - 8))
    title = f"{name}: {SPOKEN[y]} against {SPOKEN[x]}"
    says = _says(points, x, y)
    if note:
        says += f" {note[0].upper()}{note[1:]}."
    return Picture(canvas.width, canvas.height, tuple(shapes), title, says)


def _family_key(
    families: Sequence[str], x: float, y: float, width: float, text: float
) -> list[Shape]:
    """Return which form stands for which family, in as many lines as are needed."""
    shapes: list[Shape] = []
    at = x
    for number, family in enumerate(families):
        look = KINDS[number % len(KINDS)]
        wide = text_width(family, text) + 2.4 * text
        if at > x and at + wide > x + width:
            at, y = x, y + 1.4 * text
        shapes.append(
            Symbol(FORMS[look], at + 0.5 * text, y - 0.36 * text, 0.36 * text, f"k-{look}")
        )
        shapes.append(Label(at + 1.2 * text, y, family, "mute", text, room=width))
        at += wide
    return shapes


def _scale(values: Sequence[float], axis: str, start: float, stop: float) -> Scale:
    if axis != "accuracy":
        return log_scale(values or [1.0], start, stop, 1.3)
    low, high = min(values, default=0), max(values, default=100)
    room = max(0.5, 0.08 * (high - low))
    return LinearScale(low - room, high + room, start, stop)


def _ticks(scale: Scale) -> list[float]:
    if isinstance(scale, LogScale):
        return scale.round_values()
    step = even_steps(scale.high - scale.low)[1]
    first = int(scale.low / step) + 1
    return [k * step for k in range(first, int(scale.high / step) + 1)]


def _shown(number: float, axis: str) -> str:
    if axis == "accuracy":
        return f"{number:g}"
    if axis == "memory":
        return short(units.size(round(number)))
    if axis == "latency":
        return short(units.duration(1e3 * number))
    return power(number)


def _figures(candidate: Candidate) -> str:
    text = f"{units.count(candidate.params)} parameters, {units.count(candidate.macs)} MACs"
    if candidate.latency is not None:
        text += f", {units.duration(1e3 * candidate.latency)}"
    if candidate.top1 is not None:
        text += f", {candidate.top1:g} % ({candidate.source})"
    return text


def _names(
    places: Sequence[tuple[Candidate, float, float]], area: Area, text: float
) -> list[Shape]:
    """Return a name beside each point where there is room for it, right, left, above or below."""
    size, gap = text * 0.96, text * 0.7
    taken = [(x - gap / 2, y - gap / 2, x + gap / 2, y + gap / 2) for _, x, y in places]
    shapes: list[Shape] = []
    for candidate, x, y in places:
        wide = text_width(candidate.name, size)
        spots = (
            (x + gap, y + size * 0.35),
            (x - gap - wide, y + size * 0.35),
            (x - wide / 2, y - gap),
            (x - wide / 2, y + gap + size * 0.7),
        )
        for left, base in spots:
            box = left, base - size * 0.8, left + wide, base + size * 0.2
            inside = box[0] >= area.left - 20 and box[2] <= area.right + text and box[1] >= 0
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                shapes.append(Label(left, base, candidate.name, "text", size))
                break
    return shapes


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart


def _note(candidates: Sequence[Candidate], x: str, y: str, left_out: list[str]) -> str:
    parts = []
    if "accuracy" in (x, y):
        sources = sorted({c.source for c in candidates if c.top1 is not None})
        if sources:
            parts.append(f"accuracy: {', '.join(sources)}")
    if left_out:
        parts.append(f"not shown, as a figure is unknown: {units.some(left_out, NAMED)}")
    return "; ".join(parts)


def _says(points: Sequence[tuple[Candidate, float, float]], x: str, y: str) -> str:
    if not points:
        return "No network has both figures."
    low = min(points, key=lambda point: point[1])[0].name
    high = max(points, key=lambda point: point[2])[0].name
    count = units.number_of(len(points), "network")
    least, most = EXTREME.get(x, ("least", "most"))[0], EXTREME.get(y, ("least", "most"))[1]
    return f"{count}: {low} has the {least} {SPOKEN[x]}, {high} the {most} {SPOKEN[y]}."
