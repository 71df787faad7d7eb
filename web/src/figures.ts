// Pictures that were drawn in Python: what a mark is of is said beside the pointer, a click goes
// to the layer, and the arrow keys walk from mark to mark.
import { html, svg } from "./dom";

export interface FigureActions {
  /** What there is to say of a layer, in short. */
  say(network: number, layer: number): string;
  go(network: number, layer: number): void;
}

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
  }

  private listen(figure: HTMLElement): void {
    const network = Number(figure.dataset.network);
    if (figure.querySelector("[data-i]")) {
      figure.tabIndex = 0;
      figure.setAttribute("role", "group");
      const title = figure.querySelector("title")?.textContent ?? "Picture";
      figure.setAttribute("aria-label", `${title}: arrow keys walk from mark to mark`);
    }
    figure.addEventListener("pointerover", (event) => this.show(network, markAt(event)));
    figure.addEventListener("pointerleave", () => this.show(network, null));
    figure.addEventListener("blur", () => this.show(network, null));
    figure.addEventListener("click", (event) => {
      const mark = markAt(event);
      if (mark) this.actions.go(network, Number(mark.dataset.i));
    });
    figure.addEventListener("keydown", (event) => this.key(event, figure, network));
  }

  private show(network: number, mark: SVGElement | null): void {
    const text = mark ? this.actions.say(network, Number(mark.dataset.i)) : "";
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

  private key(event: KeyboardEvent, figure: HTMLElement, network: number): void {
    const marks = [...figure.querySelectorAll<SVGElement>("[data-i]")].filter(
      (mark) => mark.getClientRects().length > 0,
    );
    const layers = [...new Set(marks.map((mark) => Number(mark.dataset.i)))];
    layers.sort((a, b) => a - b);
    const here = layers.indexOf(Number(figure.dataset.here ?? -1));
    const steps: Record<string, number> = {
      ArrowRight: here + 1,
      ArrowLeft: Math.max(0, here - 1),
      Home: 0,
      End: layers.length - 1,
    };
    if (event.key === "Enter" && here >= 0) this.actions.go(network, layers[here]);
    const place = steps[event.key];
    const layer = layers[place];
    if (place === undefined || layer === undefined) return;
    event.preventDefault();
    figure.dataset.here = String(layer);
    this.show(network, marks.find((mark) => Number(mark.dataset.i) === layer) ?? null);
    this.ring(figure, layer);
  }

  /** Show in every picture which marks are of a layer. */
  choose(network: number, layer: number): void {
    for (const figure of this.figures) {
      if (Number(figure.dataset.network) === network) this.ring(figure, layer);
    }
  }

  private ring(figure: HTMLElement, layer: number): void {
    figure.querySelectorAll(".ring").forEach((ring) => ring.remove());
    for (const mark of figure.querySelectorAll<SVGGraphicsElement>(`[data-i="${layer}"]`)) {
      if (!mark.getClientRects().length) continue;
      const box = mark.getBBox();
      const around = { x: box.x - 2, y: box.y - 2, width: box.width + 4, height: box.height + 4 };
      mark.parentElement?.append(svg("rect", { ...around, rx: 2, class: "ring" }));
    }
  }
}

const markAt = (event: Event): SVGElement | null =>
  (event.target as Element).closest<SVGElement>("[data-i]");
