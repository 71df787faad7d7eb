"""A layout as one short text: what Python and the browser are compared by."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

from archprof.draw.layout import layout, walk
from archprof.draw.placed import PlacedBox
from archprof.draw.tree import Item, Net, Wired
from archprof.draw.widths import whole_width

DIGITS = 16  # of the hash


def plain_sizes(item: Item) -> tuple[float, float]:
    """Return sizes that depend on the name alone, as the comparison has them."""
    return 120 + whole_width(item.name, 12, bold=True), 26 if item.layer is not None else 46


def fingerprint(net: Net) -> str:
    """Return the hash of every coordinate of a network's layout, as it stands open."""
    text = "\n".join(records(layout(net, net.root, plain_sizes)))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def records(root: PlacedBox) -> Iterator[str]:
    """Yield a line for each box, then one for each wire in it, in thousandths of a unit.

    A box: id, x, y, width, height. A wire: source, whether it passes others by, and its corners.
    """
    for box, x, y in walk(root):
        sides = (_thousandths(v) for v in (x, y, box.width, box.height))
        yield " ".join([box.item.id, *sides])
        for wire in box.wires:
            corners = (_thousandths(v) for px, py in wire.points for v in (px + x, py + y))
            yield " ".join([str(wire.source), str(int(wire.skip)), *corners])


def _thousandths(value: float) -> str:
    return str(math.floor(value * 1000 + 0.5))


def as_json(name: str, layers: list[Wired], blocks: dict[str, str]) -> dict[str, Any]:
    """Return what `tree.net` makes a tree of, for the browser."""
    rows = [[w.path, w.alike, w.inputs, w.macs, int(w.drawn)] for w in layers]
    return {"name": name, "layers": rows, "blocks": blocks}
