// Prints the hashes of the layouts that the browser would draw: `node layouts.mjs DIR`, where DIR
// is what `python scripts/layouts.py --inputs DIR` writes. tests/commands/page/test_layout.py
// compares them with tests/draw/layouts.json.
import { buildSync } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const built = buildSync({
  stdin: {
    contents: `
      export { layout } from "./layout";
      export { openAll, treeOf } from "./tree";
      export { textWidth } from "./widths";`,
    resolveDir: join(import.meta.dirname, "src"),
  },
  bundle: true,
  write: false,
  format: "esm",
});
const source = `data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString("base64")}`;
const { layout, openAll, treeOf, textWidth } = await import(source);

const sizes = (item) => [
  120 + Math.ceil(textWidth(item.name, 12, true)),
  item.layer === null ? 46 : 26,
];

function networkOf({ name, layers, blocks }) {
  const uses = layers.map(() => []);
  layers.forEach(([, , inputs, , drawn], index) => {
    for (const source of inputs) if (drawn && source >= 0) uses[source].push(index);
  });
  return {
    name,
    blocks: new Map(Object.entries(blocks)),
    uses,
    layers: layers.map(([path, alike, inputs, macs, drawn], index) => ({
      index,
      path,
      alike,
      inputs,
      drawn: Boolean(drawn),
      aux: false,
      fact: { macs },
    })),
  };
}

const thousandths = (value) => String(Math.floor(value * 1000 + 0.5));

function* records(box, x = 0, y = 0) {
  yield [box.item.id, ...[x, y, box.width, box.height].map(thousandths)].join(" ");
  for (const wire of box.wires) {
    const corners = wire.points.flatMap(([px, py]) => [px + x, py + y]).map(thousandths);
    yield [wire.source, Number(wire.skip), ...corners].join(" ");
  }
  for (const inner of box.boxes) yield* records(inner, x + inner.x, y + inner.y);
}

function fingerprint(network, root) {
  const text = [...records(layout(network, root, sizes))].join("\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

const folder = process.argv[2];
const found = {};
for (const file of readdirSync(folder).sort()) {
  const network = networkOf(JSON.parse(readFileSync(join(folder, file), "utf8")));
  const root = treeOf(network);
  const folded = fingerprint(network, root);
  openAll(root);
  found[network.name] = [folded, fingerprint(network, root)];
}
console.log(JSON.stringify(found));
