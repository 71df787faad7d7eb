// What the scripts beside share: a browser, pages opened in it, and a way to say what was found.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "..", "..", "..", "..");
export const require = createRequire(join(root, "web", "package.json"));
const { chromium } = require("playwright-core");

const [, , executable, folder] = process.argv;
export const pages = folder;

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];

let browser;

/** Open a page; `errors` and `requests` of it collect what it does. */
export async function open(name, options = {}) {
  browser ??= await chromium.launch({ executablePath: executable, args: QUIET });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.errors = [];
  page.requests = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  page.on("console", (said) => {
    if (said.type() === "error" || said.type() === "warning") page.errors.push(said.text());
  });
  page.on("request", (request) => page.requests.push(request.url()));
  const file = join(folder, name);
  if (!existsSync(file)) throw new Error(`${file} was not written`);
  page.file = pathToFileURL(file).href;
  await page.goto(page.file);
  await page.waitForFunction(() => document.documentElement.dataset.ready);
  return page;
}

/** Open what the panel says its layer or block is called. */
export const chosen = (page) => page.locator(".layer h3").innerText();

/** Run the checks of a script, each by its name, and leave with 1 where one failed. */
export async function run(checks) {
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}: ${error.stack}`);
    }
  }
  await browser?.close();
  process.exitCode = failed ? 1 : 0;
}
