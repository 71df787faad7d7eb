// Boxes and wires as SVG. A box is coloured by one custom property, so that themes and another
// quantity need no new drawing.
import type { Network } from "./data";
import { svg } from "./dom";
import type { PlacedBox, Point, Wire } from "./placed";
import { amount, amountText, QUANTITIES } from "./quantity";
import type { Item } from "./tree";
import { numberOf, shape } from "./units";
import { cut, textWidth } from "./widths";

const NAME = 12;
const SMALL = 11;
const WIDEST = 420; // of a box; longer texts are cut

interface Labels {
  name: string;
  what: string;
  right: string;
  below: string;
}

/** The texts of a box. */
export function labelsOf(item: Item, network: Network): Labels {
  const last = network.layers[item.last].fact;
  if (item.layer !== null) {
    return { name: item.name, what: last.what, right: shape(last.shape), below: "" };
  }
  const [macs, params] = QUANTITIES;
  const cost = amountText(amount(item, macs, network), macs.show);
  const weights = amount(item, params, network);
  const parts = [shape(last.shape)];
  if (weights.known) parts.push(`${params.show(weights.known)} params`);
  parts.push(`${cost} MACs`);
  return {
    name: item.name,
    what: item.block || numberOf(item.layers.length, "layer"),
    right: item.times > 1 ? `×${item.times}` : "",
    below: parts.join(" · "),
  };
}

/** The width and the height of a closed item. */
export function sizeOf(item: Item, network: Network): [width: number, height: number] {
  const { name, what, right, below } = labelsOf(item, network);
  if (item.layer !== null) {
    const texts = textWidth(name, NAME, true) + textWidth(what, SMALL) + textWidth(right, SMALL);
    return [Math.min(WIDEST, Math.ceil(Math.max(190, texts + 48))), 26];
  }
  const head = textWidth(name, NAME, true) + textWidth(what, NAME) + textWidth(right, NAME, true);
  const wide = Math.max(210, head + 64, textWidth(below, SMALL) + 26);
  return [Math.min(WIDEST, Math.ceil(wide)), 46];
}

/** What a screen reader says of an item. */
export function spoken(item: Item, network: Network): string {
  const { name, what, below, right } = labelsOf(item, network);
  if (item.layer !== null) return `${name}, ${what}, output ${right}`;
  const times = item.times > 1 ? `, ${item.times} times` : "";
  return `${name}, ${what}${times}, ${below}`;
}

/** Draw a layer or a closed block at (0, 0). */
export function closedBox(box: PlacedBox, network: Network): SVGElement[] {
  const { item, width, height } = box;
  const { name, what, right, below } = labelsOf(item, network);
  if (item.layer !== null) {
    const room = width - 30 - textWidth(right, SMALL);
    return [
      svg("rect", { width, height, rx: 5, class: "face" }),
      named(10, 17, name, what, room),
      svg("text", { x: width - 10, y: 17, class: "what end" }, right),
    ];
  }
  const stack = item.times > 1 ? [2, 1].map((k) => stacked(k, width, height)) : [];
  const room = width - 45 - textWidth(right, NAME, true);
  return [
    ...stack,
    svg("rect", { width, height, rx: 7, class: "face" }),
    svg("path", { class: "chevron", d: "M12 12l4 4l-4 4" }),
    named(25, 20, name, what, room),
    svg("text", { x: width - 12, y: 20, class: "name end" }, right),
    svg("text", { x: 12, y: 37, class: "below" }, cut(below, SMALL, width - 24)),
  ];
}

/** A name, and behind it what it is, in so much room. */
function named(x: number, y: number, name: string, what: string, room: number): SVGElement {
  const shown = cut(name, NAME, room, true);
  const rest = room - textWidth(shown, NAME, true) - 6;
  const tail = svg("tspan", { dx: 6, class: "what" }, cut(what, NAME, rest));
  return svg("text", { x, y, class: "name" }, shown, tail);
}

const stacked = (k: number, width: number, height: number): SVGElement =>
  svg("rect", { x: 4 * k, y: -4 * k, width: width - 4 * k, height, rx: 7, class: "under" });

/** Draw an open block: its frame. */
export function openBox(box: PlacedBox, depth: number): SVGElement[] {
  const { width, height } = box;
  return [
    svg("rect", { width, height, rx: 10, class: `frame-face shade-${shadeOf(depth)}` }),
    svg("path", { class: "chevron", d: "M12 11l4 4l4 -4" }),
  ];
}

/** The title of an open block, which is drawn over the wires that cross it. */
export function titleOf(box: PlacedBox, depth: number, x: number, y: number): SVGElement {
  const { item, width } = box;
  const member = item.members.length ? `×${item.times}, ${item.one.name} shown` : "";
  const about = [item.block, member].filter(Boolean).join(" ");
  const room = width - 40;
  const fitting = textWidth(item.id, NAME, true) + textWidth(about, NAME) + 6 <= room;
  const place = { class: `title around-${shadeOf(depth)}`, transform: `translate(${x} ${y})` };
  return svg("g", place, named(27, 17, fitting ? item.id : item.name, about, room));
}

const shadeOf = (depth: number): number => Math.min(4, depth);

/** Draw a wire; one that passes others by is drawn apart. */
export function wirePath(wire: Wire, x: number, y: number): SVGElement {
  const points = wire.points.map(([px, py]): Point => [px + x, py + y]);
  return svg("path", {
    d: rounded(points, 6),
    class: wire.skip ? "wire skip" : "wire",
    "data-source": wire.source,
    "data-target": wire.target,
  });
}

/** A path through points, its corners rounded. */
function rounded(points: Point[], radius: number): string {
  const corners = withoutRepeats(points);
  const text = (value: number): string => String(Math.round(value * 10) / 10);
  let path = `M${text(corners[0][0])} ${text(corners[0][1])}`;
  for (let k = 1; k < corners.length - 1; k++) {
    const [before, here, after] = [corners[k - 1], corners[k], corners[k + 1]];
    const into = Math.hypot(here[0] - before[0], here[1] - before[1]);
    const out = Math.hypot(after[0] - here[0], after[1] - here[1]);
    const r = Math.min(radius, into / 2, out / 2);
    const start = towards(here, before, r / into);
    const end = towards(here, after, r / out);
    path += `L${start.map(text).join(" ")}Q${here.map(text).join(" ")} ${end.map(text).join(" ")}`;
  }
  const last = corners[corners.length - 1];
  return `${path}L${text(last[0])} ${text(last[1])}`;
}

const towards = (from: Point, to: Point, part: number): Point => [
  from[0] + (to[0] - from[0]) * part,
  from[1] + (to[1] - from[1]) * part,
];

function withoutRepeats(points: Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    const same = last && Math.abs(last[0] - point[0]) < 0.3 && Math.abs(last[1] - point[1]) < 0.3;
    if (!same) kept.push(point);
  }
  return kept;
}
