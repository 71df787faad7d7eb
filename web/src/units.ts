// Numbers as text, as archprof/units.py writes them.

const COUNTS = ["", "K", "M", "G", "T", "P", "E"];
const SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

function decimals(value: number): number {
  if (value < 9.995) return 2;
  return value < 99.95 ? 1 : 0;
}

function scaled(value: number, base: number, names: string[]): string {
  let power = 0;
  while (power < names.length - 1 && 10_000 * Math.abs(value) >= 9_995 * base ** (power + 1)) {
    power += 1;
  }
  if (power === 0) return `${value} ${names[0]}`.trim();
  const part = value / base ** power;
  return `${part.toFixed(decimals(Math.abs(part)))} ${names[power]}`;
}

/** A count in powers of 1000: 999, 1.23 K, 45.6 M. */
export const count = (value: number): string => scaled(value, 1000, COUNTS);

/** Bytes in powers of 1024: 512 B, 1.21 KiB, 97.5 MiB. */
export const size = (value: number): string => scaled(value, 1024, SIZES);

/** Milliseconds in the unit that suits them: 850 ns, 12.3 µs, 4.56 ms. */
export function duration(milliseconds: number): string {
  for (const [name, scale] of [["s", 1e-3], ["ms", 1], ["µs", 1e3]] as const) {
    const value = milliseconds * scale;
    if (value >= 0.9995) return `${value.toFixed(decimals(value))} ${name}`;
  }
  return `${(milliseconds * 1e6).toFixed(0)} ns`;
}

export const shape = (dims: number[]): string => dims.join("×") || "scalar";

export function share(part: number, whole: number): string {
  if (!whole) return "–";
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.05) return "<0.1%";
  return `${percent.toFixed(1)}%`;
}

export const numberOf = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
