// Whether everybody can use a page: axe, and the contrast of texts on coloured boxes, which axe
// does not see.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open, require, run } from "./browser.mjs";

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"];
const LEAST = 4.5; // WCAG 2.1, 1.4.3, for texts of this size

async function findings(name, options) {
  const page = await open(name, { bypassCSP: true, ...options });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    (rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }),
    RULES,
  );
  await page.context().close();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].target} ${nodes[0].failureSummary}`);
}

const STATES = [
  ["resnet50.html", "light", 1280],
  ["resnet50.html", "dark", 1280],
  ["resnet50.html", "light", 390],
  ["resnet50.html", "dark", 390],
  ["compared.html", "light", 1280],
  ["compared.html", "dark", 390],
  ["lecture.html", "dark", 1280],
  ["lecture.html", "light", 390],
];

const checks = {};
for (const [name, colorScheme, width] of STATES) {
  checks[`axe finds nothing in ${name}, ${colorScheme}, ${width}`] = async () => {
    const viewport = { width, height: 900 };
    assert.deepEqual(await findings(name, { colorScheme, viewport }), []);
  };
}

for (const colorScheme of ["light", "dark"]) {
  checks[`texts are read on every colour of a box, ${colorScheme}`] = async () => {
    const page = await open("resnet50.html", { colorScheme });
    const worst = await page.evaluate(worstContrast);
    assert.ok(worst.ratio >= LEAST, JSON.stringify(worst));
  };
}

await run(checks);

/** The lowest contrast of any text over the whole scale of colours; runs in the page. */
function worstContrast() {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  let worst = { ratio: 99 };
  const boxes = [".box.block", ".box.leaf"].map((kind) => document.querySelector(kind));
  for (const box of boxes) {
    for (let percent = 0; percent <= 100; percent += 1) {
      box.style.setProperty("--t", `${percent}%`);
      box.classList.toggle("tint", percent > 10);
      box.classList.toggle("mid", percent > 57);
      box.classList.toggle("dark", percent > 71);
      const ground = getComputedStyle(box.querySelector(".face")).fill;
      for (const text of box.querySelectorAll("text, tspan")) {
        const ratio = contrast(getComputedStyle(text).fill, ground);
        if (ratio < worst.ratio) worst = { ratio, percent, text: text.getAttribute("class") };
      }
    }
  }
  return worst;
}
