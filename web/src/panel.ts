// The panel beside the graph: what is known of the layer or block that is chosen.
import { lastName, type Layer, type Network, type Step } from "./data";
import { breakable, html, type Child } from "./dom";
import { amount, amountText, QUANTITIES, type Quantity } from "./quantity";
import type { Item } from "./tree";
import { count, duration, numberOf, shape, share } from "./units";

const MOST_ROWS = 200; // of the layers of a block
const MOST_LINKS = 8;

export interface PanelActions {
  /** Whether there are other networks beside this one. */
  several: boolean;
  /** Go to a layer. */
  go(index: number): void;
  /** Show another one of alike blocks. */
  show(item: Item, member: number): void;
}

/** Show an item in a panel. */
export function fillPanel(
  panel: HTMLElement,
  network: Network,
  item: Item,
  actions: PanelActions,
): void {
  const layer = item.layer === null ? null : network.layers[item.layer];
  const parts = layer
    ? layerParts(network, layer)
    : blockParts(network, item, actions);
  const all: Child[] = [
    header(network, item, layer, actions.several),
    flow(network, item),
    shares(network, item),
    ...parts,
    ...links(network, item, actions),
    source(network, item),
  ];
  panel.replaceChildren(...all.filter((part): part is Node => part instanceof Node));
  panel.scrollTop = 0;
}

function header(
  network: Network,
  item: Item,
  layer: Layer | null,
  several: boolean,
): HTMLElement {
  const what = layer ? layer.fact.what : blockInWords(item);
  const whose = several ? `${network.heading}: ` : "";
  const aux = layer?.aux ? " · auxiliary head" : "";
  return html(
    "header",
    {},
    html("h3", {}, ...breakable(item.id || network.name)),
    html("p", {}, whose + what + aux),
  );
}

function blockInWords(item: Item): string {
  const name = item.block || "group";
  const alike = item.times > 1 ? ` ×${item.times}, all alike` : "";
  return `${name}${alike} · ${numberOf(item.layers.length, "layer")}`;
}

/** The shapes that go in and come out. */
function flow(network: Network, item: Item): HTMLElement {
  const first = network.layers[item.first].fact;
  const last = network.layers[item.last].fact;
  return html(
    "p",
    { class: "flow" },
    html("span", {}, first.arrives.replaceAll("x", "×")),
    html("em", {}, "→"),
    html("strong", {}, shape(last.shape)),
  );
}

const SHARES: [id: string, label: string, total: "params" | "macs" | "output_bytes" | "saved_bytes"][] = [
  ["macs", "MACs", "macs"],
  ["params", "Params", "params"],
  ["memory", "Outputs", "output_bytes"],
  ["saved", "Saved", "saved_bytes"],
];

/** What of the network's totals the item has. */
function shares(network: Network, item: Item): HTMLElement {
  const rows = SHARES.map(([id, label, total]) => {
    const quantity = QUANTITIES.find((each) => each.id === id)!;
    return shareOf(label, network, item, quantity, network.totals[total]);
  });
  if (network.measured) rows.push(measured(network, item));
  return html("div", { class: "shares" }, ...rows);
}

function shareOf(
  label: string,
  network: Network,
  item: Item,
  quantity: Quantity,
  whole: number,
): HTMLElement {
  const found = amount(item, quantity, network);
  const part = whole ? Math.min(100, (100 * found.known) / whole) : 0;
  return html(
    "div",
    { class: "share" },
    html("span", {}, label),
    html("b", {}, amountText(found, quantity.show)),
    html("i", { "--part": `${part}%` }),
    html("small", {}, share(found.known, whole)),
  );
}

function measured(network: Network, item: Item): HTMLElement {
  const times = network.layers.map((layer) => layer.latency ?? 0);
  const whole = times.reduce((sum, time) => sum + time, 0);
  const latency = QUANTITIES.find((each) => each.id === "latency")!;
  return shareOf("Latency", network, item, { ...latency, show: duration }, whole);
}

function layerParts(network: Network, layer: Layer): Child[] {
  const parts: Child[] = [];
  if (layer.fact.settings.length) {
    const pairs = layer.fact.settings.map(([name, value]) =>
      html("div", {}, html("dt", {}, name), html("dd", {}, value)),
    );
    parts.push(html("dl", { class: "settings" }, ...pairs));
  }
  parts.push(html("h4", {}, "By hand"), working([...layer.fact.steps, ...layer.fieldSteps]));
  for (const note of layer.fact.notes) parts.push(html("p", { class: "note" }, note));
  if (network.measured && layer.latency === null) {
    parts.push(html("p", { class: "note" }, "This layer was not measured."));
  }
  return parts;
}

/** A working as on the board: quantity, formula = numbers = result. */
function working(steps: Step[]): HTMLElement {
  const rows = steps.map(([quantity, formula, numbers, result]) => {
    const lines: HTMLElement[] = [];
    if (formula) lines.push(html("span", { class: "formula" }, formula));
    if (numbers) lines.push(html("span", { class: "numbers" }, numbers));
    lines.push(html("b", {}, result));
    return html("li", {}, html("span", { class: "quantity" }, quantity), html("div", {}, ...lines));
  });
  return html("ol", { class: "board" }, ...rows);
}

function blockParts(network: Network, item: Item, actions: PanelActions): Child[] {
  const parts: Child[] = [];
  if (item.members.length) parts.push(memberChoice(item, actions));
  const shown = item.one;
  const layers = shown.layers.map((index) => network.layers[index]);
  parts.push(html("h4", {}, `Layers of ${shown.id || "the network"}`));
  parts.push(layerTable(network, shown, layers, actions));
  if (layers.length > MOST_ROWS) {
    parts.push(html("p", { class: "mute" }, `and ${layers.length - MOST_ROWS} more`));
  }
  return parts;
}

/** A way to look at each of several alike blocks: they differ in their receptive fields. */
function memberChoice(item: Item, actions: PanelActions): HTMLElement {
  const choose = html(
    "select",
    {
      "aria-label": "Which of the alike blocks",
      change: () => actions.show(item, choose.selectedIndex),
    },
    ...item.members.map((member, k) =>
      html("option", { selected: k === item.shown }, member.id),
    ),
  );
  const step = (by: number, label: string, sign: string): HTMLElement =>
    html(
      "button",
      {
        class: "button",
        "aria-label": label,
        disabled: item.members[item.shown + by] === undefined,
        click: () => actions.show(item, item.shown + by),
      },
      sign,
    );
  const place = html("span", { class: "mute" }, `${item.shown + 1} of ${item.times}`);
  return html(
    "div",
    { class: "members" },
    step(-1, "The block before", "‹"),
    choose,
    step(1, "The next block", "›"),
    place,
  );
}

function layerTable(
  network: Network,
  block: Item,
  layers: Layer[],
  actions: PanelActions,
): HTMLElement {
  const macs = QUANTITIES[0];
  const rows = layers.slice(0, MOST_ROWS).map((layer) => {
    const name = block.id ? layer.path.slice(block.id.length + 1) : layer.path;
    const cost = macs.of(layer, network);
    return html(
      "tr",
      {},
      html("th", { scope: "row" }, linkTo(layer, name || lastName(layer.path), "plain", actions)),
      html("td", { class: "mute" }, layer.fact.what),
      html("td", { class: "r" }, shape(layer.fact.shape)),
      html("td", { class: "r" }, layer.fact.params ? count(layer.fact.params) : "–"),
      html("td", { class: "r" }, cost === null ? "?" : cost ? count(cost) : "–"),
    );
  });
  const heads = ["Layer", "Op", "Output", "Params", "MACs"].map((title, k) =>
    html("th", { scope: "col", class: k > 1 ? "r" : undefined }, title),
  );
  return html(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Layers of the block" },
    html(
      "table",
      {},
      html("thead", {}, html("tr", {}, ...heads)),
      html("tbody", {}, ...rows),
    ),
  );
}

function linkTo(layer: Layer, text: string, style: string, actions: PanelActions): HTMLElement {
  return html(
    "button",
    { class: style, type: "button", click: () => actions.go(layer.index) },
    text,
  );
}

/** What the item reads, and what reads it. */
function links(network: Network, item: Item, actions: PanelActions): Child[] {
  const inside = new Set(item.layers);
  const reads = new Set<number>();
  const readers = new Set<number>();
  for (const index of item.layers) {
    for (const source of network.layers[index].inputs) if (!inside.has(source)) reads.add(source);
    for (const reader of network.uses[index]) if (!inside.has(reader)) readers.add(reader);
  }
  return [
    linkRow("Reads", [...reads], network, actions),
    linkRow("Read by", [...readers], network, actions),
  ];
}

function linkRow(
  label: string,
  indices: number[],
  network: Network,
  actions: PanelActions,
): HTMLElement | null {
  if (!indices.length) return null;
  const chips = indices.slice(0, MOST_LINKS).map((index) => {
    if (index < 0) return html("span", { class: "chip" }, "input");
    const layer = network.layers[index];
    return linkTo(layer, layer.path, "chip", actions);
  });
  const more = indices.length - MOST_LINKS;
  const rest = more > 0 ? html("span", { class: "mute" }, `and ${more} more`) : null;
  return html("p", { class: "links" }, html("span", {}, label), ...chips, rest);
}

function source(network: Network, item: Item): HTMLElement {
  return html("p", { class: "source" }, network.layers[item.one.first].source);
}
