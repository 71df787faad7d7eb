"""A tall graph broken into columns side by side, as a slide needs it: cut only where nothing but
the trunk passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archprof.draw.placed import PlacedBox, Point
from archprof.draw.shapes import Label, Rectangle, Shape, Stroke, Symbol

GUTTER = 36  # between columns, in whose middle the trunk leads up again
SIDE = 8  # left and right of all
MARGIN = 14  # above and below what a column has, for the trunk


class TrunkCut(NamedTuple):
    """A height between boxes at which the trunk alone passes, and where it does."""

    y: float
    x: float


def cuts(root: PlacedBox, most: float) -> list[TrunkCut]:
    """Return where to cut a layout so that no column is higher than `most`, if that is possible."""
    chosen: list[TrunkCut] = []
    start, last = 0.0, None
    for cut in [*_possible(root), TrunkCut(root.height, 0)]:
        if cut.y - start > most and last is not None:
            chosen.append(last)
            start, last = last.y, None
        if last is None or cut.y > last.y:
            last = cut
    return [cut for cut in chosen if cut.y < root.height]


def _possible(root: PlacedBox) -> list[TrunkCut]:
    tops = sorted(box.y for box in root.boxes)
    found = []
    for top in tops[1:]:
        y = top - 9  # half of the gap between two ranks
        between = all(box.y >= y or box.y + box.height <= y for box in root.boxes)
        passing = {x for wire in root.wires for x in _crossing(wire.points, y)}
        if between and len(passing) == 1:
            found.append(TrunkCut(y, passing.pop()))
    return found


def _crossing(points: Sequence[Point], y: float) -> list[float]:
    """Return where a wire passes a height."""
    crossed = pairwise(points)
    return [x1 for (x1, y1), (_, y2) in crossed if min(y1, y2) <= y <= max(y1, y2)]


class Columned(NamedTuple):
    """Shapes in columns, and how much room they take."""

    shapes: list[Shape]
    width: float
    height: float


def in_columns(shapes: Sequence[Shape], where: Sequence[TrunkCut], width: float) -> Columned:
    """Return shapes cut at these heights, each part beside the one before, joined by the trunk."""
    limits = [cut.y for cut in where]
    parts: list[list[Shape]] = [[] for _ in range(len(limits) + 1)]
    for shape in shapes:
        for number, piece in _pieces(shape, limits):
            parts[number].append(piece)
    starts = [0.0, *limits]
    found: list[Shape] = []
    left, lowest = float(SIDE), 0.0
    shifts: list[Point] = []
    for number, part in enumerate(parts):
        low, high = _extent(part, width)
        shift = left - low, (MARGIN if number else 0) - starts[number]
        shifts.append(shift)
        found += [_moved(shape, *shift) for shape in part]
        left += high - low + GUTTER
        bottom = max((_span(shape)[1] for shape in part), default=starts[number])
        lowest = max(lowest, bottom + shift[1])
    for number, cut in enumerate(where):
        (dx, dy), (next_dx, next_dy) = shifts[number], shifts[number + 1]
        start, goal = (cut.x + dx, cut.y + dy), (cut.x + next_dx, cut.y + next_dy)
        between = _extent(parts[number + 1], width)[0] + next_dx - GUTTER / 2
        floor, ceiling = lowest + MARGIN, MARGIN / 2
        corners = (start, (start[0], floor), (between, floor), (between, ceiling))
        way = (*corners, (goal[0], ceiling), goal)
        found.insert(0, Stroke(way, "wire", radius=6))
    return Columned(found, left - GUTTER + SIDE, lowest + 2 * MARGIN)


def _pieces(shape: Shape, limits: Sequence[float]) -> list[tuple[int, Shape]]:
    """Return a shape with the number of its column; a wire over a cut is one in both."""
    low, high = _span(shape)
    first = sum(limit < low for limit in limits)
    last = sum(limit < high for limit in limits)
    if first == last or not isinstance(shape, Stroke):
        return [(first, shape)]
    edges = [-1e9, *limits, 1e9]
    return [
        (number, shape._replace(points=_clipped(shape.points, edges[number], edges[number + 1])))
        for number in range(first, last + 1)
    ]


def _clipped(points: Sequence[Point], low: float, high: float) -> tuple[Point, ...]:
    """Return the part of a line between two heights; at these it is upright."""
    return tuple((x, min(max(y, low), high)) for x, y in points)


def _span(shape: Shape) -> tuple[float, float]:
    if isinstance(shape, Stroke):
        heights = [y for _, y in shape.points]
        return min(heights), max(heights)
    if isinstance(shape, Rectangle):
        return shape.y, shape.y + shape.height
    return shape.y, shape.y


def _extent(shapes: Sequence[Shape], width: float) -> tuple[float, float]:
    """Return the left and the right side of what is drawn."""
    sides = [side for shape in shapes for side in _sides(shape)]
    return min(sides, default=0.0), max(sides, default=width)


def _sides(shape: Shape) -> list[float]:
    if isinstance(shape, Stroke):
        return [x for x, _ in shape.points]
    if isinstance(shape, Rectangle):
        return [shape.x, shape.x + shape.width]
    return []


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Stroke):
        return shape._replace(points=tuple((x + dx, y + dy) for x, y in shape.points))
    if isinstance(shape, Rectangle | Label | Symbol):
        return shape._replace(x=shape.x + dx, y=shape.y + dy)
    raise TypeError(f"a graph has no {type(shape).__name__}")
