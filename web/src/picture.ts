// What one unit of a layer sees of the image: the image, its part inside the field clear, padding
// hatched. The unit can be dragged, or moved by the arrow keys.
import type { Axis, Layer, Network } from "./data";
import { html, svg } from "./dom";

interface Span {
  start: number;
  size: number;
}

/** The units of a layer along an axis, and which of them is looked at. */
interface Units {
  count: number;
  at: number;
}

export class FieldPicture {
  readonly element: HTMLElement;
  private layer: Layer | null = null;
  private place: [number, number] = [0.5, 0.5]; // of the unit, as shares of height and width
  private frame = html("div", { class: "picture" });
  private says = html("p", { class: "say", role: "status" });
  private slider: HTMLInputElement;
  private seeing: Layer[];

  constructor(
    private network: Network,
    private image: string | null,
    private number: number,
    private picked: (index: number) => void,
  ) {
    this.seeing = network.layers.filter((layer) => layer.drawn && sees(layer));
    this.slider = html("input", {
      type: "range",
      min: 0,
      max: Math.max(0, this.seeing.length - 1),
      "aria-label": "Layer",
      input: () => this.slide(),
    });
    this.element = html("div", { class: "seen" }, this.frame, this.slider, this.says);
  }

  /** Whether there is an image to draw on, and a layer that sees a part of it. */
  get possible(): boolean {
    return this.network.input.length === 3 && this.seeing.length > 0;
  }

  /** Show what a layer sees. */
  show(layer: Layer): void {
    this.layer = layer;
    const place = this.seeing.indexOf(layer);
    if (place >= 0) this.slider.value = String(place);
    this.slider.setAttribute("aria-valuetext", layer.path);
    this.draw();
  }

  /** Show a layer that sees half of the image, which says most about what a field is. */
  showSomeOfHalf(): void {
    const side = Math.max(...this.network.input.slice(1));
    const layer = this.seeing.find(({ axes: [axis] }) => Array.isArray(axis) && axis[0] >= side / 2);
    if (layer) this.show(layer);
  }

  private slide(): void {
    const layer = this.seeing[Number(this.slider.value)];
    this.show(layer);
    this.picked(layer.index);
  }

  private units(layer: Layer, axis: number): Units {
    const dims = layer.fact.shape;
    const count = dims.length === 3 ? dims[axis + 1] : 1;
    return { count, at: Math.min(count - 1, Math.floor(this.place[axis] * count)) };
  }

  private draw(): void {
    const layer = this.layer;
    if (!layer) return;
    const [, height, width] = this.network.input;
    const spans = [height, width].map((whole, axis) => {
      const field = layer.axes[axis] ?? layer.axes[0];
      return spanOf(field, this.units(layer, axis).at, whole);
    });
    const [rows, columns] = spans;
    if (!rows || !columns) {
      this.frame.replaceChildren();
      this.says.replaceChildren(html("strong", {}, layer.path), " has no field to draw.");
      return;
    }
    this.frame.replaceChildren(this.drawn(layer, rows, columns));
    this.say(layer, rows, columns);
  }

  private drawn(layer: Layer, rows: Span, columns: Span): SVGElement {
    const [, height, width] = this.network.input;
    const margin = marginAround(rows, columns, height, width);
    const around = { x: -margin, y: -margin, width: width + 2 * margin, height: height + 2 * margin };
    const field = { x: columns.start, y: rows.start, width: columns.size, height: rows.size };
    const line = Math.max(width, height) / 110;
    const picture = svg(
      "svg",
      {
        viewBox: `${around.x} ${around.y} ${around.width} ${around.height}`,
        class: "field-picture",
        role: "img",
        tabindex: 0,
        "aria-label": `A unit of ${layer.path} sees ${rows.size} by ${columns.size} pixels; arrow keys move it`,
        "--stroke": `${line}px`,
      },
      definitions(this.number, width, height, around),
      svg("g", { "clip-path": `url(#seen-clip-${this.number})` }, ...backdrop(this.image, width, height)),
      svg("rect", { width, height, class: "image-frame" }),
      svg("path", {
        d: `M0 0H${width}V${height}H0Z${rectPath(field)}`,
        class: "dim",
        "clip-path": `url(#seen-clip-${this.number})`,
      }),
      svg("rect", {
        ...field,
        fill: `url(#seen-hatch-${this.number})`,
        mask: `url(#seen-beyond-${this.number})`,
      }),
      svg("rect", { ...field, class: "field-edge" }),
      svg("rect", { ...unitMark(layer, rows, columns, line), class: "field-unit" }),
    );
    this.listen(picture, around);
    return picture;
  }

  private listen(picture: SVGSVGElement, around: Area): void {
    const [, height, width] = this.network.input;
    const move = (event: PointerEvent): void => {
      const box = picture.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * around.width + around.x;
      const y = ((event.clientY - box.top) / box.height) * around.height + around.y;
      this.moveTo(y / height, x / width);
    };
    picture.addEventListener("pointerdown", move);
    picture.addEventListener("pointermove", (event) => {
      if (event.buttons || event.pointerType === "mouse") move(event);
    });
    picture.addEventListener("keydown", (event) => this.key(event));
  }

  private moveTo(row: number, column: number): void {
    const inside = (value: number): number => Math.min(0.9999, Math.max(0, value));
    const before = this.layer && [0, 1].map((axis) => this.units(this.layer!, axis).at);
    this.place = [inside(row), inside(column)];
    const after = this.layer && [0, 1].map((axis) => this.units(this.layer!, axis).at);
    if (String(before) === String(after)) return;
    const focused = this.frame.contains(document.activeElement);
    this.draw();
    if (focused) this.frame.querySelector("svg")?.focus();
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const step = steps[event.key];
    if (!step || !this.layer) return;
    event.preventDefault();
    const [row, column] = [0, 1].map((axis) => {
      const units = this.units(this.layer!, axis);
      return (units.at + step[axis] + 0.5) / units.count;
    });
    this.moveTo(row, column);
  }

  private say(layer: Layer, rows: Span, columns: Span): void {
    const [, height, width] = this.network.input;
    const whole = layer.axes.every((axis) => axis === "whole");
    const field = layer.axes[0];
    const parts: (Node | string)[] = [html("strong", {}, layer.path)];
    if (whole) {
      parts.push(": every unit sees the whole image.");
    } else {
      parts.push(`: one unit sees ${rows.size} × ${columns.size} of ${height} × ${width} pixels`);
      parts.push(Array.isArray(field) ? `; its neighbour looks ${field[1]} px further.` : ".");
    }
    const beyond = rows.size > height || columns.size > width;
    if (beyond) parts.push(" That is more than the image has: what is hatched is padding.");
    this.says.replaceChildren(...parts);
  }
}

const sees = (layer: Layer): boolean =>
  !layer.axes.includes("nothing") && !layer.axes.includes("unknown");

function spanOf(axis: Axis, unit: number, whole: number): Span | null {
  if (axis === "whole") return { start: 0, size: whole };
  if (typeof axis === "string") return null;
  const [size, jump, start] = axis;
  return { start: start + unit * jump, size };
}

/** How much is drawn around the image, so that what the field has of padding is seen. */
function marginAround(rows: Span, columns: Span, height: number, width: number): number {
  const beyond = Math.max(
    -rows.start,
    -columns.start,
    rows.start + rows.size - height,
    columns.start + columns.size - width,
  );
  const side = Math.max(height, width);
  return Math.round(Math.min(0.55 * side, Math.max(0.06 * side, beyond + 0.03 * side)));
}

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const rectPath = (area: Area): string =>
  `M${area.x} ${area.y}v${area.height}h${area.width}v${-area.height}Z`;

function unitMark(layer: Layer, rows: Span, columns: Span, line: number): Area {
  const jumpOf = (axis: Axis | undefined, span: Span): number =>
    Array.isArray(axis) ? axis[1] : span.size;
  const height = Math.max(2 * line, Math.min(rows.size, jumpOf(layer.axes[0], rows)));
  const other = layer.axes[1] ?? layer.axes[0];
  const width = Math.max(2 * line, Math.min(columns.size, jumpOf(other, columns)));
  if (layer.axes.every((axis) => axis === "whole")) {
    return { x: 0, y: 0, width: 0, height: 0 };
  }
  return {
    x: columns.start + (columns.size - width) / 2,
    y: rows.start + (rows.size - height) / 2,
    width,
    height,
  };
}

function definitions(
  number: number,
  width: number,
  height: number,
  around: Area,
): SVGElement {
  const step = Math.max(width, height) / 36;
  return svg(
    "defs",
    {},
    svg("clipPath", { id: `seen-clip-${number}` }, svg("rect", { width, height })),
    svg(
      "pattern",
      {
        id: `seen-hatch-${number}`,
        width: step,
        height: step,
        patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      },
      svg("line", { x1: 0, y1: 0, x2: 0, y2: step, class: "hatch" }),
    ),
    svg(
      "mask",
      { id: `seen-beyond-${number}` },
      svg("rect", { ...around, fill: "#fff" }),
      svg("rect", { width, height, fill: "#000" }),
    ),
  );
}

/** The image that was given, or a landscape drawn on a square of 224. */
function backdrop(image: string | null, width: number, height: number): SVGElement[] {
  if (image) {
    return [svg("image", { href: image, width, height, preserveAspectRatio: "xMidYMid slice" })];
  }
  const scene = svg(
    "g",
    { transform: `scale(${width / 224} ${height / 224})` },
    svg("rect", { width: 224, height: 224, class: "sky" }),
    svg("circle", { cx: 172, cy: 48, r: 18, class: "sun" }),
    svg("path", { d: "M-10 150Q40 84 96 132T230 108V230H-10Z", class: "far" }),
    svg("path", { d: "M-10 178Q64 132 130 168T234 152V234H-10Z", class: "near" }),
    svg("path", { d: "M74 196V132", class: "trunk" }),
    svg("circle", { cx: 74, cy: 112, r: 27, class: "tree" }),
    svg("circle", { cx: 56, cy: 126, r: 17, class: "tree" }),
    svg("circle", { cx: 92, cy: 128, r: 16, class: "tree" }),
    svg("path", {
      d: "M124 192q1-18 15-19h24q9 0 12-9l3-7 4 7 7 3-3 7q-2 7-7 8v12h-5v-10h-28v10h-5v-13q-6 1-7 11Z",
      class: "dog",
    }),
  );
  return [scene];
}
