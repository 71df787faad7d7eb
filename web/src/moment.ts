// A moment of a step of training in words.
import type { TrainingStep } from "./data";
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
