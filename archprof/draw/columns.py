"""The second step of a layout: chains of spots as tracks, rails beside them, and all columns."""

from __future__ import annotations

from archprof.draw.placed import GAP, RAIL, Edge, OpenFrame, Port, Rail, Spot, Track


def set_tracks(frame: OpenFrame) -> None:
    """Part the spots into chains, the longest first: that one is the trunk."""
    order = sorted(frame.spots, key=lambda spot: spot.order)
    free = set(order)
    while free:
        chain = _longest_chain([spot for spot in order if spot in free], free)
        first, last = chain[0], chain[-1]
        low = max((edge.start.rank for edge in first.ins), default=first.rank - 1) + 1
        high = min((edge.stop.rank for edge in last.outs), default=last.rank + 1) - 1
        low, high = min(low, first.rank), max(high, last.rank)
        track = Track(chain, low, high, main=not frame.tracks)
        for spot in chain:
            spot.track = track
        free.difference_update(chain)
        frame.tracks.append(track)


def _longest_chain(order: list[Spot], free: set[Spot]) -> list[Spot]:
    """Return the heaviest way through free spots; of equal ones that which ends first."""
    best: dict[Spot, tuple[float, Spot | None]] = {}
    end = order[0]
    for spot in order:
        weight, before = 0.0, None
        for edge in spot.ins:
            if edge.start in free and best[edge.start][0] > weight:
                weight, before = best[edge.start][0], edge.start
        best[spot] = weight + spot.weight, before
        if best[spot][0] > best[end][0] + 1e-9:
            end = spot
    chain: list[Spot] = []
    here: Spot | None = end
    while here is not None:
        chain.append(here)
        here = best[here][1]
    return chain[::-1]


def is_late(edge: Edge) -> bool:
    """Whether an edge runs down in its source's column, below a side track, as far as it can."""
    track = edge.start.track
    return not track.main and track.spots[-1] is edge.start and track.high >= edge.stop.rank - 1


def _is_direct(edge: Edge) -> bool:
    if edge.stop.rank - edge.start.rank <= 1:
        return True
    before, after = edge.start.track, edge.stop.track
    if before is after and before.spots.index(edge.stop) == before.spots.index(edge.start) + 1:
        return True
    early = after.spots[0] is edge.stop and after.low <= edge.start.rank + 1 and not after.main
    return early or is_late(edge)


def set_rails(frame: OpenFrame) -> None:
    """Give each tensor that passes others by one rail, as long as its last reader needs."""
    for edge in frame.in_order():
        if not edge.backward and _is_direct(edge):
            continue
        below, above = edge.start.rank + 1, edge.stop.rank - 1
        if edge.backward:
            below, above = edge.stop.rank, edge.start.rank
        rail = frame.rails.setdefault(edge.key, Rail(below))
        frame.passing.add(edge)
        rail.low = min(rail.low, below)
        rail.high = max(rail.high, above)


def set_columns(frame: OpenFrame) -> None:
    """Set the columns: the trunk, then all else against a skyline on either side.

    What is shorter stands nearer.
    """
    frame.left = [0.0] * frame.ranks
    frame.right = [0.0] * frame.ranks
    main = frame.tracks[0]
    for place, spot in enumerate(main.spots):
        spot.x = -_anchor(main, place)
        frame.left[spot.rank] = spot.x
        frame.right[spot.rank] = spot.x + spot.width
    lines: list[Track | Rail] = [*frame.tracks[1:], *frame.rails.values()]
    for line in sorted(lines, key=_length):
        if isinstance(line, Rail):
            _place_rail(frame, line)
        else:
            _place_track(frame, line)


def _length(line: Track | Rail) -> float:
    """Return what lines are placed by; of equal ones tracks come first."""
    return line.high - line.low + (0.5 if isinstance(line, Rail) else 0)


def _anchor(main: Track, place: int) -> float:
    """Return what of a trunk's spot stands on its line: its middle, of a frame the port used."""
    spot = main.spots[place]
    if spot.box is None or not spot.box.boxes:
        return spot.width / 2
    for edge in spot.ins:
        if place and edge.start is main.spots[place - 1]:
            for port in spot.box.ins:
                if port.source == edge.source:
                    return port.x
            break
    return spot.box.outs[0].x if spot.box.outs else spot.width / 2


def _place_rail(frame: OpenFrame, rail: Rail) -> None:
    span = range(rail.low, rail.high + 1)
    x = max(frame.right[rank] + RAIL * 0.75 for rank in span)
    rail.x = x + 2
    for rank in span:
        frame.right[rank] = x + 4


def _place_track(frame: OpenFrame, track: Track) -> None:
    """Put a track to the left where it is declared before the trunk's spot beside it, or where
    the right side has grown wide.
    """
    span = range(track.low, track.high + 1)
    head = track.spots[0]
    beside = (spot for spot in frame.tracks[0].spots if spot.rank >= head.rank and spot.box)
    near = next(beside, None)
    before = near is not None and head.order < near.order
    lean = max(frame.right[r] for r in span) - max(-frame.left[r] for r in span)
    if head.box and (before or lean > 2 * track.width):
        x = min(frame.left[rank] - GAP for rank in span) - track.width
        for rank in span:
            frame.left[rank] = x
    else:
        x = max(frame.right[rank] + GAP for rank in span)
        for rank in span:
            frame.right[rank] = x + track.width
    for spot in track.spots:
        spot.x = x + (track.width - spot.width) / 2


def sort_ports(frame: OpenFrame) -> None:
    """Let what comes into a closed box from the left come in at the left."""
    for spot in frame.spots:
        if spot.box is None or spot.box.boxes:
            continue
        ports = spot.box.ins
        places = sorted(port.x for port in ports)
        origins = {port: _origin(frame, spot, port) for port in ports}
        for port, x in zip(sorted(ports, key=origins.__getitem__), places, strict=True):
            port.x = x


def _origin(frame: OpenFrame, spot: Spot, port: Port) -> float:
    for edge in spot.ins:
        if edge.source == port.source:
            rail = frame.rail_of(edge)
            return edge.start.x + edge.start.width / 2 if rail is None else rail.x
    return 0.0
