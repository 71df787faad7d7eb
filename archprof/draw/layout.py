"""A layout made for networks: each frame by itself, from top to bottom.

The longest path is a straight column; shorter branches stand beside it in the order in which they
are declared; a tensor that passes layers by runs on a rail of its own, one per source, short ones
inside. Frames are laid out from the inside out, so that opening a block moves only what is around
it. `web/src/layout.ts` is the same in the browser; golden files hold that both agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archprof.draw.columns import set_columns, set_rails, set_tracks, sort_ports
from archprof.draw.placed import OpenFrame, PlacedBox
from archprof.draw.ranks import (
    make_spots,
    one_width,
    read_outside,
    reads_outside,
    set_ranks,
    spread,
)
from archprof.draw.tree import Item, Net
from archprof.draw.wires import finish

Sizes = Callable[[Item], tuple[float, float]]
"""The width and the height of an item that is closed."""


def layout(net: Net, item: Item, sizes: Sizes) -> PlacedBox:
    """Return an item with all that is open inside in its place, `item` itself at (0, 0)."""
    if item.layer is not None or not item.opened:
        width, height = sizes(item)
        ins = spread(reads_outside(net, item), width)
        outs = spread(read_outside(net, item), width)
        return PlacedBox(item, width, height, ins, outs)
    box = _arranged(net, item, [layout(net, child, sizes) for child in item.one.children])
    if item.members:
        first, last = item.members[0], item.members[-1]
        for port in box.outs:
            port.source = last.layers[first.layers.index(port.source)]
    return box


def _arranged(net: Net, item: Item, boxes: list[PlacedBox]) -> PlacedBox:
    frame = OpenFrame(net, item, boxes)
    one_width(boxes)
    make_spots(frame)
    set_ranks(frame)
    set_tracks(frame)
    set_rails(frame)
    set_columns(frame)
    sort_ports(frame)
    return finish(frame)


def walk(box: PlacedBox, x: float = 0, y: float = 0) -> Iterator[tuple[PlacedBox, float, float]]:
    """Yield every box with its place in the whole picture, those outside first."""
    yield box, x, y
    for inner in box.boxes:
        yield from walk(inner, x + inner.x, y + inner.y)
