// What a layout is made of, as archprof/draw/placed.py has it: boxes with ports, wires between
// them, and what the layout works with.
import type { Network } from "./data";
import type { Item } from "./tree";

export const GAP = 14; // between columns
export const RAIL = 16; // between ports
export const HEAD = 20; // of a frame, for its title
export const PAD = 14; // left and right of what is in a frame
export const SLOT = 7; // between horizontal pieces of wires in one gap
export const RANK = 18; // the gap between ranks

export type Point = [x: number, y: number];

/** Where the tensor of layer `source` (-1 the input) crosses a box's edge, from its left. */
export interface Port {
  source: number;
  x: number;
}

/** The line of one tensor to one reader. `target`: the reader's first layer, -2 the frame's edge. */
export interface Wire {
  source: number;
  skip: boolean;
  target: number;
  points: Point[];
}

/** An item with its place in the frame around it; with `boxes` in it where it is open. */
export class PlacedBox {
  boxes: PlacedBox[] = [];
  wires: Wire[] = [];
  x = 0;
  y = 0;

  constructor(
    public item: Item,
    public width: number,
    public height: number,
    public ins: Port[],
    public outs: Port[],
  ) {}
}

/** A box on its rank, or (`port`) an end of the frame where a tensor comes in or (`end`) out. */
export class Spot {
  rank = 0;
  width: number;
  height: number;
  weight = 0.5;
  x = 0;
  y = 0;
  ins: Edge[] = [];
  outs: Edge[] = [];
  track!: Track;

  constructor(
    public number: number,
    public box: PlacedBox | null,
    public port: number | null,
    public end: boolean,
    public order: number,
  ) {
    this.width = box ? box.width : 2;
    this.height = box ? box.height : 0;
  }

  /** Whether it is where a tensor comes into the frame. */
  get starts(): boolean {
    return this.port !== null && !this.end;
  }

  /** Where a tensor leaves it, or arrives. */
  portX(source: number, leaving: boolean): number {
    if (!this.box) return this.x + 1;
    const ports = leaving ? this.box.outs : this.box.ins;
    const port = ports.find((each) => each.source === source);
    return this.x + (port ? port.x : this.width / 2);
  }
}

/** A tensor from one spot to another of the same frame. */
export class Edge {
  /** What edges of one tensor have in common: they share a rail. */
  key: string;

  constructor(
    public start: Spot,
    public stop: Spot,
    public source: number,
  ) {
    this.key = `${start.number},${source}`;
  }

  /** Whether it reads from below: blocks whose layers run in turns have such edges. */
  get backward(): boolean {
    return this.stop.order <= this.start.order;
  }
}

/** A chain of spots that stands in one column, over ranks `low` to `high`. */
export class Track {
  width: number;

  constructor(
    public spots: Spot[],
    public low: number,
    public high: number,
    public main: boolean,
  ) {
    this.width = Math.max(...spots.map((spot) => spot.width));
  }

  /** Where the column begins. */
  get left(): number {
    return Math.min(...this.spots.map((spot) => spot.x));
  }

  /** Where the column ends. */
  get right(): number {
    return Math.max(...this.spots.map((spot) => spot.x + spot.width));
  }
}

/** The vertical line of a tensor that passes others by, over ranks `low` to `high`. */
export class Rail {
  high: number;
  x = 0;

  constructor(public low: number) {
    this.high = low;
  }
}

/** What is laid out at a time: an open item, its boxes as spots, their ranks and columns. */
export class Frame {
  spots: Spot[] = [];
  edges: Edge[] = [];
  known = new Set<string>(); // the edges by their ends and their source
  ranks = 1;
  tracks: Track[] = [];
  rails = new Map<string, Rail>();
  passing = new Set<Edge>(); // those that take a rail
  left: number[] = [];
  right: number[] = [];

  constructor(
    public network: Network,
    public item: Item,
    public boxes: PlacedBox[],
  ) {}

  /** Whether it is the whole network. */
  get isRoot(): boolean {
    return this.item.id === "";
  }

  /** The edges by their source, backward ones last. */
  inOrder(): Edge[] {
    const forward = this.spots.flatMap((spot) => spot.outs);
    return [...forward, ...this.edges.filter((edge) => edge.backward)];
  }

  /** The rail that an edge takes; null where it goes straight. */
  railOf(edge: Edge): Rail | null {
    return this.passing.has(edge) ? this.rails.get(edge.key)! : null;
  }
}
