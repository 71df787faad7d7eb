"""The first step of a layout: the boxes of a frame as spots, what leads where, and their ranks."""

from __future__ import annotations

import math

from archprof.draw.placed import RAIL, Edge, OpenFrame, PlacedBox, Port, Spot
from archprof.draw.tree import Item, Net

LAST = 1e9  # in the order: behind every box


def reads_outside(net: Net, item: Item) -> list[int]:
    """Return the layers outside of an item, or -1, whose tensors it reads."""
    inside = set(item.layers)
    found = {source for i in item.layers for source in net.layers[i].inputs}
    return sorted(found - inside)


def read_outside(net: Net, item: Item) -> list[int]:
    """Return the layers of an item that others read, or nobody: those are the network's outputs."""
    inside = set(item.layers)
    return [
        i
        for i in item.layers
        if not net.uses[i] or any(reader not in inside for reader in net.uses[i])
    ]


def spread(sources: list[int], width: float) -> list[Port]:
    """Return a port for each source, side by side in the middle of a box."""
    count = len(sources)
    step = min(RAIL, (width - 16) / max(1, count - 1))
    return [Port(s, width / 2 + (k - (count - 1) / 2) * step) for k, s in enumerate(sources)]


def one_width(boxes: list[PlacedBox]) -> None:
    """Make the closed boxes of a frame as wide as the widest: a column, not a ragged edge."""
    closed = [box for box in boxes if not box.boxes]
    widest = max((box.width for box in closed), default=0)
    for box in closed:
        for port in box.ins + box.outs:
            port.x += (widest - box.width) / 2
        box.width = widest


def make_spots(frame: OpenFrame) -> None:
    """Give a frame its spots (what comes in, the boxes, what goes out) and the edges between."""
    net, item = frame.net, frame.item
    entries = [-1] if frame.is_root else reads_outside(net, item.one)
    owner: dict[int, Spot] = {}
    sources = {source: _spot(frame, None, source, False, -1) for source in entries}
    for place, box in enumerate(frame.boxes):
        spot = _spot(frame, box, None, False, place)
        spot.weight = 1 + math.log10(1 + box.item.macs) / 100
        owner.update(dict.fromkeys(box.item.layers, spot))
    for box in frame.boxes:
        reader = owner[box.item.first]
        for port in box.ins:
            start = owner.get(port.source) or sources.get(port.source)
            if start is not None:
                _join(frame, start, reader, port.source)
    if frame.is_root:
        return
    for source in read_outside(net, item.one):
        if source in owner and net.uses[source]:
            _join(frame, owner[source], _spot(frame, None, source, True, LAST), source)


def _spot(
    frame: OpenFrame, box: PlacedBox | None, port: int | None, end: bool, order: float
) -> Spot:
    spot = Spot(len(frame.spots), box, port, end)
    spot.order = order
    frame.spots.append(spot)
    return spot


def _join(frame: OpenFrame, start: Spot, stop: Spot, source: int) -> None:
    edge = Edge(start, stop, source)
    if start is stop or edge in frame.edges:
        return
    frame.edges[edge] = None
    if not edge.backward:
        start.outs.append(edge)
        stop.ins.append(edge)


def set_ranks(frame: OpenFrame) -> None:
    """Set the rank of each spot: the longest way to it.

    What nothing feeds stands just above its first reader. The ends come last.
    """
    order = sorted(frame.spots, key=lambda spot: spot.order)
    backward = any(edge.backward for edge in frame.edges)
    base = 1 if backward or any(spot.starts for spot in order) else 0
    for spot in order:
        if not spot.starts:
            spot.rank = max([base, *(edge.start.rank + 1 for edge in spot.ins)])
    for spot in order:
        if not spot.ins and spot.outs and spot.box:
            spot.rank = max(spot.rank, min(edge.stop.rank for edge in spot.outs) - 1)
    top = max([0, *(spot.rank for spot in order if not spot.end)])
    for spot in order:
        if spot.end:
            spot.rank = top + 1
    frame.ranks = max([0, *(spot.rank for spot in order)]) + 1
