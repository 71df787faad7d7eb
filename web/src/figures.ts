// Pictures that were drawn in Python: what a mark is of is said beside the pointer, a click goes
// to the layer, and the arrow keys walk from mark to mark.
import type { TrainingStep } from "./data";
import { html, svg } from "./dom";
import { putMoments } from "./moment";

export interface FigureActions {
  /** What there is to say of a layer, in short. */
  say(network: number, layer: number): string;
  /** The step of training of a network; null: it has none here. */
  step(network: number): TrainingStep | null;
  /** What there is to say of a moment of it. */
  sayMoment(network: number, place: number): string;
  go(network: number, layer: number): void;
}

const MOMENT = ".moment"; // a place along the curve of a step of training
const MARKS = `[data-i], ${MOMENT}`;
const NARROW = "(max-width: 620px)"; // as the style has it

export class Figures {
  private tip = html("div", { class: "tip", role: "status", hidden: true });
  private figures: HTMLElement[];

  constructor(
    private actions: FigureActions,
    private pictures: Record<string, string>,
  ) {
    this.putPictures();
    matchMedia(NARROW).addEventListener("change", () => this.putPictures());
    this.figures = [...document.querySelectorAll<HTMLElement>("figure[data-network]")];
    for (const figure of this.figures) this.listen(figure);
    document.body.append(this.tip);
  }

  /** Put those packed pictures into their places that this width of window shows. */
  private putPictures(): void {
    const shown = matchMedia(NARROW).matches ? "narrow" : "wide";
    const places = `.${shown}[data-picture], .crowded[data-picture]`;
    for (const place of document.querySelectorAll<HTMLElement>(places)) {
      const text = this.pictures[place.dataset.picture ?? ""];
      delete place.dataset.picture;
      const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      place.replaceChildren(document.importNode(drawn, true));
    }
    for (const over of document.querySelectorAll<SVGRectElement>(".a-moments")) {
      const side = Number(over.closest<HTMLElement>("figure")?.dataset.network);
      const step = this.actions.step(side);
      if (step && over.getClientRects().length) putMoments(over, step);
    }
  }

  private listen(figure: HTMLElement): void {
    const network = Number(figure.dataset.network);
    if (figure.querySelector(MARKS)) {
      figure.tabIndex = 0;
      figure.setAttribute("role", "group");
      const title = figure.querySelector("title")?.textContent ?? "Picture";
      figure.setAttribute("aria-label", `${title}: arrow keys walk from mark to mark`);
    }
    figure.addEventListener("pointerover", (event) => this.show(figure, network, markAt(event)));
    figure.addEventListener("pointerleave", () => this.show(figure, network, null));
    figure.addEventListener("blur", () => this.show(figure, network, null));
    figure.addEventListener("click", (event) => this.go(network, markAt(event)));
    figure.addEventListener("keydown", (event) => this.key(event, figure, network));
  }

  /** Go to the layer of a mark; a moment of training may be of none. */
  private go(network: number, mark: SVGElement | null | undefined): void {
    if (mark?.dataset.i !== undefined) this.actions.go(network, Number(mark.dataset.i));
  }

  private show(figure: HTMLElement, network: number, mark: SVGElement | null): void {
    const text = mark ? this.say(figure, network, mark) : "";
    this.tip.hidden = text === "";
    if (!mark || !text) return;
    this.tip.textContent = text;
    const box = mark.getBoundingClientRect();
    const left = Math.min(innerWidth - this.tip.offsetWidth - 8, box.left + box.width / 2);
    this.tip.style.setProperty("left", `${Math.max(8, left)}px`);
    const below = box.bottom + 8;
    const fits = below + this.tip.offsetHeight < innerHeight;
    const top = fits ? below : box.top - this.tip.offsetHeight - 8;
    this.tip.style.setProperty("top", `${top}px`);
  }

  private say(figure: HTMLElement, network: number, mark: SVGElement): string {
    if (!mark.matches(MOMENT)) return this.actions.say(network, Number(mark.dataset.i));
    const place = seen(figure, MOMENT).findIndex((each) => each === mark);
    return this.actions.sayMoment(network, place);
  }

  private key(event: KeyboardEvent, figure: HTMLElement, network: number): void {
    const marks = walked(figure);
    const here = Number(figure.dataset.here ?? -1);
    const steps: Record<string, number> = {
      ArrowRight: here + 1,
      ArrowLeft: Math.max(0, here - 1),
      Home: 0,
      End: marks.length - 1,
    };
    if (event.key === "Enter") this.go(network, marks[here]);
    const place = steps[event.key];
    const mark = marks[place];
    if (mark === undefined) return;
    event.preventDefault();
    figure.dataset.here = String(place);
    this.show(figure, network, mark);
    if (mark.matches(MOMENT)) ring(figure, [mark]);
    else this.ringLayer(figure, Number(mark.dataset.i));
  }

  /** Show in every picture which marks are of a layer. */
  choose(network: number, layer: number): void {
    for (const figure of this.figures) {
      if (Number(figure.dataset.network) === network) this.ringLayer(figure, layer);
    }
  }

  private ringLayer(figure: HTMLElement, layer: number): void {
    ring(figure, seen(figure, `[data-i="${layer}"]`));
  }
}

/** Marks that are in a variant of the picture that is shown. */
const seen = (figure: HTMLElement, selector: string): SVGGraphicsElement[] =>
  [...figure.querySelectorAll<SVGGraphicsElement>(selector)].filter(
    (mark) => mark.getClientRects().length > 0,
  );

/** The marks that arrow keys walk: moments as they follow, else one of each layer, in order. */
function walked(figure: HTMLElement): SVGGraphicsElement[] {
  const moments = seen(figure, MOMENT);
  if (moments.length) return moments;
  const byLayer = new Map<number, SVGGraphicsElement>();
  for (const mark of seen(figure, "[data-i]")) {
    const layer = Number(mark.dataset.i);
    if (!byLayer.has(layer)) byLayer.set(layer, mark);
  }
  return [...byLayer].sort(([a], [b]) => a - b).map(([, mark]) => mark);
}

/** Draw a frame around marks, and take away those that were there. */
function ring(figure: HTMLElement, marks: SVGGraphicsElement[]): void {
  figure.querySelectorAll(".ring").forEach((each) => each.remove());
  for (const mark of marks) {
    const box = mark.getBBox();
    const around = { x: box.x - 2, y: box.y - 2, width: box.width + 4, height: box.height + 4 };
    mark.parentElement?.append(svg("rect", { ...around, rx: 2, class: "ring" }));
  }
}

const markAt = (event: Event): SVGElement | null =>
  (event.target as Element).closest<SVGElement>(MARKS);
