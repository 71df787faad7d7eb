// A layout made for networks, the same as archprof/draw/layout.py gives: each frame by itself, from
// top to bottom, from the inside out. Golden files hold that both agree.
import { setColumns, setRails, setTracks, sortPorts } from "./columns";
import type { Network } from "./data";
import { Frame, PlacedBox } from "./placed";
import { makeSpots, oneWidth, readOutside, readsOutside, setRanks, spread } from "./ranks";
import type { Item } from "./tree";
import { finish } from "./wires";

/** The width and the height of an item that is closed. */
export type Sizes = (item: Item) => [width: number, height: number];

/** Frames that were laid out before, and that nothing has changed in since. */
export type Kept = Map<Item, PlacedBox>;

/** Return an item with all that is open inside in its place, `item` itself at (0, 0). */
export function layout(
  network: Network,
  item: Item,
  sizes: Sizes,
  kept: Kept = new Map(),
): PlacedBox {
  const known = kept.get(item);
  if (known) return known;
  if (item.layer !== null || !item.opened) {
    const [width, height] = sizes(item);
    const ins = spread(readsOutside(network, item), width);
    const outs = spread(readOutside(network, item), width);
    return new PlacedBox(item, width, height, ins, outs);
  }
  const boxes = item.inside.map((child) => layout(network, child, sizes, kept));
  const box = arranged(network, item, boxes);
  if (item.members.length) connectAsOne(network, item, box);
  kept.set(item, box);
  return box;
}

function arranged(network: Network, item: Item, boxes: PlacedBox[]): PlacedBox {
  const frame = new Frame(network, item, boxes);
  oneWidth(boxes);
  makeSpots(frame);
  setRanks(frame);
  setTracks(frame);
  setRails(frame);
  setColumns(frame);
  sortPorts(frame);
  return finish(frame);
}

/** One of several alike blocks is shown: it reads what the first reads, and gives what the last. */
function connectAsOne(network: Network, item: Item, box: PlacedBox): void {
  const shown = item.one;
  const first = readsOutside(network, item.members[0]);
  const own = readsOutside(network, shown);
  for (const port of box.ins) port.source = first[own.indexOf(port.source)] ?? port.source;
  const last = item.members[item.members.length - 1];
  for (const port of box.outs) port.source = last.layers[shown.layers.indexOf(port.source)];
}

/** Call a function with every box and its place in the whole picture, those outside first. */
export function walkBoxes(
  box: PlacedBox,
  visit: (box: PlacedBox, x: number, y: number, depth: number) => void,
  x = 0,
  y = 0,
  depth = 0,
): void {
  visit(box, x, y, depth);
  for (const inner of box.boxes) {
    walkBoxes(inner, visit, x + inner.x, y + inner.y, depth + 1);
  }
}
