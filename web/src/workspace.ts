// The networks of a page: a graph of each side by side, one panel for what is chosen, one choice of
// the quantity that they are coloured by, on one scale.
import type { Network } from "./data";
import { html, setProperty, type Child } from "./dom";
import { Graph, type Mark } from "./graph";
import { momentText } from "./moment";
import { fillPanel } from "./panel";
import { FieldPicture } from "./picture";
import { quantitiesOf, type Quantity } from "./quantity";
import { Search } from "./search";
import type { Item } from "./tree";
import { fitOfFont } from "./widths";

/** What is drawn of one network. */
interface Side {
  network: Network;
  graph: Graph;
  search: Search;
  picture: FieldPicture;
}

export class Workspace {
  readonly sides: Side[];
  private panel: HTMLElement;
  private legend = html("div", { class: "legend" });
  private seen: HTMLElement | null = null;
  private active = 0;
  private markKeys: HTMLElement[] = [];

  constructor(networks: Network[], marks: Map<number, Mark>[], image: string | null) {
    this.panel = html("section", {
      class: "layer",
      "aria-live": "polite",
      "aria-label": "The layer chosen",
      tabindex: 0,
    });
    if (marks.some((each) => each.size > 0)) {
      this.markKeys = [
        html("span", { class: "key differs" }, "differs"),
        html("span", { class: "key alone" }, "only here"),
      ];
    }
    this.sides = networks.map((network, k) => ({
      network,
      graph: this.graphOf(network, k, marks[k] ?? new Map<number, Mark>()),
      search: new Search(
        network.layers,
        k,
        (layers) => this.sides[k].graph.find(new Set(layers.map((layer) => layer.index))),
        (index) => this.go(k, index),
      ),
      picture: new FieldPicture(network, image, k, (index) => this.go(k, index)),
    }));
  }

  /** Put everything into the page, where its marked places are. */
  put(place: HTMLElement, seen: HTMLElement | null): void {
    const several = this.sides.length > 1;
    const graphs = html(
      "section",
      { class: "graphs", "aria-labelledby": "graphs-title" },
      html(
        "header",
        {},
        html("h2", { id: "graphs-title" }, several ? "The networks" : "The network"),
        this.choice(),
      ),
      ...this.stages(),
      html("div", { class: "columns" }, ...this.sides.map((side, k) => this.column(side, k))),
      this.legend,
    );
    place.replaceChildren(
      html("div", { class: several ? "several" : "two" }, graphs, this.panel),
    );
    this.seen = seen;
    setProperty(place, "--fit", fitOfFont().toFixed(3));
    for (const side of this.sides) {
      side.graph.draw();
      side.graph.fitWidth();
    }
    this.colour();
    this.go(0, this.sides[0].graph.selected.first);
    this.sides[0].graph.pane.scrollTop = 0;
    this.sides[0].picture.showSomeOfHalf();
    this.listen();
  }

  /** What there is to say of a layer, in short. */
  sayOf(side: number, index: number): string {
    const { network, graph } = this.sides[side];
    const layer = network.layers[index];
    const value = graph.quantity.of(layer, network);
    const shown = value === null ? "?" : graph.quantity.show(value);
    return `${layer.path}, ${layer.fact.what}: ${shown} ${graph.quantity.label}`;
  }

  /** What there is to say of a moment of the step of training: where it is, then what is alive. */
  sayOfMoment(side: number, place: number): string {
    const { step } = this.sides[side].network;
    return step ? momentText(step, place) : "";
  }

  /** Called with the layer that was chosen. */
  chosen: (side: number, index: number) => void = () => undefined;

  /** Go to a layer of a network. */
  go(side: number, index: number): void {
    this.sides[side].graph.reveal(index);
  }

  private graphOf(network: Network, k: number, marks: Map<number, Mark>): Graph {
    const graph = new Graph(network, k, marks, (item) => this.picked(k, item));
    graph.changed = () => this.colour();
    return graph;
  }

  private picked(k: number, item: Item): void {
    this.active = k;
    const { network, graph, picture } = this.sides[k];
    fillPanel(this.panel, network, item, {
      several: this.sides.length > 1,
      go: (index) => this.go(k, index),
      show: (stack, member) => graph.showMember(stack, member),
    });
    this.chosen(k, item.first);
    if (this.seen) {
      this.seen.hidden = !picture.possible;
      if (picture.element.parentElement !== this.seen) {
        this.seen.querySelector(".seen")?.remove();
        this.seen.append(picture.element);
      }
      picture.show(network.layers[item.one.last]);
    }
  }

  /** The choice of a quantity, as radio buttons. */
  private choice(): HTMLElement {
    const quantities = quantitiesOf(this.sides.map((side) => side.network));
    return segments(
      "quantity",
      "Colour by",
      quantities.map((quantity) => [quantity.label, () => this.colourBy(quantity)]),
    );
  }

  /** Where there are several networks: a choice of the stage that is looked at in all of them. */
  private stages(): HTMLElement[] {
    if (this.sides.length < 2) return [];
    const found = new Set<number | null>();
    for (const { network } of this.sides) {
      for (const layer of network.layers) if (!layer.aux) found.add(layer.stage);
    }
    const factors = [...found].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
    const options: [string, number | null | undefined][] = [["All", undefined]];
    for (const factor of factors) options.push([factor === null ? "head" : `1/${factor}`, factor]);
    const choice = segments(
      "stage",
      "Stage",
      options.map(([label, factor]) => [label, () => this.showStage(factor)]),
    );
    const about = "Stage, by resolution: shown in all networks at once";
    return [html("div", { class: "stages" }, choice, html("span", {}, about))];
  }

  /** Bring a stage into view in every network, the other layers dimmed; undefined: none. */
  private showStage(factor: number | null | undefined): void {
    for (const { graph, network } of this.sides) {
      const inside = network.layers.filter(
        (layer) => factor !== undefined && !layer.aux && layer.stage === factor && layer.drawn,
      );
      graph.find(new Set(inside.map((layer) => layer.index)));
      if (inside.length) graph.bringUp(inside[0].index);
    }
  }

  private colourBy(quantity: Quantity): void {
    for (const side of this.sides) side.graph.quantity = quantity;
    this.colour();
  }

  /** Colour all graphs on one scale, and say which. */
  private colour(): void {
    const top = Math.max(...this.sides.map((side) => side.graph.most()));
    for (const side of this.sides) side.graph.colour(top);
    const { quantity } = this.sides[0].graph;
    this.legend.replaceChildren(
      html("span", {}, "0"),
      html("i", { class: "ramp" }),
      html("span", {}, quantity.show(top)),
      html("span", { class: "mute" }, `${quantity.about}, of the boxes in view`),
      html("span", { class: "key skip" }, "passes layers by"),
      ...this.markKeys,
    );
  }

  private column(side: Side, k: number): HTMLElement {
    const { graph, search, network } = side;
    const title: Child[] =
      this.sides.length > 1 ? [html("h3", {}, network.heading)] : [];
    const button = (label: string, text: string, click: () => void): HTMLElement =>
      html("button", { class: "button", type: "button", "aria-label": label, click }, text);
    const all: HTMLElement = html(
      "button",
      {
        class: "button",
        type: "button",
        "aria-pressed": "false",
        click: () => {
          const open = all.getAttribute("aria-pressed") !== "true";
          all.setAttribute("aria-pressed", String(open));
          graph.openAll(open);
        },
      },
      "Open all",
    );
    return html(
      "div",
      { class: "column", "data-side": k },
      ...title.filter((child) => child instanceof Node),
      html(
        "div",
        { class: "tools" },
        search.element,
        all,
        button("Width of the pane", "Width", () => graph.fitWidth()),
        button("Whole network", "Whole", () => graph.fitWhole()),
        button("Zoom out", "−", () => graph.scale(1 / 1.25)),
        button("Zoom in", "+", () => graph.scale(1.25)),
      ),
      graph.pane,
    );
  }

  private listen(): void {
    document.addEventListener("keydown", (event) => {
      const typing = (event.target as Element).matches("input, select, textarea");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.sides[this.active].search.field.focus();
    });
    addEventListener("beforeprint", () => this.drawWhole(true));
    addEventListener("afterprint", () => this.drawWhole(false));
  }

  private drawWhole(whole: boolean): void {
    for (const side of this.sides) side.graph.drawWhole(whole);
  }
}

/** A choice of one, the first at first, as radio buttons in a row. */
function segments(name: string, label: string, options: [string, () => void][]): HTMLElement {
  const buttons = options.map(([text, change], k) =>
    html(
      "label",
      {},
      html("input", { type: "radio", name, checked: k === 0, change }),
      html("span", {}, text),
    ),
  );
  return html("div", { class: "segments", role: "radiogroup", "aria-label": label }, ...buttons);
}
