// How a page looks in its main states: pictures of its parts, averaged over a grid of cells, are
// those of looks.json. Fonts and smoothing differ from machine to machine, and change a cell's
// average little; what is missing, in another place or of another colour changes it much.
// With ARCHPROF_WRITE_LOOKS=1 looks.json is written again: look at the pages first.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open, run } from "./browser.mjs";

const FILE = join(import.meta.dirname, "looks.json");
const WRITE = Boolean(process.env.ARCHPROF_WRITE_LOOKS);
const COLUMNS = 24;
const ROWS = 16;
const MOST_MEAN = 2.5; // of 255, over all cells and channels; another font makes 1.6
const MOST_CELLS = 0.02; // of the cells may differ by more than FAR
const FAR = 28;

const known = WRITE ? {} : JSON.parse(readFileSync(FILE, "utf8"));

/** The average colour of each cell of an element's picture, as hexadecimal text. */
async function cells(page, selector) {
  const shot = await page.locator(selector).first().screenshot({ animations: "disabled" });
  const blank = await page.context().newPage();
  const found = await blank.evaluate(
    async ([png, columns, rows]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const bytes = [];
      for (let row = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          const left = Math.floor((column * image.width) / columns);
          const top = Math.floor((row * image.height) / rows);
          const right = Math.floor(((column + 1) * image.width) / columns);
          const bottom = Math.floor(((row + 1) * image.height) / rows);
          const { data } = context.getImageData(left, top, right - left, bottom - top);
          for (let channel = 0; channel < 3; channel += 1) {
            let sum = 0;
            for (let k = channel; k < data.length; k += 4) sum += data[k];
            bytes.push(Math.round(sum / (data.length / 4)));
          }
        }
      }
      return bytes;
    },
    [shot.toString("base64"), COLUMNS, ROWS],
  );
  await blank.close();
  return found;
}

const hex = (bytes) => Buffer.from(bytes).toString("hex");

async function compare(state, page, selector) {
  const found = await cells(page, selector);
  if (WRITE) {
    known[state] = hex(found);
    return;
  }
  const expected = [...Buffer.from(known[state], "hex")];
  const differences = found.map((value, k) => Math.abs(value - expected[k]));
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const far = differences.filter((value) => value > FAR).length / differences.length;
  console.log(`   ${state}: ${mean.toFixed(2)} on average, ${(100 * far).toFixed(1)} % far off`);
  assert.ok(mean <= MOST_MEAN && far <= MOST_CELLS, `${state} looks different`);
}

await run({
  "the graph at first, with a block open, by parameters, and of all of it": async () => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open("resnet50.html", { colorScheme });
      await compare(`graph, ${colorScheme}`, page, ".pane");
      await page.getByRole("treeitem", { name: /^0, bottleneck/ }).first().dblclick();
      await page.getByRole("radio", { name: "Params" }).check();
      await page.getByRole("button", { name: "Whole network" }).click();
      await page.mouse.move(0, 0);
      await compare(`opened, by parameters, ${colorScheme}`, page, ".pane");
    }
  },

  "the pictures": async () => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open("resnet50.html", { colorScheme });
      for (const [name, place] of [["bars", 1], ["timeline", 2], ["training", 3], ["roofline", 4]]) {
        const picture = `section.drawn >> nth=${place} >> svg:visible`;
        await compare(`${name}, ${colorScheme}`, page, picture);
      }
      await compare(`what a unit sees, ${colorScheme}`, page, ".field-picture");
    }
  },

  "networks side by side": async () => {
    const page = await open("compared.html");
    await page.getByRole("radio", { name: "1/16" }).check();
    await compare("a stage of both", page, ".columns");
  },

  "on a phone": async () => {
    const page = await open("resnet50.html", { viewport: { width: 390, height: 844 } });
    await compare("graph on a phone", page, ".pane");
    await compare("bars on a phone", page, "section.drawn >> nth=1 >> svg:visible");
  },
});

if (WRITE) writeFileSync(FILE, `${JSON.stringify(known, null, 1)}\n`);
