// The second step of a layout, as archprof/draw/columns.py has it: chains of spots as tracks, rails
// beside them, and all columns.
import { Edge, Frame, GAP, RAIL, Rail, Spot, Track, type Port } from "./placed";

/** Part the spots into chains, the longest first: that one is the trunk. */
export function setTracks(frame: Frame): void {
  const order = [...frame.spots].sort((a, b) => a.order - b.order);
  const free = new Set(order);
  while (free.size) {
    const chain = longestChain(
      order.filter((spot) => free.has(spot)),
      free,
    );
    const first = chain[0];
    const last = chain[chain.length - 1];
    const above = first.ins.map((edge) => edge.start.rank);
    const below = last.outs.map((edge) => edge.stop.rank);
    const low = above.length ? Math.max(...above) + 1 : first.rank;
    const high = below.length ? Math.min(...below) - 1 : last.rank;
    const main = frame.tracks.length === 0;
    const track = new Track(chain, Math.min(low, first.rank), Math.max(high, last.rank), main);
    for (const spot of chain) {
      spot.track = track;
      free.delete(spot);
    }
    frame.tracks.push(track);
  }
}

/** The heaviest way through free spots; of equal ones that which ends first. */
function longestChain(order: Spot[], free: Set<Spot>): Spot[] {
  const best = new Map<Spot, [weight: number, before: Spot | null]>();
  let end = order[0];
  for (const spot of order) {
    let weight = 0;
    let before: Spot | null = null;
    for (const edge of spot.ins) {
      if (free.has(edge.start) && best.get(edge.start)![0] > weight) {
        weight = best.get(edge.start)![0];
        before = edge.start;
      }
    }
    best.set(spot, [weight + spot.weight, before]);
    if (best.get(spot)![0] > best.get(end)![0] + 1e-9) end = spot;
  }
  const chain: Spot[] = [];
  for (let here: Spot | null = end; here; here = best.get(here)![1]) chain.push(here);
  return chain.reverse();
}

/** Whether an edge runs down in its source's column, below a side track, as far as it can. */
export function isLate(edge: Edge): boolean {
  const track = edge.start.track;
  const ends = track.spots[track.spots.length - 1] === edge.start;
  return !track.main && ends && track.high >= edge.stop.rank - 1;
}

function isDirect(edge: Edge): boolean {
  if (edge.stop.rank - edge.start.rank <= 1) return true;
  const before = edge.start.track;
  const after = edge.stop.track;
  const next = before.spots.indexOf(edge.start) + 1;
  if (before === after && before.spots.indexOf(edge.stop) === next) return true;
  const early =
    after.spots[0] === edge.stop && after.low <= edge.start.rank + 1 && !after.main;
  return early || isLate(edge);
}

/** Give each tensor that passes others by one rail, as long as its last reader needs. */
export function setRails(frame: Frame): void {
  for (const edge of frame.inOrder()) {
    if (!edge.backward && isDirect(edge)) continue;
    let below = edge.start.rank + 1;
    let above = edge.stop.rank - 1;
    if (edge.backward) {
      below = edge.stop.rank;
      above = edge.start.rank;
    }
    const rail = frame.rails.get(edge.key) ?? new Rail(below);
    frame.rails.set(edge.key, rail);
    frame.passing.add(edge);
    rail.low = Math.min(rail.low, below);
    rail.high = Math.max(rail.high, above);
  }
}

/** Set the columns: the trunk, then all else against a skyline on either side, the short first. */
export function setColumns(frame: Frame): void {
  frame.left = new Array<number>(frame.ranks).fill(0);
  frame.right = new Array<number>(frame.ranks).fill(0);
  const main = frame.tracks[0];
  main.spots.forEach((spot, place) => {
    spot.x = -anchor(main, place);
    frame.left[spot.rank] = spot.x;
    frame.right[spot.rank] = spot.x + spot.width;
  });
  const lines = [...frame.tracks.slice(1), ...frame.rails.values()];
  lines.sort((a, b) => lengthOf(a) - lengthOf(b));
  for (const line of lines) {
    if (line instanceof Rail) placeRail(frame, line);
    else placeTrack(frame, line);
  }
}

/** What lines are placed by; of equal ones tracks come first. */
const lengthOf = (line: Track | Rail): number =>
  line.high - line.low + (line instanceof Rail ? 0.5 : 0);

/** What of a trunk's spot stands on its line: its middle, of a frame the port used. */
function anchor(main: Track, place: number): number {
  const spot = main.spots[place];
  if (!spot.box || !spot.box.boxes.length) return spot.width / 2;
  const before = main.spots[place - 1];
  const edge = spot.ins.find((each) => before && each.start === before);
  const port = edge && spot.box.ins.find((each) => each.source === edge.source);
  if (port) return port.x;
  return spot.box.outs.length ? spot.box.outs[0].x : spot.width / 2;
}

function placeRail(frame: Frame, rail: Rail): void {
  let x = -Infinity;
  for (let rank = rail.low; rank <= rail.high; rank++) {
    x = Math.max(x, frame.right[rank] + RAIL * 0.75);
  }
  rail.x = x + 2;
  for (let rank = rail.low; rank <= rail.high; rank++) frame.right[rank] = x + 4;
}

/**
 * Put a track to the left where it is declared before the trunk's spot beside it, or where the
 * right side has grown wide.
 */
function placeTrack(frame: Frame, track: Track): void {
  const left = frame.left.slice(track.low, track.high + 1);
  const right = frame.right.slice(track.low, track.high + 1);
  const head = track.spots[0];
  const near = frame.tracks[0].spots.find((spot) => spot.rank >= head.rank && spot.box);
  const before = near !== undefined && head.order < near.order;
  const lean = Math.max(...right) - Math.max(...left.map((x) => -x));
  let x: number;
  if (head.box && (before || lean > 2 * track.width)) {
    x = Math.min(...left) - GAP - track.width;
    frame.left.fill(x, track.low, track.high + 1);
  } else {
    x = Math.max(...right) + GAP;
    frame.right.fill(x + track.width, track.low, track.high + 1);
  }
  for (const spot of track.spots) spot.x = x + (track.width - spot.width) / 2;
}

/** Let what comes into a closed box from the left come in at the left. */
export function sortPorts(frame: Frame): void {
  for (const spot of frame.spots) {
    if (!spot.box || spot.box.boxes.length) continue;
    const places = spot.box.ins.map((port) => port.x).sort((a, b) => a - b);
    const origin = new Map(spot.box.ins.map((port) => [port, originOf(frame, spot, port)]));
    const sorted = [...spot.box.ins].sort((a, b) => origin.get(a)! - origin.get(b)!);
    sorted.forEach((port, k) => (port.x = places[k]));
  }
}

function originOf(frame: Frame, spot: Spot, port: Port): number {
  const edge = spot.ins.find((each) => each.source === port.source);
  if (!edge) return 0;
  const rail = frame.railOf(edge);
  return rail ? rail.x : edge.start.x + edge.start.width / 2;
}
