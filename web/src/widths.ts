// How wide a text is, without a font, as archprof/draw/widths.py has it: one table for both.
import table from "../../archprof/draw/widths.json";

const OTHERS = new Map<string, number>(Object.entries(table.others));

/** An upper bound of a text's width, in the units of `size`. */
export function textWidth(text: string, size: number, bold = false): number {
  const advances = bold ? table.bold : table.regular;
  let thousandths = 0;
  for (const character of text) {
    const code = character.charCodeAt(0) - 32;
    thousandths += advances[code] ?? OTHERS.get(character) ?? table.rest;
  }
  return (thousandths * size * table.reserve) / 1000;
}

/** A text that is no wider than `room`: whole, or its start with an ellipsis. */
export function cut(text: string, size: number, room: number, bold = false): string {
  if (textWidth(text, size, bold) <= room) return text;
  const characters = [...text];
  while (characters.length) {
    characters.pop();
    const shorter = `${characters.join("")}…`;
    if (textWidth(shorter, size, bold) <= room) return shorter;
  }
  return "";
}

const FONTS =
  'Helvetica, Arial, "Liberation Sans", "Nimbus Sans", "Segoe UI", Roboto, "Noto Sans", sans-serif';
const SAMPLE = "layer4.2.downsample conv2d 3x3/2 512×14×14 · 1.05 M params";

/** By how much texts must be smaller where the font that is there is wider than the table says. */
export function fitOfFont(): number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 1;
  const fits = ["", "600 "].map((weight) => {
    context.font = `${weight}12px ${FONTS}`;
    const real = context.measureText(SAMPLE).width;
    return textWidth(SAMPLE, 12, weight !== "") / (real || 1);
  });
  return Math.min(1, ...fits);
}
