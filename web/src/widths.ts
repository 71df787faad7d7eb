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
