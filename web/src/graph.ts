// The graph of one network: an SVG tree in a pane that scrolls. Blocks open in place.
import { closedBox, openBox, sizeOf, spoken, titleOf, wirePath } from "./boxes";
import type { Network } from "./data";
import { html, setProperty, svg } from "./dom";
import { layout, walkBoxes, type Kept } from "./layout";
import { PlacedBox, type Wire } from "./placed";
import { amount, QUANTITIES, type Quantity } from "./quantity";
import { openAll, openAsAtFirst, openInside, treeOf, walk, type Item } from "./tree";
import { shape } from "./units";

const MOST_DRAWN = 400; // boxes; of more only those near what is in view
const MOST_PRINTED = 5000;
const TOP = 26; // above the first box, for what goes in
const AT_ONCE = 40; // milliseconds that blocks are laid out before the page may do something else
const LEAST_ZOOM = 0.1;
const MOST_ZOOM = 3;

/** How layers differ from those of another network. */
export type Mark = "changed" | "only";

interface Placed {
  box: PlacedBox;
  x: number;
  y: number;
  depth: number;
}

interface PlacedWire {
  wire: Wire;
  x: number;
  y: number;
  top: number;
  bottom: number;
}

export class Graph {
  readonly pane: HTMLElement;
  readonly root: Item;
  selected: Item;
  quantity: Quantity = QUANTITIES[0];
  found = new Set<number>();
  private zoom = 1;
  private width = 0;
  private height = 0;
  private placed: Placed[] = [];
  private wires: PlacedWire[] = [];
  private elements = new Map<Item, SVGElement>();
  private top = 0;
  private drawn: [top: number, bottom: number] = [0, 0];
  private kept: Kept = new Map();
  private whole = false; // everything is drawn, for a printer
  private layouts = 0; // how often all was laid out

  constructor(
    readonly network: Network,
    private number: number,
    private marks: Map<number, Mark>,
    private picked: (item: Item) => void,
  ) {
    this.root = treeOf(network);
    this.selected = this.firstWithCost();
    this.pane = html("div", {
      class: "pane",
      tabindex: 0,
      role: "group",
      "aria-label": `Graph of ${network.heading}: arrow keys walk, right opens, left closes`,
      scroll: () => requestAnimationFrame(() => this.follow()),
    });
    this.listen();
  }

  /** The boxes in view, those outside first. */
  get items(): Item[] {
    return this.placed.slice(1).map((placed) => placed.box.item);
  }

  /** Lay everything out again, and draw it. */
  draw(): void {
    this.layouts += 1;
    const root = this.layout(this.root);
    [this.width, this.height] = [root.width, root.height];
    this.placed = [];
    this.wires = [];
    walkBoxes(root, (box, x, y, depth) => {
      this.placed.push({ box, x, y, depth });
      for (const wire of box.wires) {
        const ys = wire.points.map((point) => point[1] + y);
        this.wires.push({ wire, x, y, top: Math.min(...ys), bottom: Math.max(...ys) });
      }
    });
    this.show();
  }

  private layout(item: Item): PlacedBox {
    const sizes = (inner: Item): [number, number] => sizeOf(inner, this.network);
    return layout(this.network, item, sizes, this.kept);
  }

  /** Lay out these blocks, and call `done`; where it takes long the page goes on meanwhile. */
  private layOut(items: Item[], done: () => void): void {
    const began = performance.now();
    const { layouts } = this;
    let laidOut = 0;
    while (laidOut < items.length && performance.now() - began < AT_ONCE) {
      this.layout(items[laidOut]);
      laidOut += 1;
    }
    const left = items.slice(laidOut);
    if (!left.length && performance.now() - began < AT_ONCE / 4) {
      done();
      return;
    }
    setTimeout(() => {
      // somebody opened or closed a block meanwhile, which laid out the rest
      if (layouts === this.layouts) this.layOut(left, done);
    });
  }

  /** The largest amount of the quantity among the closed boxes. */
  most(): number {
    return this.placed.reduce((most, { box }) => {
      if (box.boxes.length) return most;
      return Math.max(most, amount(box.item, this.quantity, this.network).known);
    }, 0);
  }

  /** Colour the boxes; `top` is what has the full colour. */
  colour(top: number): void {
    this.top = top;
    for (const [item, element] of this.elements) {
      if (element.classList.contains("frame")) continue;
      this.colourOne(item, element);
    }
  }

  private colourOne(item: Item, element: SVGElement): void {
    const found = amount(item, this.quantity, this.network);
    const part = this.top ? Math.sqrt(Math.min(1, found.known / this.top)) : 0;
    setProperty(element, "--t", `${Math.round(part * 100)}%`);
    element.classList.toggle("tint", part > 0.1);
    element.classList.toggle("mid", part > 0.57);
    element.classList.toggle("dark", part > 0.71);
    element.classList.toggle("unknown", !found.complete);
  }

  private show(): void {
    const input = this.placed[0].box.ins[0]?.x ?? this.width / 2;
    const picture = svg(
      "svg",
      {
        viewBox: `0 ${-TOP} ${this.width} ${this.height + TOP + 4}`,
        class: "network",
        role: "tree",
        "aria-label": `Layers of ${this.network.heading}`,
      },
      svg("g", { class: "frames" }),
      svg("g", { class: "wires" }),
      svg("g", { class: "titles", "aria-hidden": "true" }),
      svg("g", { class: "boxes" }),
      svg("text", { x: input, y: -4, class: "input" }, `input ${shape(this.network.input)}`),
    );
    this.pane.replaceChildren(picture);
    this.scaleTo(this.zoom);
    this.drawPart();
  }

  /** Draw what is near the part in view, or all where that is not too much. */
  private drawPart(): void {
    const most = this.whole ? MOST_PRINTED : MOST_DRAWN;
    const all = this.placed.length <= most;
    const screen = this.pane.clientHeight / this.zoom;
    const start = this.pane.scrollTop / this.zoom - TOP;
    this.drawn = all ? [-Infinity, Infinity] : [start - screen, start + 2 * screen];
    const [top, bottom] = this.drawn;
    const [frames, wires, titles, boxes] = this.pane.querySelectorAll("svg > g");
    this.elements.clear();
    const drawnFrames: SVGElement[] = [];
    const drawnTitles: SVGElement[] = [];
    const drawnBoxes: SVGElement[] = [];
    this.placed.forEach((placed, place) => {
      if (!place || placed.y > bottom || placed.y + placed.box.height < top) return;
      const element = this.element(placed, place);
      if (placed.box.boxes.length) {
        drawnFrames.push(element);
        drawnTitles.push(titleOf(placed.box, placed.depth, placed.x, placed.y));
      } else {
        drawnBoxes.push(element);
      }
    });
    frames.replaceChildren(...drawnFrames);
    titles.replaceChildren(...drawnTitles);
    boxes.replaceChildren(...drawnBoxes);
    wires.replaceChildren(
      ...this.wires
        .filter((wire) => wire.top <= bottom && wire.bottom >= top)
        .map(({ wire, x, y }) => wirePath(wire, x, y)),
    );
    this.mark();
  }

  /** Draw more where the view has come near the end of what is drawn. */
  private follow(): void {
    const screen = this.pane.clientHeight / this.zoom;
    const start = this.pane.scrollTop / this.zoom - TOP;
    const [top, bottom] = this.drawn;
    if (start - screen / 3 < top || start + screen * 1.3 > bottom) this.drawPart();
  }

  private element({ box, x, y, depth }: Placed, place: number): SVGElement {
    const { item } = box;
    const open = box.boxes.length > 0;
    const element = svg(
      "g",
      {
        class: this.classes(item, open),
        transform: `translate(${x} ${y})`,
        id: `box-${this.number}-${place}`,
        role: "treeitem",
        tabindex: -1,
        "aria-level": depth,
        "aria-expanded": item.layer === null ? String(open) : undefined,
        "aria-label": this.label(item),
        click: (event: MouseEvent) => this.click(event, item),
        dblclick: () => this.toggle(item),
      },
      ...(open ? openBox(box, depth) : closedBox(box, this.network)),
    );
    this.elements.set(item, element);
    if (!open) this.colourOne(item, element);
    return element;
  }

  private classes(item: Item, open: boolean): string {
    const classes = ["box"];
    if (open) classes.push("frame");
    else classes.push(item.layer === null ? "block" : "leaf");
    const hit = this.found.size > 0 && item.layers.some((index) => this.found.has(index));
    if (this.found.size && !hit && !open) classes.push("off");
    if (hit && !open) classes.push("hit");
    const mark = this.markOf(item);
    if (mark && !open) classes.push(mark);
    return classes.join(" ");
  }

  private markOf(item: Item): Mark | undefined {
    const marks = item.layers.map((index) => this.marks.get(index));
    if (marks.every((mark) => mark === "only")) return "only";
    return marks.some((mark) => mark) ? "changed" : undefined;
  }

  private label(item: Item): string {
    const mark = this.markOf(item);
    const words = { changed: ", differs", only: ", only in this network" };
    return spoken(item, this.network) + (mark ? words[mark] : "");
  }

  /** Where a box is, for those who point at it. */
  elementOf(item: Item): SVGElement | undefined {
    return this.elements.get(item);
  }

  private click(event: MouseEvent, item: Item): void {
    event.stopPropagation();
    const handle = (event.target as Element).closest(".chevron, .frame");
    this.select(item);
    if (item.layer === null && handle) this.toggle(item);
  }

  /** Choose a box, and tell what was chosen. */
  select(item: Item): void {
    this.selected = item;
    this.mark();
    this.picked(item);
  }

  /** Open or close a block; what was pointed at stays where it is. */
  toggle(item: Item): void {
    if (item.layer !== null) return;
    this.keeping(item, () => {
      item.opened = !item.opened;
      this.forget(item);
    });
  }

  /** Show another one of alike blocks. */
  showMember(item: Item, member: number): void {
    this.keeping(item, () => {
      item.shown = member;
      this.forget(item);
    });
  }

  /** An item is another one now: lay out again what is around it. */
  private forget(item: Item): void {
    for (let here: Item | null = item; here; here = here.parent) this.kept.delete(here);
  }

  private keeping(item: Item, change: () => void): void {
    const before = this.elements.get(item)?.getBoundingClientRect().top;
    const focused = this.pane.contains(document.activeElement);
    change();
    this.draw();
    this.settle();
    this.selected = item;
    const after = this.elements.get(item)?.getBoundingClientRect().top;
    if (before !== undefined && after !== undefined) {
      this.pane.scrollTop += after - before;
      this.follow();
    }
    this.changed();
    this.select(item);
    if (focused) this.focus();
  }

  /** Called when other boxes are in view than before. */
  changed: () => void = () => undefined;

  /** Open every block, or only what was open at first. */
  openAll(open: boolean): void {
    if (open) openAll(this.root);
    else openAsAtFirst(this.root);
    this.kept.clear();
    this.layOut(openInside(this.root), () => {
      this.draw();
      this.changed();
      this.reveal(this.selected.first);
    });
  }

  private firstWithCost(): Item {
    let found: Item | null = null;
    walk(this.root, (item) => {
      const layer = item.layer === null ? null : this.network.layers[item.layer];
      if (!found && layer?.fact.macs) found = item;
    });
    return found ?? this.root.children[0] ?? this.root;
  }

  /** Choose a layer, opening what is around it, and bring it into view. */
  reveal(index: number): Item {
    let item = this.root;
    let changed = false;
    while (item.layer === null) {
      const member = item.members.findIndex((each) => each.layers.includes(index));
      if (!item.opened || (member >= 0 && member !== item.shown)) {
        item.opened = true;
        item.shown = Math.max(0, member);
        this.forget(item);
        changed = true;
      }
      const next = item.inside.find((child) => child.layers.includes(index));
      if (!next) break;
      item = next;
    }
    if (changed) {
      this.draw();
      this.settle();
      this.changed();
    }
    this.selected = item;
    this.center(item);
    this.select(item);
    return item;
  }

  private center(item: Item): void {
    const placed = this.placed.find((each) => each.box.item === item);
    if (!placed) return;
    const { pane, zoom } = this;
    const top = (placed.y + TOP) * zoom;
    const height = Math.min(placed.box.height * zoom, pane.clientHeight - 20);
    if (top < pane.scrollTop || top + height > pane.scrollTop + pane.clientHeight) {
      pane.scrollTop = top + height / 2 - pane.clientHeight / 2;
    }
    const offset = Math.max(0, (pane.clientWidth - this.width * zoom) / 2);
    const left = placed.x * zoom + offset;
    const right = left + placed.box.width * zoom;
    if (left < pane.scrollLeft || right > pane.scrollLeft + pane.clientWidth) {
      pane.scrollLeft = (left + right) / 2 - pane.clientWidth / 2;
    }
    this.follow();
  }

  /** Show which box is chosen, and the wires that come in and go out. */
  private mark(): void {
    for (const wire of this.pane.querySelectorAll(".lit")) wire.classList.remove("lit");
    for (const box of this.pane.querySelectorAll(".on")) {
      box.classList.remove("on");
      box.setAttribute("tabindex", "-1");
    }
    const chosen = this.elements.get(this.selected);
    this.pane.tabIndex = chosen ? -1 : 0;
    if (!chosen) return;
    chosen.classList.add("on");
    chosen.setAttribute("tabindex", "0");
    const inside = new Set(this.selected.layers);
    for (const wire of this.pane.querySelectorAll<SVGElement>(".wire")) {
      const from = inside.has(Number(wire.dataset.source));
      const to = inside.has(Number(wire.dataset.target));
      if (from !== to) wire.classList.add("lit");
    }
  }

  focus(): void {
    const element = this.elements.get(this.selected) as (SVGElement & HTMLElement) | undefined;
    element?.focus({ preventScroll: true });
  }

  /** Colour and dim the boxes again after a search. */
  find(found: Set<number>): void {
    this.found = found;
    for (const [item, element] of this.elements) {
      const open = element.classList.contains("frame");
      const colours = ["tint", "mid", "dark", "unknown", "on"];
      const kept = colours.filter((name) => element.classList.contains(name));
      element.setAttribute("class", [this.classes(item, open), ...kept].join(" "));
    }
  }

  private scaleTo(zoom: number): void {
    this.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
    const picture = this.pane.firstElementChild;
    picture?.setAttribute("width", String(this.width * this.zoom));
    picture?.setAttribute("height", String((this.height + TOP + 4) * this.zoom));
  }

  /** Make everything larger or smaller by a factor around the middle of the pane. */
  scale(factor: number): void {
    const { pane } = this;
    const across = (pane.scrollLeft + pane.clientWidth / 2) / (pane.scrollWidth || 1);
    const down = (pane.scrollTop + pane.clientHeight / 2) / (pane.scrollHeight || 1);
    this.scaleTo(this.zoom * factor);
    pane.scrollLeft = across * pane.scrollWidth - pane.clientWidth / 2;
    pane.scrollTop = down * pane.scrollHeight - pane.clientHeight / 2;
    this.follow();
  }

  /** Make it as wide as the pane. */
  fitWidth(): void {
    this.scaleTo(Math.min(1.1, (this.pane.clientWidth - 16) / this.width));
    this.follow();
  }

  /** Make all of it fit into the pane. */
  fitWhole(): void {
    const across = (this.pane.clientWidth - 16) / this.width;
    const down = (this.pane.clientHeight - 16) / (this.height + TOP + 4);
    this.scaleTo(Math.min(1.1, across, down));
    this.follow();
  }

  /** After a block was opened: as wide as the pane, but never too small to read. */
  private settle(): void {
    const room = this.pane.clientWidth - 16;
    if (this.width * this.zoom > room) this.scaleTo(Math.max(0.62, room / this.width));
  }

  /** Draw all of it, for a printer, or again only what is in view. */
  drawWhole(whole: boolean): void {
    this.whole = whole;
    if (this.placed.length > MOST_DRAWN) this.drawPart();
  }

  private listen(): void {
    const { pane } = this;
    pane.addEventListener("keydown", (event) => this.key(event));
    pane.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.scale(Math.exp(-event.deltaY / 300));
      },
      { passive: false },
    );
    pane.addEventListener("pointerdown", (event) => this.drag(event));
    pane.addEventListener("click", (event) => this.followWire(event));
    pane.addEventListener("pointerover", (event) => this.lightTensor(event));
  }

  /** Let a mouse pull the graph where there is no box. */
  private drag(event: PointerEvent): void {
    const onBox = (event.target as Element).closest(".box, .wire");
    if (event.pointerType !== "mouse" || onBox) return;
    const { pane } = this;
    const [x, y] = [event.clientX + pane.scrollLeft, event.clientY + pane.scrollTop];
    const move = (to: PointerEvent): void => {
      pane.scrollLeft = x - to.clientX;
      pane.scrollTop = y - to.clientY;
    };
    const stop = (): void => {
      pane.removeEventListener("pointermove", move);
      pane.removeEventListener("pointerup", stop);
      pane.removeEventListener("pointercancel", stop);
    };
    pane.setPointerCapture(event.pointerId);
    pane.addEventListener("pointermove", move);
    pane.addEventListener("pointerup", stop);
    pane.addEventListener("pointercancel", stop);
  }

  /** Light every piece of the tensor that the mouse is on. */
  private lightTensor(event: PointerEvent): void {
    const over = (event.target as Element).closest<SVGElement>(".wire");
    for (const wire of this.pane.querySelectorAll<SVGElement>(".wire")) {
      const same = over !== null && wire.dataset.source === over.dataset.source;
      wire.classList.toggle("same", same);
    }
  }

  /** A click on a wire goes to its reader, or from there back to what it comes from. */
  private followWire(event: MouseEvent): void {
    const wire = (event.target as Element).closest<SVGElement>(".wire");
    if (!wire) return;
    const source = Number(wire.dataset.source);
    const target = Number(wire.dataset.target);
    const reader = target >= 0 ? target : (this.network.uses[source]?.at(-1) ?? -1);
    const end = this.boxOf(reader);
    this.walkTo(end && end !== this.selected ? end : this.boxOf(source));
  }

  /** The innermost box in view that a layer is in. */
  private boxOf(index: number): Item | undefined {
    return this.items.filter((item) => item.layers.includes(index)).at(-1);
  }

  /** Scroll the box that a layer is in to the top of the pane. */
  bringUp(index: number): void {
    const inside = this.placed.slice(1).filter(({ box }) => box.item.layers.includes(index));
    const placed = inside.at(-1);
    if (!placed) return;
    this.pane.scrollTop = (placed.y + TOP) * this.zoom - 30;
    this.follow();
  }

  private walkTo(item: Item | undefined): void {
    if (!item) return;
    this.selected = item;
    this.center(item);
    this.select(item);
    this.focus();
  }

  private key(event: KeyboardEvent): void {
    const items = this.items;
    const place = items.indexOf(this.selected);
    const item = this.selected;
    const block = item.layer === null;
    const actions: Record<string, () => void> = {
      ArrowDown: () => this.walkTo(items[place + 1]),
      ArrowUp: () => this.walkTo(items[place - 1]),
      Home: () => this.walkTo(items[0]),
      End: () => this.walkTo(items.at(-1)),
      ArrowRight: () => {
        if (block && !item.opened) this.toggle(item);
        else if (block) this.walkTo(items[place + 1]);
      },
      ArrowLeft: () => {
        if (block && item.opened) this.toggle(item);
        else this.walkTo(this.around(item, items));
      },
      Enter: () => this.toggle(item),
      " ": () => this.toggle(item),
      "+": () => this.scale(1.2),
      "-": () => this.scale(1 / 1.2),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  /** The nearest frame around an item. */
  private around(item: Item, items: Item[]): Item | undefined {
    let outer = item.parent;
    while (outer && !items.includes(outer)) outer = outer.parent;
    return outer ?? undefined;
  }
}
