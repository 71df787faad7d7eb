// A network as boxes in boxes: its blocks by path, alike neighbours folded into one. The same tree
// as archprof/draw/tree.py makes; golden files hold that both agree.
import type { Layer, Network } from "./data";

const MOST_NESTED = 100; // levels of blocks; what is deeper is one name

/**
 * A layer, a block, or neighbouring blocks that are alike, in `members`. `layers` are the indices
 * of the layers inside, in order. `opened`: it is drawn as a frame with its children in it, which
 * for alike blocks are those of the member that is `shown`.
 */
export class Item {
  layers: number[];
  children: Item[] = [];
  members: Item[] = [];
  parent: Item | null = null;
  alike = 0;
  macs = 0;
  opened = false;
  shown = 0;

  constructor(
    public id: string,
    public name: string,
    public block = "",
    public layer: number | null = null,
  ) {
    this.layers = layer === null ? [] : [layer];
  }

  get times(): number {
    return this.members.length || 1;
  }

  get first(): number {
    return this.layers[0];
  }

  get last(): number {
    return this.layers[this.layers.length - 1];
  }

  /** The item itself, or the one shown of those that are alike. */
  get one(): Item {
    return this.members.length ? this.members[this.shown] : this;
  }

  /** What is drawn inside of it where it is open. */
  get inside(): Item[] {
    return this.one.children;
  }
}

/** Give a network's tree, alike neighbours folded, groups open and blocks closed. */
export function treeOf(network: Network): Item {
  const root = nested(network);
  sumUp(root, network.layers, new Map());
  fold(root);
  adopt(root);
  root.opened = true;
  openGroups(root, root.layers.length);
  return root;
}

function nested(network: Network): Item {
  const root = new Item("", network.name);
  const boxes = new Map([["", root]]);
  for (const layer of network.layers) {
    if (!layer.drawn) continue;
    const outer = partsOf(layer.path);
    const last = outer.pop()!;
    let path = "";
    let here = root;
    for (const part of outer) {
      path = path ? `${path}.${part}` : part;
      let box = boxes.get(path);
      if (!box) {
        box = new Item(path, part, network.blocks.get(path) ?? "");
        boxes.set(path, box);
        here.children.push(box);
      }
      here = box;
    }
    here.children.push(new Item(layer.path, last, "", layer.index));
  }
  partOwn(root, boxes);
  return root;
}

/** The blocks that a path names, and the layer. */
function partsOf(path: string): string[] {
  const parts = path.split(".");
  if (parts.length <= MOST_NESTED) return parts;
  return [...parts.slice(0, MOST_NESTED), parts.slice(MOST_NESTED).join(".")];
}

/** Move a layer whose path is a block's too into this block, as its first child. */
function partOwn(item: Item, boxes: Map<string, Item>): void {
  for (const child of [...item.children]) {
    const box = child.layer === null ? undefined : boxes.get(child.id);
    if (box && box !== item) {
      item.children.splice(item.children.indexOf(child), 1);
      child.id += ".";
      box.children.unshift(child);
    }
  }
  for (const child of item.children) if (child.layer === null) partOwn(child, boxes);
}

/** Set the layers, MACs and likeness of each item, from the leaves up. */
function sumUp(item: Item, layers: Layer[], numbers: Map<string, number>): void {
  if (item.layer !== null) {
    const layer = layers[item.layer];
    item.macs = layer.aux ? 0 : (layer.fact.macs ?? 0);
    item.alike = numbered(numbers, `layer ${layer.alike}`);
    return;
  }
  for (const child of item.children) sumUp(child, layers, numbers);
  item.layers = item.children.flatMap((child) => child.layers).sort((a, b) => a - b);
  item.macs = item.children.reduce((sum, child) => sum + child.macs, 0);
  const inside = item.children.map((child) => [child.name, child.alike]);
  item.alike = numbered(numbers, JSON.stringify([item.block, inside]));
}

function numbered(numbers: Map<string, number>, key: string): number {
  const found = numbers.get(key) ?? numbers.size;
  numbers.set(key, found);
  return found;
}

/** Make neighbouring blocks that are alike one item. */
function fold(item: Item): void {
  const folded: Item[] = [];
  for (const child of item.children) {
    fold(child);
    const before = folded.at(-1);
    if (!before || !alike(before.members[0] ?? before, child)) {
      folded.push(child);
    } else if (before.members.length) {
      before.members.push(child);
    } else {
      const stack = new Item("", "", child.block);
      stack.members = [before, child];
      folded[folded.length - 1] = stack;
    }
  }
  for (const each of folded) if (each.members.length) complete(each);
  item.children = folded;
}

function alike(first: Item, second: Item): boolean {
  const blocks = first.layer === null && second.layer === null && first.block !== "";
  return blocks && second.block !== "" && first.alike === second.alike;
}

function complete(stack: Item): void {
  const first = stack.members[0];
  const last = stack.members[stack.members.length - 1];
  stack.name = `${first.name}–${last.name}`;
  stack.id = `${first.id}–${last.name}`;
  stack.layers = stack.members.flatMap((member) => member.layers).sort((a, b) => a - b);
  stack.macs = stack.members.reduce((sum, member) => sum + member.macs, 0);
  stack.alike = first.alike;
}

function adopt(item: Item): void {
  for (const child of item.members.length ? item.members : item.children) {
    child.parent = item;
    adopt(child);
  }
}

/** Open what is no block of its own, and a block of blocks that has most of the layers. */
function openGroups(item: Item, total: number): void {
  for (const child of item.children) {
    if (child.layer !== null || child.members.length) continue;
    const blocks = child.children.some((each) => each.layer === null);
    const most = 2 * child.layers.length > total && blocks;
    if (most || !child.block) {
      child.opened = true;
      openGroups(child, total);
    }
  }
}

/** Open every block inside, or close all but the groups. */
export function openAll(item: Item): void {
  for (const child of item.members.length ? item.members : item.children) {
    if (child.layer === null) {
      child.opened = true;
      openAll(child);
    }
  }
  if (item.members.length) item.opened = true;
}

/** Close everything, and open again what was open at first. */
export function openAsAtFirst(root: Item): void {
  const close = (item: Item): void => {
    item.opened = false;
    item.members.forEach(close);
    item.children.forEach(close);
  };
  close(root);
  root.opened = true;
  openGroups(root, root.layers.length);
}

/** The open blocks that are in view, those inside first, as they can be laid out one by one. */
export function openInside(item: Item): Item[] {
  if (item.layer !== null || !item.opened) return [];
  return [...item.inside.flatMap(openInside), item];
}

/** Call a function with an item and everything inside, all members of what is folded included. */
export function walk(item: Item, visit: (item: Item) => void): void {
  visit(item);
  for (const child of item.members.length ? item.members : item.children) walk(child, visit);
}
