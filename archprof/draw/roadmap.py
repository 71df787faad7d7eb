"""A way from one network to another, step by step: accuracy as published, MACs as computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archprof import units
from archprof.draw.canvas import Canvas
from archprof.draw.shapes import Label, Picture, Rectangle, Shape, Stroke
from archprof.draw.widths import text_width


class ChangedNetwork(NamedTuple):
    """A step: what it changes, its MACs, the published accuracy in percent and GMACs as printed.

    `fate`: "yes" for a step that was kept, "no" for one only tried, "reference" for another
    network. `agrees`: the printed GMACs are those computed.
    """

    change: str
    macs: int
    top1: float
    printed: str
    fate: str
    agrees: bool


def roadmap_picture(steps: Sequence[ChangedNetwork], canvas: Canvas, title: str) -> Picture:
    """Return a row for each step: its accuracy, and its MACs beside those that are printed."""
    text = canvas.text
    height, top = 1.7 * text, 2.4 * text
    if canvas.height > 500 and len(steps) * height > canvas.height - 4 * text:
        height = (canvas.height - 5.4 * text) / len(steps)
        text = min(text, max(canvas.smallest, height / 1.25))
    left = min(max(text_width(s.change, text) for s in steps), 0.34 * canvas.width) + text
    column = (canvas.width - left - 0.5 * text) / 2  # each with its values behind the bars
    low = math.floor(min(step.top1 for step in steps)) - 1
    high = max(step.top1 for step in steps)
    most = max(step.macs for step in steps)
    room = column - text_width("00.00", text, bold=True) - text
    printed_room = column - text_width("00.00 (00.00)", text) - 1.4 * text
    head = f"Top-1 in %, from {low}"
    if text_width(head, text, bold=True) > column:
        head = f"Top-1 %, {low}+"
    shapes: list[Shape] = [
        Label(left, 1.3 * text, head, "text", text, bold=True, room=column),
        Label(left + column, 1.3 * text, "GMACs", "text", text, bold=True, room=column),
    ]
    for number, step in enumerate(steps):
        y = top + number * height
        middle = y + height / 2 + 0.35 * text
        kept = step.fate == "yes"
        ink, less = ("text", "") if kept else ("mute", " less")
        name = Label(left - 0.6 * text, middle, step.change, ink, text, "end")
        shapes.append(name._replace(room=left - 0.7 * text))
        long = room * (step.top1 - low) / (high - low)
        shapes.append(Rectangle(left, y + 2, long, height - 4, f"bar2{less}"))
        shown = f"{step.top1:.2f}"
        shapes.append(Label(left + long + 0.4 * text, middle, shown, ink, text, bold=kept))
        x, long = left + column, printed_room * step.macs / most
        shapes.append(Rectangle(x, y + 2, long, height - 4, f"bar1{less}"))
        digits = len(step.printed.partition(".")[2])
        shown = f"{step.macs / 1e9:.{digits}f}"
        printed = "" if step.agrees else f"({step.printed})"
        label = Label(x + long + 0.4 * text, middle, shown, ink, text, tail=printed)
        shapes.append(label._replace(tail_size=text))
    bottom = top + len(steps) * height
    for x in (left, left + column):
        shapes.append(Stroke(((x, top - 3), (x, bottom)), "axis"))
    foot = "accuracy is the paper's, in brackets what it prints; pale: only tried"
    at = bottom + 1.5 * text
    shapes.append(Label(4, at, foot, "mute", text, room=canvas.width - 8))
    return Picture(canvas.width, at + 0.7 * text, tuple(shapes), title, _says(steps))


def _says(steps: Sequence[ChangedNetwork]) -> str:
    kept = [step for step in steps if step.fate == "yes"]
    if len(kept) < 2:
        return units.number_of(len(steps), "step") + "."
    first, last = kept[0], kept[-1]
    gains = [(after.top1 - before.top1, after) for before, after in pairwise(kept)]
    gain, best = max(gains, key=lambda pair: pair[0])
    return (
        f"From {first.top1:.2f} to {last.top1:.2f} % top-1 in"
        f" {units.number_of(len(kept) - 1, 'step')}, and from {units.count(first.macs)} to"
        f" {units.count(last.macs)} MACs; {best.change} gains most, {gain:.2f}."
    )
