// The quantities that boxes are coloured by.
import type { Axis, Layer, Network } from "./data";
import type { Item } from "./tree";
import { count, duration, size } from "./units";

/** A number of layers, and of boxes: what is known of the sum, and whether that is all. */
export interface Amount {
  known: number;
  complete: boolean;
}

export interface Quantity {
  id: string;
  label: string;
  about: string;
  of(layer: Layer, network: Network): number | null;
  show(value: number): string;
  /** Whether a block has the sum of its layers; otherwise it has what its last layer has. */
  adds: boolean;
}

const added = (of: (layer: Layer) => number | null) => (layer: Layer) =>
  layer.aux ? 0 : of(layer);

export const QUANTITIES: Quantity[] = [
  {
    id: "macs",
    label: "MACs",
    about: "multiply-accumulates",
    of: added((layer) => layer.fact.macs),
    show: count,
    adds: true,
  },
  {
    id: "params",
    label: "Params",
    about: "parameters",
    of: (layer) => layer.fact.params,
    show: count,
    adds: true,
  },
  {
    id: "memory",
    label: "Memory",
    about: "bytes of outputs",
    of: added((layer) => layer.fact.output),
    show: size,
    adds: true,
  },
  {
    id: "saved",
    label: "Saved",
    about: "bytes kept for the backward pass",
    of: (layer) => layer.fact.saved,
    show: size,
    adds: true,
  },
  {
    id: "field",
    label: "Field",
    about: "receptive field, pixels",
    of: (layer, network) => fieldOf(layer, network),
    show: (value) => `${value} px`,
    adds: false,
  },
  {
    id: "latency",
    label: "Latency",
    about: "time as measured",
    of: (layer) => layer.latency,
    show: duration,
    adds: true,
  },
];

/** The quantities that a network has numbers of. */
export function quantitiesOf(networks: Network[]): Quantity[] {
  const measured = networks.some((network) => network.measured);
  return QUANTITIES.filter((quantity) => quantity.id !== "latency" || measured);
}

/** A quantity of a box. */
export function amount(item: Item, quantity: Quantity, network: Network): Amount {
  if (!quantity.adds) {
    const value = quantity.of(network.layers[item.last], network);
    return { known: value ?? 0, complete: value !== null };
  }
  let known = 0;
  let complete = true;
  for (const index of item.layers) {
    const value = quantity.of(network.layers[index], network);
    known += value ?? 0;
    complete &&= value !== null;
  }
  return { known, complete };
}

/** An amount as text: 3.86 G, ≥ 3.86 G where parts are unknown, ? where nothing is known. */
export function amountText(found: Amount, show: (value: number) => string): string {
  if (found.complete) return show(found.known);
  return found.known ? `≥ ${show(found.known)}` : "?";
}

/** How many pixels along the longer axis a unit sees; null: unknown, 0: it sees nothing. */
function fieldOf(layer: Layer, network: Network): number | null {
  const sides = layer.axes.map((axis, k) => sideOf(axis, network.input[k + 1]));
  return sides.includes(null) ? null : Math.max(...(sides as number[]));
}

function sideOf(axis: Axis, whole: number): number | null {
  if (axis === "unknown") return null;
  if (axis === "nothing") return 0;
  return axis === "whole" ? whole : axis[0];
}
