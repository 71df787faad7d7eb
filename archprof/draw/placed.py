"""What a layout is made of: boxes with ports, wires between them, and what it works with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof.draw.tree import Item, Net

GAP = 14  # between columns
RAIL = 16  # between ports
HEAD = 20  # of a frame, for its title
PAD = 14  # left and right of what is in a frame
SLOT = 7  # between horizontal pieces of wires in one gap
RANK = 18  # the gap between ranks

Point = tuple[float, float]


class Port:
    """Where the tensor of layer `source` (-1 the input) crosses a box's edge, from its left."""

    __slots__ = ("source", "x")

    def __init__(self, source: int, x: float):
        self.source, self.x = source, x


class Wire(NamedTuple):
    """The line of one tensor to one reader, corner by corner, in its frame's coordinates.

    `skip`: it passes others by. `target` is the first layer of the reader, -2 the frame's edge.
    """

    source: int
    skip: bool
    target: int
    points: list[Point]


class PlacedBox:
    """An item with its place in the frame around it; with `boxes` in it where it is open."""

    __slots__ = ("boxes", "height", "ins", "item", "outs", "width", "wires", "x", "y")

    def __init__(self, item: Item, width: float, height: float, ins: list[Port], outs: list[Port]):
        self.item, self.width, self.height = item, width, height
        self.ins, self.outs = ins, outs
        self.boxes: list[PlacedBox] = []
        self.wires: list[Wire] = []
        self.x = self.y = 0.0


class Spot:
    """A box on its rank, or a `port` of the frame: a tensor comes in or (`end`) goes out."""

    __slots__ = (
        "box",
        "end",
        "height",
        "ins",
        "number",
        "order",
        "outs",
        "port",
        "rank",
        "track",
        "weight",
        "width",
        "x",
        "y",
    )

    def __init__(self, number: int, box: PlacedBox | None, port: int | None, end: bool):
        self.number, self.box, self.port, self.end = number, box, port, end
        self.order = 0.0
        self.rank = 0
        self.width = box.width if box else 2.0
        self.height = box.height if box else 0.0
        self.weight = 0.5
        self.x = self.y = 0.0
        self.ins: list[Edge] = []
        self.outs: list[Edge] = []
        self.track: Track

    @property
    def starts(self) -> bool:
        """Whether it is where a tensor comes into the frame."""
        return self.port is not None and not self.end

    def port_x(self, source: int, leaving: bool) -> float:
        """Return where a tensor leaves it, or arrives."""
        if self.box is None:
            return self.x + 1
        for port in self.box.outs if leaving else self.box.ins:
            if port.source == source:
                return self.x + port.x
        return self.x + self.width / 2


class Edge(NamedTuple):
    """A tensor from one spot to another of the same frame."""

    start: Spot
    stop: Spot
    source: int

    @property
    def key(self) -> tuple[int, int]:
        """What edges of one tensor have in common: they share a rail."""
        return self.start.number, self.source

    @property
    def backward(self) -> bool:
        """Whether it reads from below: blocks whose layers run in turns have such edges."""
        return self.stop.order <= self.start.order


class Track:
    """A chain of spots that stands in one column, over ranks `low` to `high`."""

    __slots__ = ("high", "low", "main", "spots", "width")

    def __init__(self, spots: list[Spot], low: int, high: int, main: bool):
        self.spots, self.low, self.high, self.main = spots, low, high, main
        self.width = max(spot.width for spot in spots)

    @property
    def left(self) -> float:
        """Where the column begins."""
        return min(spot.x for spot in self.spots)

    @property
    def right(self) -> float:
        """Where the column ends."""
        return max(spot.x + spot.width for spot in self.spots)


class Rail:
    """The vertical line of a tensor that passes others by, over ranks `low` to `high`."""

    __slots__ = ("high", "low", "x")

    def __init__(self, low: int):
        self.low = self.high = low
        self.x = 0.0


class OpenFrame:
    """What is laid out at a time: an open item, its boxes as spots, their ranks and columns."""

    def __init__(self, net: Net, item: Item, boxes: list[PlacedBox]):
        self.net, self.item, self.boxes = net, item, boxes
        self.spots: list[Spot] = []
        self.edges: dict[Edge, None] = {}  # in the order in which they are found
        self.ranks = 1
        self.tracks: list[Track] = []
        self.rails: dict[tuple[int, int], Rail] = {}
        self.passing: set[Edge] = set()  # those that take a rail
        self.left: list[float] = []
        self.right: list[float] = []

    @property
    def is_root(self) -> bool:
        """Whether it is the whole network."""
        return not self.item.id

    def in_order(self) -> Iterator[Edge]:
        """Yield the edges by their source, backward ones last."""
        for spot in self.spots:
            yield from spot.outs
        yield from (edge for edge in self.edges if edge.backward)

    def rail_of(self, edge: Edge) -> Rail | None:
        """Return the rail that an edge takes, None where it goes straight."""
        return self.rails[edge.key] if edge in self.passing else None
