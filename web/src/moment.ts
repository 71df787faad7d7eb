// The moments of a step of training: what a pointer finds of them, and what is said of one.
import type { TrainingStep } from "./data";
import { svg } from "./dom";
import { size } from "./units";

/** Its phase, layer and kernel with all bytes, and on a line of its own the bytes by kind. */
export function momentText(step: TrainingStep, place: number): string {
  const kinds = Object.entries(step.bytes)
    .map(([kind, column]): [string, number] => [kind, column[place]])
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
  const all = kinds.reduce((sum, [, bytes]) => sum + bytes, 0);
  const where = [step.phase[place], step.path[place], step.kernel[place]].filter(Boolean);
  const bound = step.lowerBound ? "≥ " : "";
  const parts = kinds.map(([kind, bytes]) => `${size(bytes)} ${kind}`);
  return `${where.join(", ")}: ${bound}${size(all)}\n${parts.join(", ")}`;
}

/** Divide the rectangle over the curve into a mark for each moment, as wide as its kernels. */
export function putMoments(over: SVGRectElement, step: TrainingStep): void {
  const { x, y, width, height } = over.getBBox();
  const all = step.kernels.reduce((sum, kernels) => sum + kernels, 0);
  let before = 0;
  const marks = step.kernels.map((kernels, place) => {
    const left = x + (width * before) / all;
    before += kernels;
    const sides = { x: left, y, width: (width * kernels) / all, height };
    return svg("rect", { ...sides, class: "moment", "data-i": step.layer[place] });
  });
  over.replaceWith(...marks);
}
