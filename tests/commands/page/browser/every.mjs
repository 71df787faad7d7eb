// Every page of a folder opens without an error, a warning or a request, and opens all its blocks.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { open, pages, run } from "./browser.mjs";

const checks = {};
for (const name of readdirSync(pages).sort()) {
  checks[name] = async () => {
    const page = await open(name);
    for (const button of await page.getByRole("button", { name: "Open all" }).all()) {
      await button.click();
    }
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(page.errors, []);
    assert.deepEqual(
      page.requests.filter((url) => !url.startsWith("blob:")),
      [page.file],
    );
    await page.context().close();
  };
}

await run(checks);
