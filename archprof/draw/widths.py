"""How wide a text is, without a font: the advances of Helvetica, with a reserve for its likes."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("widths.json")
"""In thousandths of the size, by weight, from the space to the tilde; and of a few others.

The browser reads the same file, so that boxes have one width everywhere.
"""


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
