"""Networks side by side, stage by stage: bars on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archprof import units
from archprof.draw.canvas import Canvas
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke
from archprof.draw.widths import text_width

STYLES = ("vs0", "vs1", "bar2", "bar0")


class StageCost(NamedTuple):
    """What a network spends at a stage; `macs` are a lower bound unless `complete`."""

    params: int
    macs: int
    complete: bool = True


Stages = Mapping[str, StageCost]


def versus_picture(
    networks: Sequence[tuple[str, Stages]], labels: Sequence[str], canvas: Canvas
) -> Picture:
    """Return for each stage a bar of each network, of parameters and of MACs.

    `labels` are the stages in order, such as resolutions; a network need not have all of them.
    """
    text = canvas.text
    tall = 1.3 * text
    row = len(networks) * tall + 0.8 * text
    left = max((text_width(label, text) for label in labels), default=0) + 1.2 * text
    column = (canvas.width - left - 0.4 * text) / 2
    top = 3.8 * text
    shapes: list[Shape] = _key([name for name, _ in networks], text, canvas.width)
    for number, label in enumerate(labels):
        y = top + number * row + (len(networks) * tall) / 2 + 0.35 * text
        shapes.append(Label(left - 0.6 * text, y, label, "text", text, "end"))
    for place, (name, title) in enumerate((("params", "Parameters"), ("macs", "MACs"))):
        x = left + place * column
        shapes.append(Label(x, 3.1 * text, title, "text", text, bold=True))
        room = column - text_width("≥ 00.0 M", text) - text
        most = max((getattr(c, name) for _, s in networks for c in s.values()), default=0)
        for number, label in enumerate(labels):
            for which, (network, stages) in enumerate(networks):
                y = top + number * row + which * tall
                cost = stages.get(label)
                value = 0 if cost is None else getattr(cost, name)
                long = room * value / most if most else 0
                shown = _shown(cost, name)
                style = STYLES[which % len(STYLES)]
                tip = f"{network}, {label}: {shown}"
                if value:
                    shapes.append(Rectangle(x, y, max(1, long), tall - 2, style, 0, tip))
                at = x + long + 0.4 * text
                shapes.append(Label(at, y + tall - 0.4 * text, shown, "mute", text))
        bottom = top + len(labels) * row
        shapes.append(Stroke(((x, top - 3), (x, bottom)), "axis"))
    title = " and ".join(name for name, _ in networks)
    height = top + len(labels) * row + 0.5 * text
    return Picture(canvas.width, height, tuple(shapes), title, _says(networks))


def _key(names: Sequence[str], text: float, width: float) -> list[Shape]:
    shapes: list[Shape] = []
    x = 4.0
    for which, name in enumerate(names):
        side = 0.75 * text
        shapes.append(Rectangle(x, 1.3 * text - side, side, side, STYLES[which % len(STYLES)]))
        room = max(0.0, width - x - 1.1 * text)
        shapes.append(Label(x + 1.1 * text, 1.3 * text, name, "text", text, room=room))
        x += text_width(name, text) + 2.6 * text
    return shapes


def _shown(cost: StageCost | None, name: str) -> str:
    if cost is None:
        return "-"
    text = units.count(getattr(cost, name))
    return str(text) if cost.complete or name == "params" else str(units.at_least(text))


def _says(networks: Sequence[tuple[str, Stages]]) -> str:
    """Return how the totals of the first relate to those of the others."""
    (first, ours), *others = networks
    parts = []
    for name, theirs in others:
        ratios = []
        for quantity, called in (("params", "parameters"), ("macs", "MACs")):
            mine = sum(getattr(cost, quantity) for cost in ours.values())
            base = sum(getattr(cost, quantity) for cost in theirs.values())
            complete = all(cost.complete for cost in (*ours.values(), *theirs.values()))
            if base and (complete or quantity == "params"):
                ratios.append(f"{units.ratio(mine, base)} times the {called}")
        parts.append(f"{first} has {' and '.join(ratios)} of {name}" if ratios else name)
    return f"{'; '.join(parts)}."
