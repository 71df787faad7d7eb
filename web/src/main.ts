// The page's script: it draws the networks that the page has the data of, and lets pictures and
// tables that stand in the page answer to the mouse and the keyboard.
import { network, read, type Raw } from "./data";
import { html } from "./dom";
import { Figures, type FigureActions } from "./figures";
import type { Mark } from "./graph";
import { Workspace } from "./workspace";

/** What pictures without networks answer. */
const NOTHING: FigureActions = {
  say: () => "",
  step: () => null,
  sayMoment: () => "",
  go: () => undefined,
};

async function start(): Promise<void> {
  const began = performance.now();
  actions();
  foldDetails();
  const place = document.querySelector<HTMLElement>('[data-part="networks"]');
  place?.replaceChildren(); // what it says is for those without a script
  const [raw, pictures] = await Promise.all([read("networks"), read("pictures")]);
  if (raw && place) {
    draw(raw, place, pictures ?? {});
  } else {
    new Figures(NOTHING, pictures ?? {});
  }
  document.documentElement.dataset.ready = (performance.now() - began).toFixed(0);
}

/** Draw the networks into their place, and connect the pictures with them. */
function draw(raw: Raw, place: HTMLElement, pictures: Record<string, string>): void {
  const workspace = new Workspace(raw.networks.map(network), raw.marks.map(marksOf), raw.image);
  const figures = new Figures(
    {
      say: (side, index) => workspace.sayOf(side, index),
      step: (side) => workspace.sides[side].network.step,
      sayMoment: (side, place) => workspace.sayOfMoment(side, place),
      go: (side, index) => workspace.go(side, index),
    },
    pictures,
  );
  workspace.chosen = (side, index) => figures.choose(side, index);
  workspace.put(place, document.querySelector('[data-part="seen"]'));
}

/** By layer how it differs from those of another network. */
function marksOf({ changed, only }: Record<Mark, number[]>): Map<number, Mark> {
  const marks = new Map<number, Mark>();
  for (const index of changed) marks.set(index, "changed");
  for (const index of only) marks.set(index, "only");
  return marks;
}

/** Buttons for what only a script can do. */
function actions(): void {
  const root = document.documentElement;
  const turn = (): void => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };
  const button = (text: string, click: () => void): HTMLElement =>
    html("button", { class: "button", type: "button", click }, text);
  document
    .querySelector("header.top")
    ?.append(
      html(
        "div",
        { class: "actions" },
        button("Light or dark", turn),
        button("Print", () => print()),
      ),
    );
}

/** Close the tables that stand open for those without a script; open them for a printer. */
function foldDetails(): void {
  const details = [...document.querySelectorAll("details")];
  for (const each of details) each.open = false;
  let open: boolean[] = [];
  addEventListener("beforeprint", () => {
    open = details.map((each) => each.open);
    for (const each of details) each.open = true;
  });
  addEventListener("afterprint", () => details.forEach((each, k) => (each.open = open[k])));
}

void start();
