// Names that try to leave their place, and what the page's policy stops.
import assert from "node:assert/strict";
import { open, run } from "./browser.mjs";

await run({
  "hostile names run nothing, fetch nothing and break nothing": async () => {
    for (const width of [1280, 390]) {
      const page = await open("hostile.html", { viewport: { width, height: 800 } });
      await page.getByRole("button", { name: "Open all" }).click();
      await page.getByRole("searchbox").fill("script");
      assert.ok(await page.locator(".hits button").count(), "the name is not found");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => window.bad), undefined);
      assert.equal(await page.evaluate(() => document.images.length), 0);
      assert.equal(await page.evaluate(() => document.scripts.length), 2);
      assert.deepEqual(page.errors, []);
      assert.deepEqual(page.requests.filter((url) => !url.startsWith("blob:")), [page.file]);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${beyond} pixels too wide at ${width}`);
    }
  },

  "a name is shown as it is written, its direction marks written out": async () => {
    const page = await open("hostile.html");
    const title = await page.locator("h1").innerText();
    assert.ok(title.includes("</script><script>bad=1</script>"), title);
    assert.ok(!title.includes("\u202e"), "the text turns around");
    assert.ok(title.includes("\\u202e"), title);
  },

  "no text leaves its box": async () => {
    const page = await open("hostile.html");
    const beyond = await page.evaluate(() =>
      [...document.querySelectorAll(".box:not(.frame)")]
        .filter((box) => {
          const face = box.querySelector(".face").getBoundingClientRect();
          return [...box.querySelectorAll("text")].some(
            (text) => text.getBoundingClientRect().right > face.right + 1,
          );
        })
        .map((box) => box.textContent.slice(0, 60)),
    );
    assert.deepEqual(beyond, []);
  },

  "the policy stops a script that is put in, a style, an image and a request": async () => {
    const page = await open("resnet50.html");
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.bad = 1";
      document.body.append(script);
      const styled = document.createElement("p");
      styled.setAttribute("style", "position: fixed");
      document.body.append(styled);
      const fetched = await fetch("https://example.com").then(
        () => true,
        () => false,
      );
      const image = new Image();
      const loaded = await new Promise((done) => {
        image.onload = () => done(true);
        image.onerror = () => done(false);
        image.src = "https://example.com/x.png";
      });
      const position = getComputedStyle(styled).position;
      return { script: window.bad === 1, style: position === "fixed", fetched, loaded };
    });
    assert.deepEqual(ran, { script: false, style: false, fetched: false, loaded: false });
  },
});
