// Finding layers by words: each must stand in the path, the op or the output's shape.
import type { Layer } from "./data";
import { html } from "./dom";
import { numberOf, shape } from "./units";

const MOST_SHOWN = 8;

export class Search {
  readonly element: HTMLElement;
  readonly field: HTMLInputElement;
  private list: HTMLElement;
  private count = html("span", { class: "count", role: "status" });
  private texts: string[] | null = null;

  constructor(
    private layers: Layer[],
    number: number,
    private found: (layers: Layer[]) => void,
    private go: (index: number) => void,
  ) {
    this.list = html("div", { class: "hits", id: `hits-${number}`, hidden: true });
    this.field = html("input", {
      type: "search",
      placeholder: "Find a layer: conv 3x3",
      "aria-label": "Find a layer",
      "aria-controls": `hits-${number}`,
      autocomplete: "off",
      spellcheck: "false",
      input: () => this.search(),
      keydown: (event: KeyboardEvent) => this.key(event),
    });
    this.element = html("div", { class: "search" }, this.field, this.count, this.list);
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.list.hidden = true;
    });
  }

  private search(): void {
    const words = this.field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? this.matching(words) : [];
    this.found(hits);
    this.count.textContent = words.length ? numberOf(hits.length, "layer") : "";
    const shown = hits.slice(0, MOST_SHOWN).map((layer) =>
      html(
        "button",
        { type: "button", click: () => this.choose(layer) },
        html("b", {}, layer.path),
        html("span", {}, layer.fact.what),
        html("span", {}, shape(layer.fact.shape)),
      ),
    );
    const more = hits.length - MOST_SHOWN;
    const rest = more > 0 ? [html("p", {}, `and ${more} more`)] : [];
    this.list.replaceChildren(...shown, ...rest);
    this.list.hidden = hits.length === 0;
  }

  private matching(words: string[]): Layer[] {
    this.texts ??= this.layers.map((layer) => {
      const sides = layer.fact.shape;
      return `${layer.path} ${layer.fact.what} ${sides.join("x")} ${shape(sides)}`.toLowerCase();
    });
    const texts = this.texts;
    return this.layers.filter(
      (layer, k) => layer.drawn && words.every((word) => texts[k].includes(word)),
    );
  }

  private choose(layer: Layer): void {
    this.list.hidden = true;
    this.go(layer.index);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.field.value = "";
      this.search();
    }
    if (event.key === "Enter") this.list.querySelector("button")?.click();
    if (event.key === "ArrowDown") {
      event.preventDefault();
      this.list.querySelector("button")?.focus();
    }
  }
}
