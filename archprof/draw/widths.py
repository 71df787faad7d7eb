"""How wide a text is, without a font: of each character the wider of Helvetica and DejaVu Sans."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

from archprof.draw.shapes import Label
from archprof.units import printable

TABLE = Path(__file__).with_name("widths.json")
"""In thousandths of the size, by weight, from the space to the tilde; and of a few others.

The browser reads the same file, so that boxes have one width everywhere.
"""

LONGEST = 300  # characters of a text
TAIL_GAP = 6  # between a label and its tail


@cache
def _advances(weight: str) -> tuple[dict[str, int], int, float]:
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    found = {chr(32 + k): width for k, width in enumerate(table[weight])}
    return {**found, **table["others"]}, table["rest"], table["reserve"]


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return an upper bound of a text's width, in the units of `size`."""
    advances, rest, reserve = _advances("bold" if bold else "regular")
    thousandths = sum(advances.get(character, rest) for character in text)
    return thousandths * size * reserve / 1000


def cut(text: str, size: float, room: float, bold: bool = False) -> str:
    """Return a text that is no wider than `room`: whole, or its start with an ellipsis."""
    if text_width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle] + "…", size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…" if low else ""


def whole_width(text: str, size: float, bold: bool = False) -> int:
    """Return `text_width` rounded up."""
    return math.ceil(text_width(text, size, bold))


def fitting(label: Label) -> tuple[str, str]:
    """Return the text of a label and its tail, printable and cut to its room."""
    text, tail = printable(label.text[:LONGEST]), printable(label.tail[:LONGEST])
    if label.room is None:
        return text, tail
    text = cut(text, label.size, label.room, label.bold)
    left = label.room - text_width(text, label.size, label.bold) - TAIL_GAP
    return text, cut(tail, label.tail_size, left) if left > 0 else ""
