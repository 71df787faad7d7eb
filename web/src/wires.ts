// The last step of a layout, as archprof/draw/wires.py has it: the heights of ranks, and the corners
// of every wire.
import { isLate } from "./columns";
import { Edge, Frame, HEAD, PAD, PlacedBox, RANK, SLOT, Spot, Track } from "./placed";
import type { Point, Port } from "./placed";

/** A horizontal piece of wires of one key, in the gap below a rank. */
interface Run {
  gap: number;
  low: number;
  high: number;
  key: string;
}

/** How an edge goes: from x to x, in which gaps, along which rail. */
interface Plan {
  edge: Edge;
  start: number;
  stop: number;
  gap: number;
  key: string;
  skip: boolean;
  rail: number | null;
  lastGap: number;
  lastKey: string;
}

/** Where things stand from top to bottom. */
class Rows {
  slots = new Map<string, number>();
  used: number[];
  apart: Set<Spot>;
  heights: number[];
  tops: number[] = [];
  height: number;

  constructor(frame: Frame, plans: Plan[]) {
    this.used = new Array<number>(frame.ranks).fill(0);
    shareGaps(this, plans.flatMap(runsOf));
    const stacked = stackedTracks(frame, plans);
    this.apart = new Set(stacked.flatMap((track) => track.spots));
    this.heights = this.ranksHeights(frame, stacked);
    let y = frame.isRoot ? 10 : HEAD;
    for (let rank = 0; rank < frame.ranks; rank++) {
      this.tops.push(y);
      y += this.heights[rank] + (rank < frame.ranks - 1 ? this.gap(rank) : 0);
    }
    this.height = y + (frame.isRoot ? 10 : 2);
    this.place(frame, stacked);
  }

  /** The height of the gap below a rank. */
  gap(rank: number): number {
    return RANK + Math.max(0, this.used[rank] - 1) * SLOT;
  }

  /** The heights of the ranks; a side chain needs its own over all the ranks that it passes. */
  private ranksHeights(frame: Frame, stacked: Track[]): number[] {
    const heights = new Array<number>(frame.ranks).fill(0);
    for (const spot of frame.spots) {
      if (!this.apart.has(spot)) heights[spot.rank] = Math.max(heights[spot.rank], spot.height);
    }
    for (const track of stacked) {
      let have = 0;
      for (let rank = track.low; rank <= track.high; rank++) {
        have += heights[rank] + (rank < track.high ? this.gap(rank) : 0);
      }
      let need = -RANK;
      for (const spot of track.spots) need += spot.height + RANK;
      if (need > have) heights[track.high] += need - have;
    }
    return heights;
  }

  private place(frame: Frame, stacked: Track[]): void {
    for (const spot of frame.spots) {
      spot.y = spot.end ? this.height : this.tops[spot.rank];
      if (spot.starts) spot.y = frame.isRoot ? this.tops[0] : 0;
    }
    for (const track of stacked) {
      let y = this.tops[track.low];
      for (const spot of track.spots) {
        spot.y = y;
        y += spot.height + RANK;
      }
    }
  }

  /** The height of the horizontal piece of a key in a gap. */
  slot(gap: number, key: string): number {
    const middle = this.tops[gap] + this.heights[gap] + this.gap(gap) / 2;
    const place = this.slots.get(`${gap}|${key}`) ?? 0;
    return middle + (place - (this.used[gap] - 1) / 2) * SLOT;
  }
}

/** Whether a track is a chain of boxes that nothing joins or leaves in between. */
function isApart(track: Track): boolean {
  if (track.main) return false;
  const last = track.spots.length - 1;
  return track.spots.every((spot, place) => {
    const joined = place > 0 && spot.ins.length !== 1;
    const left = place < last && spot.outs.length !== 1;
    return spot.box !== null && !joined && !left;
  });
}

function plan(frame: Frame, edge: Edge): Plan {
  const start = edge.start.portX(edge.source, true);
  const stop = edge.stop.portX(edge.source, false);
  const ownKey = `${edge.key},${edge.stop.number}`;
  const rank = edge.start.rank;
  const above = edge.stop.rank - 1;
  const rail = frame.railOf(edge);
  const way = { edge, start, stop, gap: rank, key: edge.key, rail: null, lastGap: 0, lastKey: "" };
  if (rail) return { ...way, skip: true, rail: rail.x, lastGap: above, lastKey: ownKey };
  const apart = above > rank && edge.start.track !== edge.stop.track;
  if (apart && isLate(edge)) return { ...way, skip: true, gap: above, key: ownKey };
  return { ...way, skip: apart };
}

/** The horizontal pieces of a wire. */
function runsOf(way: Plan): Run[] {
  const found: Run[] = [];
  const add = (gap: number, one: number, other: number, key: string): void => {
    if (Math.abs(one - other) > 0.5) {
      found.push({ gap, low: Math.min(one, other), high: Math.max(one, other), key });
    }
  };
  if (way.rail === null) {
    add(way.gap, way.start, way.stop, way.key);
  } else {
    add(way.gap, way.start, way.rail, way.key);
    add(way.lastGap, way.rail, way.stop, way.lastKey);
  }
  return found;
}

/**
 * The tracks whose boxes stand below each other whatever the ranks beside them do. Not one that a
 * wire would go through: its boxes keep to their ranks, which leaves gaps free.
 */
function stackedTracks(frame: Frame, plans: Plan[]): Track[] {
  const apart = frame.tracks.filter(isApart);
  const crossed = new Set<Track>();
  const byGap = new Map<number, Track[]>();
  for (const track of apart) {
    for (let gap = track.low; gap < track.high; gap++) {
      byGap.set(gap, [...(byGap.get(gap) ?? []), track]);
    }
  }
  for (const way of plans) {
    for (const run of runsOf(way)) {
      for (const track of byGap.get(run.gap) ?? []) {
        const inside = way.edge.start.track === track && way.edge.stop.track === track;
        if (!inside && run.low < track.right && run.high > track.left) crossed.add(track);
      }
    }
  }
  const kept = apart.filter((track) => !crossed.has(track));
  return kept.sort((a, b) => a.high - a.low - (b.high - b.low));
}

/** Give each run a slot in its gap: those of one tensor share one, others do not overlap. */
function shareGaps(rows: Rows, found: Run[]): void {
  const byGap = new Map<number, Map<string, Run>>();
  for (const run of found) {
    const merged = byGap.get(run.gap) ?? new Map<string, Run>();
    byGap.set(run.gap, merged);
    const known = merged.get(run.key) ?? run;
    const low = Math.min(known.low, run.low);
    merged.set(run.key, { ...run, low, high: Math.max(known.high, run.high) });
  }
  for (const [gap, merged] of byGap) {
    const lines: Run[][] = [];
    const sorted = [...merged.values()].sort((a, b) => a.high - a.low - (b.high - b.low));
    for (const run of sorted) {
      let place = lines.findIndex((line) => fits(run, line));
      if (place < 0) {
        place = lines.length;
        lines.push([]);
      }
      lines[place].push(run);
      rows.slots.set(`${gap}|${run.key}`, place);
    }
    rows.used[gap] = lines.length;
  }
}

const fits = (run: Run, line: Run[]): boolean =>
  line.every((other) => run.low > other.high + 3 || run.high < other.low - 3);

function corners(way: Plan, rows: Rows): Point[] {
  const { start, stop } = way.edge;
  const top = start.y + start.height;
  if (way.rail !== null) {
    const first = rows.slot(way.gap, way.key);
    const last = rows.slot(way.lastGap, way.lastKey);
    return [
      [way.start, top],
      [way.start, first],
      [way.rail, first],
      [way.rail, last],
      [way.stop, last],
      [way.stop, stop.y],
    ];
  }
  const beside = start.track === stop.track && rows.apart.has(start);
  const y = beside ? (top + stop.y) / 2 : rows.slot(way.gap, way.key);
  return [
    [way.start, top],
    [way.start, y],
    [way.stop, y],
    [way.stop, stop.y],
  ];
}

/** Return the frame as a box, with its boxes in their places and its wires drawn. */
export function finish(frame: Frame): PlacedBox {
  const plans = frame.inOrder().map((edge) => plan(frame, edge));
  const rows = new Rows(frame, plans);
  const least = Math.min(...frame.left);
  const shift = PAD - least;
  const width = Math.max(...frame.right) - least + 2 * PAD;
  for (const spot of frame.spots) {
    if (spot.box) {
      spot.box.x = spot.x + shift;
      spot.box.y = spot.y;
    }
  }
  const ends = (chosen: Spot[]): Port[] =>
    chosen.map((spot) => ({ source: spot.port ?? -1, x: spot.x + 1 + shift }));
  const ins = ends(frame.spots.filter((spot) => spot.starts));
  const outs = ends(frame.spots.filter((spot) => spot.end));
  const box = new PlacedBox(frame.item, width, rows.height, ins, outs);
  box.boxes = frame.boxes;
  box.wires = plans.map((way) => ({
    source: way.edge.source,
    skip: way.skip,
    target: way.edge.stop.box ? way.edge.stop.box.item.first : -2,
    points: corners(way, rows).map(([x, y]): Point => [x + shift, y]),
  }));
  return box;
}
