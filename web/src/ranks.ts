// The first step of a layout, as archprof/draw/ranks.py has it: the boxes of a frame as spots, what
// leads where, and their ranks.
import type { Network } from "./data";
import { Edge, Frame, PlacedBox, RAIL, Spot, type Port } from "./placed";
import type { Item } from "./tree";

const LAST = 1e9; // in the order: behind every box

/** What an item reads, and what of it is read: that depends on nothing that is opened. */
interface Ends {
  reads: number[];
  read: number[];
}

const ENDS = new WeakMap<Item, Ends>();

function endsOf(network: Network, item: Item): Ends {
  const known = ENDS.get(item);
  if (known) return known;
  const inside = new Set(item.layers);
  const reads = new Set<number>();
  for (const index of item.layers) {
    for (const source of network.layers[index].inputs) {
      if (!inside.has(source)) reads.add(source);
    }
  }
  const read = item.layers.filter((index) => {
    const uses = network.uses[index];
    return uses.length === 0 || uses.some((reader) => !inside.has(reader));
  });
  const ends = { reads: [...reads].sort((a, b) => a - b), read };
  ENDS.set(item, ends);
  return ends;
}

/** The layers outside of an item, or -1, whose tensors it reads. */
export const readsOutside = (network: Network, item: Item): number[] =>
  endsOf(network, item).reads;

/** The layers of an item that others read, or nobody: those are the network's outputs. */
export const readOutside = (network: Network, item: Item): number[] => endsOf(network, item).read;

/** A port for each source, side by side in the middle of a box. */
export function spread(sources: number[], width: number): Port[] {
  const count = sources.length;
  const step = Math.min(RAIL, (width - 16) / Math.max(1, count - 1));
  return sources.map((source, k) => ({ source, x: width / 2 + (k - (count - 1) / 2) * step }));
}

/** Make the closed boxes of a frame as wide as the widest: a column, not a ragged edge. */
export function oneWidth(boxes: PlacedBox[]): void {
  const closed = boxes.filter((box) => !box.boxes.length);
  const widest = Math.max(0, ...closed.map((box) => box.width));
  for (const box of closed) {
    for (const port of [...box.ins, ...box.outs]) port.x += (widest - box.width) / 2;
    box.width = widest;
  }
}

/** Give a frame its spots (what comes in, the boxes, what goes out) and the edges between. */
export function makeSpots(frame: Frame): void {
  const { network, item } = frame;
  const entries = frame.isRoot ? [-1] : readsOutside(network, item.one);
  const owner = new Map<number, Spot>();
  const sources = new Map<number, Spot>();
  for (const source of entries) sources.set(source, newSpot(frame, null, source, false, -1));
  frame.boxes.forEach((box, place) => {
    const spot = newSpot(frame, box, null, false, place);
    spot.weight = 1 + Math.log10(1 + box.item.macs) / 100;
    for (const index of box.item.layers) owner.set(index, spot);
  });
  for (const box of frame.boxes) {
    const reader = owner.get(box.item.first)!;
    for (const port of box.ins) {
      const start = owner.get(port.source) ?? sources.get(port.source);
      if (start) join(frame, start, reader, port.source);
    }
  }
  if (frame.isRoot) return;
  for (const source of readOutside(network, item.one)) {
    const start = owner.get(source);
    if (start && network.uses[source].length) {
      join(frame, start, newSpot(frame, null, source, true, LAST), source);
    }
  }
}

function newSpot(
  frame: Frame,
  box: PlacedBox | null,
  port: number | null,
  end: boolean,
  order: number,
): Spot {
  const spot = new Spot(frame.spots.length, box, port, end, order);
  frame.spots.push(spot);
  return spot;
}

function join(frame: Frame, start: Spot, stop: Spot, source: number): void {
  const edge = new Edge(start, stop, source);
  const own = `${edge.key},${stop.number}`;
  if (start === stop || frame.known.has(own)) return;
  frame.known.add(own);
  frame.edges.push(edge);
  if (!edge.backward) {
    start.outs.push(edge);
    stop.ins.push(edge);
  }
}

/**
 * Set the rank of each spot: the longest way to it. What nothing feeds stands just above its first
 * reader. The ends come last.
 */
export function setRanks(frame: Frame): void {
  const order = [...frame.spots].sort((a, b) => a.order - b.order);
  const backward = frame.edges.some((edge) => edge.backward);
  const base = backward || order.some((spot) => spot.starts) ? 1 : 0;
  for (const spot of order) {
    if (!spot.starts) {
      spot.rank = spot.ins.reduce((rank, edge) => Math.max(rank, edge.start.rank + 1), base);
    }
  }
  for (const spot of order) {
    if (!spot.ins.length && spot.outs.length && spot.box) {
      const reader = Math.min(...spot.outs.map((edge) => edge.stop.rank));
      spot.rank = Math.max(spot.rank, reader - 1);
    }
  }
  let top = 0;
  for (const spot of order) if (!spot.end) top = Math.max(top, spot.rank);
  for (const spot of order) if (spot.end) spot.rank = top + 1;
  frame.ranks = order.reduce((most, spot) => Math.max(most, spot.rank), 0) + 1;
}
