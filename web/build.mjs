// Builds page.js and page.css into the package: `npm run build`. With --check nothing is written,
// and what is committed is compared with what would be.
import { buildSync } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const target = join(here, "..", "archprof", "show", "assets");
const check = process.argv.includes("--check");

const options = { bundle: true, minify: true, write: false, legalComments: "none" };
const script = buildSync({
  ...options,
  entryPoints: [join(here, "src", "main.ts")],
  format: "iife",
  target: "es2022",
  charset: "utf8",
});
const style = buildSync({
  ...options,
  entryPoints: [join(here, "src", "page.css")],
  target: ["chrome123", "firefox120", "safari17.5"],
});

let differs = false;
for (const [name, made] of [["page.js", script], ["page.css", style]]) {
  const path = join(target, name);
  const text = made.outputFiles[0].text.trim() + "\n";
  if (text.includes("</script") || text.includes("</style") || text.includes("<!--")) {
    throw new Error(`${name}: it would end the element that it stands in`);
  }
  if (check) {
    const same = readFileSync(path, "utf8") === text;
    differs ||= !same;
    console.log(`${name}: ${same ? "as built" : "not as built: npm run build"}`);
  } else {
    mkdirSync(target, { recursive: true });
    writeFileSync(path, text);
    console.log(`${name}: ${text.length} bytes`);
  }
}
process.exitCode = differs ? 1 : 0;
