"""The last step of a layout: the heights of ranks, and the corners of every wire."""

from __future__ import annotations

from typing import NamedTuple

from archprof.draw.columns import is_late
from archprof.draw.placed import (
    HEAD,
    PAD,
    RANK,
    SLOT,
    Edge,
    OpenFrame,
    PlacedBox,
    Point,
    Port,
    Spot,
    Track,
    Wire,
)

Key = tuple[int, ...]


class _Run(NamedTuple):
    """A horizontal piece of wires of one key, in the gap below a rank."""

    gap: int
    low: float
    high: float
    key: Key


class _Plan(NamedTuple):
    """How an edge goes: from x to x, in which gaps, along which rail."""

    edge: Edge
    start: float
    stop: float
    gap: int
    key: Key
    skip: bool
    rail: float | None = None
    last_gap: int = 0
    last_key: Key = ()


class _Rows:
    """Where things stand from top to bottom."""

    def __init__(self, frame: OpenFrame, plans: list[_Plan]):
        self.slots: dict[tuple[int, Key], int] = {}
        self.used = [0] * frame.ranks
        _share_gaps(self, [run for plan in plans for run in _runs(plan)])
        stacked = _stacked(frame, plans)
        self.apart = {spot for track in stacked for spot in track.spots}
        self.heights = self._heights(frame, stacked)
        self.tops: list[float] = []
        y: float = 10 if frame.is_root else HEAD
        for rank in range(frame.ranks):
            self.tops.append(y)
            y += self.heights[rank] + (self.gap(rank) if rank < frame.ranks - 1 else 0)
        self.height = y + (10 if frame.is_root else 2)
        self._place(frame, stacked)

    def gap(self, rank: int) -> float:
        """Return the height of the gap below a rank."""
        return RANK + max(0, self.used[rank] - 1) * SLOT

    def _heights(self, frame: OpenFrame, stacked: list[Track]) -> list[float]:
        """Return the heights of the ranks.

        A side chain needs its height over all the ranks that it passes, not rank by rank.
        """
        heights = [0.0] * frame.ranks
        for spot in frame.spots:
            if spot not in self.apart:
                heights[spot.rank] = max(heights[spot.rank], spot.height)
        for track in stacked:
            have = 0.0
            for rank in range(track.low, track.high + 1):
                have += heights[rank] + (self.gap(rank) if rank < track.high else 0)
            need: float = -RANK
            for spot in track.spots:
                need += spot.height + RANK
            if need > have:
                heights[track.high] += need - have
        return heights

    def _place(self, frame: OpenFrame, stacked: list[Track]) -> None:
        for spot in frame.spots:
            spot.y = self.height if spot.end else self.tops[spot.rank]
            if spot.starts:
                spot.y = self.tops[0] if frame.is_root else 0
        for track in stacked:
            y = self.tops[track.low]
            for spot in track.spots:
                spot.y = y
                y += spot.height + RANK

    def slot(self, gap: int, key: Key) -> float:
        """Return the height of the horizontal piece of a key in a gap."""
        middle = self.tops[gap] + self.heights[gap] + self.gap(gap) / 2
        return middle + (self.slots.get((gap, key), 0) - (self.used[gap] - 1) / 2) * SLOT


def _is_apart(track: Track) -> bool:
    """Whether a track is a chain of boxes that nothing joins or leaves in between."""
    if track.main:
        return False
    for place, spot in enumerate(track.spots):
        joined = place > 0 and len(spot.ins) != 1
        left = place < len(track.spots) - 1 and len(spot.outs) != 1
        if spot.box is None or joined or left:
            return False
    return True


def _planned(frame: OpenFrame) -> list[_Plan]:
    return [_plan(frame, edge) for edge in frame.in_order()]


def _plan(frame: OpenFrame, edge: Edge) -> _Plan:
    start = edge.start.port_x(edge.source, leaving=True)
    stop = edge.stop.port_x(edge.source, leaving=False)
    own_key = (*edge.key, edge.stop.number)
    rank, above = edge.start.rank, edge.stop.rank - 1
    rail = frame.rail_of(edge)
    if rail is not None:
        return _Plan(edge, start, stop, rank, edge.key, True, rail.x, above, own_key)
    apart = above > rank and edge.start.track is not edge.stop.track
    if apart and is_late(edge):
        return _Plan(edge, start, stop, above, own_key, True)
    return _Plan(edge, start, stop, rank, edge.key, apart)


def _runs(plan: _Plan) -> list[_Run]:
    """Return the horizontal pieces of a wire."""
    ends = [(plan.gap, plan.start, plan.stop, plan.key)]
    if plan.rail is not None:
        ends = [
            (plan.gap, plan.start, plan.rail, plan.key),
            (plan.last_gap, plan.rail, plan.stop, plan.last_key),
        ]
    return [
        _Run(gap, min(one, other), max(one, other), key)
        for gap, one, other, key in ends
        if abs(one - other) > 0.5
    ]


def _stacked(frame: OpenFrame, plans: list[_Plan]) -> list[Track]:
    """Return the tracks whose boxes stand below each other whatever the ranks beside them do.

    Not one that a wire would go through: its boxes keep to their ranks, which leaves gaps free.
    """
    crossed: set[Track] = set()
    by_gap: dict[int, list[Track]] = {}
    for track in filter(_is_apart, frame.tracks):
        for gap in range(track.low, track.high):
            by_gap.setdefault(gap, []).append(track)
    for plan in plans:
        for run in _runs(plan):
            for track in by_gap.get(run.gap, ()):
                inside = plan.edge.start.track is track and plan.edge.stop.track is track
                if not inside and run.low < track.right and run.high > track.left:
                    crossed.add(track)
    kept = [track for track in frame.tracks if _is_apart(track) and track not in crossed]
    return sorted(kept, key=lambda track: track.high - track.low)


def _share_gaps(rows: _Rows, runs: list[_Run]) -> None:
    """Give each run a slot in its gap: those of one tensor share one, others do not overlap."""
    by_gap: dict[int, dict[Key, _Run]] = {}
    for run in runs:
        merged = by_gap.setdefault(run.gap, {})
        known = merged.get(run.key, run)
        low, high = min(known.low, run.low), max(known.high, run.high)
        merged[run.key] = _Run(run.gap, low, high, run.key)
    for gap, merged in by_gap.items():
        lines: list[list[_Run]] = []
        for run in sorted(merged.values(), key=lambda run: run.high - run.low):
            place = next((k for k, line in enumerate(lines) if _fits(run, line)), len(lines))
            if place == len(lines):
                lines.append([])
            lines[place].append(run)
            rows.slots[gap, run.key] = place
        rows.used[gap] = len(lines)


def _fits(run: _Run, line: list[_Run]) -> bool:
    return all(run.low > other.high + 3 or run.high < other.low - 3 for other in line)


def _corners(plan: _Plan, rows: _Rows) -> list[Point]:
    edge = plan.edge
    top, bottom = edge.start.y + edge.start.height, edge.stop.y
    if plan.rail is not None:
        first = rows.slot(plan.gap, plan.key)
        last = rows.slot(plan.last_gap, plan.last_key)
        across = [(plan.start, first), (plan.rail, first), (plan.rail, last), (plan.stop, last)]
        return [(plan.start, top), *across, (plan.stop, bottom)]
    y = rows.slot(plan.gap, plan.key)
    if edge.start.track is edge.stop.track and edge.start in rows.apart:
        y = (top + bottom) / 2
    return [(plan.start, top), (plan.start, y), (plan.stop, y), (plan.stop, bottom)]


def finish(frame: OpenFrame) -> PlacedBox:
    """Return the frame as a box, with its boxes in their places and its wires drawn."""
    plans = _planned(frame)
    rows = _Rows(frame, plans)
    shift = PAD - min(frame.left)
    width = max(frame.right) - min(frame.left) + 2 * PAD
    for spot in frame.spots:
        if spot.box:
            spot.box.x, spot.box.y = spot.x + shift, spot.y
    ins = [_end(spot, shift) for spot in frame.spots if spot.starts]
    outs = [_end(spot, shift) for spot in frame.spots if spot.end]
    box = PlacedBox(frame.item, width, rows.height, ins, outs)
    box.boxes = frame.boxes
    for plan in plans:
        reader = plan.edge.stop.box
        target = -2 if reader is None else reader.item.first
        points = [(x + shift, y) for x, y in _corners(plan, rows)]
        box.wires.append(Wire(plan.edge.source, plan.skip, target, points))
    return box


def _end(spot: Spot, shift: float) -> Port:
    return Port(-1 if spot.port is None else spot.port, spot.x + 1 + shift)
