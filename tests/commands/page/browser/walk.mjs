// What a person does with a page: open, search, open a block, colour, read, walk, print.
import assert from "node:assert/strict";
import { chosen, open, run } from "./browser.mjs";

const boxes = (page) => page.locator('[role="treeitem"]').count();

await run({
  "it opens without an error and asks for nothing but itself": async () => {
    const page = await open("resnet50.html");
    assert.deepEqual(page.errors, []);
    assert.deepEqual(
      page.requests.filter((url) => !url.startsWith("blob:")),
      [page.file],
    );
    assert.equal(await page.title(), "ResNet-50 · archprof");
    assert.equal(await chosen(page), "conv1");
    // conv1, bn1, relu, maxpool, four groups with two boxes each (layer1.1-2 folded), avgpool,
    // flatten, fc
    assert.equal(await boxes(page), 4 + 4 * (1 + 2) + 3);
  },

  "a search finds layers by words in any order, and Enter goes to the first": async () => {
    const page = await open("resnet50.html");
    await page.keyboard.press("/");
    await page.keyboard.type("3x3 conv2d");
    // every bottleneck has one: 3 + 4 + 6 + 3
    assert.equal(await page.locator(".count").innerText(), "16 layers");
    await page.keyboard.press("Enter");
    assert.equal(await chosen(page), "layer1.0.conv2");
    await page.getByRole("searchbox").fill("no such layer");
    assert.equal(await page.locator(".count").innerText(), "0 layers");
  },

  "a block opens and closes in place": async () => {
    const page = await open("resnet50.html");
    const block = page.getByRole("treeitem", { name: /^0, bottleneck/ }).first();
    assert.equal(await block.getAttribute("aria-expanded"), "false");
    const before = await boxes(page);
    await block.dblclick();
    // conv1 bn1 relu1 conv2 bn2 relu2 conv3 bn3 downsample add relu
    assert.equal(await boxes(page), before + 11);
    assert.equal(await block.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await boxes(page), before);
  },

  "alike blocks can be looked at one by one": async () => {
    const page = await open("resnet50.html");
    await page.getByRole("treeitem", { name: /^1–2, bottleneck, 2 times/ }).first().click();
    assert.equal(await page.locator(".layer h4").innerText(), "Layers of layer1.1");
    await page.getByRole("button", { name: "The next block" }).click();
    assert.equal(await page.locator(".layer h4").innerText(), "Layers of layer1.2");
    assert.match(await page.locator(".members").innerText(), /2 of 2$/);
    await page.getByRole("button", { name: "conv2", exact: true }).click();
    assert.equal(await chosen(page), "layer1.2.conv2");
  },

  "boxes are coloured by another quantity": async () => {
    const page = await open("resnet50.html");
    const colour = (name) =>
      page
        .getByRole("treeitem", { name })
        .first()
        .evaluate((box) => box.style.getPropertyValue("--t"));
    assert.equal(await colour(/^1–5, bottleneck/), "100%"); // layer3 has most MACs
    await page.getByRole("radio", { name: "Params" }).check();
    assert.equal(await colour(/^fc, linear/), `${Math.round(100 * Math.sqrt(2_049_000 / 8_925_184))}%`);
    assert.match(await page.locator(".legend").innerText(), /8\.93 M/);
  },

  "a layer's working is read": async () => {
    const page = await open("resnet50.html");
    await page.keyboard.press("/");
    await page.keyboard.type("layer2.0.conv2");
    await page.keyboard.press("Enter");
    const board = await page.locator(".board").innerText();
    // a convolution of 3x3 with 128 channels in and out, to 28x28
    assert.match(board, /3\*3\*128\*128\*28\*28/);
    assert.match(board, /115,605,504/);
    assert.match(await page.locator(".layer .source").innerText(), /resnet\.yaml:\d+$/);
    assert.match(await page.locator(".seen .say").innerText(), /sees 43 × 43 of 224 × 224 pixels/);
  },

  "the keyboard walks, opens and closes": async () => {
    const page = await open("resnet50.html");
    await page.getByRole("treeitem", { name: /^conv1/ }).focus();
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
      return chosen(page);
    };
    assert.equal(await press("ArrowDown"), "bn1");
    assert.equal(await press("End"), "fc");
    assert.equal(await press("Home"), "conv1");
    assert.equal(await press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"), "layer1");
    assert.equal(await press("ArrowDown"), "layer1.0");
    assert.equal(await press("ArrowRight", "ArrowRight"), "layer1.0.conv1");
    assert.equal(await press("ArrowLeft"), "layer1.0");
    assert.equal(await press("ArrowLeft", "ArrowLeft"), "layer1");
    const focused = page.locator("[role=treeitem]:focus");
    assert.match(await focused.getAttribute("aria-label"), /^layer1,/);
    assert.equal(await page.locator('[role=treeitem][tabindex="0"]').count(), 1);
  },

  "a skip is followed from end to end": async () => {
    const page = await open("resnet50.html");
    await page.getByRole("treeitem", { name: /^1–2, bottleneck/ }).first().dblclick();
    const skip = page.locator(".wire.skip").first();
    await skip.dispatchEvent("click");
    assert.equal(await chosen(page), "layer1.1.add");
    await skip.dispatchEvent("click");
    assert.equal(await chosen(page), "layer1.0");
  },

  "a unit is moved over the image, and the slider walks through the layers": async () => {
    const page = await open("resnet50.html");
    const picture = page.locator(".field-picture");
    const edge = () => picture.locator(".field-edge").getAttribute("x");
    await page.locator(".seen input").fill("0");
    const before = Number(await edge());
    await picture.focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(Number(await edge()), before + 2); // conv1's units are 2 pixels apart
    assert.equal(await chosen(page), "conv1");
    await page.locator(".seen input").fill("3");
    assert.equal(await chosen(page), "maxpool");
  },

  "a picture is walked by the arrow keys, and goes to a layer": async () => {
    const page = await open("resnet50.html");
    const roofline = page.locator("figure").last();
    await roofline.focus();
    await page.keyboard.press("End");
    assert.match(await page.locator(".tip").innerText(), /^fc, linear: 2\.05 M MACs$/);
    await page.keyboard.press("Enter");
    assert.equal(await chosen(page), "fc");
    assert.equal(await roofline.locator(".ring").count(), 1);
  },

  "a step of training is walked moment by moment": async () => {
    const page = await open("resnet50.html");
    const training = page.locator("figure").nth(3);
    const tip = () => page.locator(".tip").innerText();
    await training.focus();
    await page.keyboard.press("Home");
    // the weights and one image of 3*224*224 numbers with its label
    assert.equal(await tip(), "start, start: 98.3 MiB\n97.7 MiB weights, 588 KiB input");
    await page.keyboard.press("Enter");
    assert.equal(await chosen(page), "conv1"); // as before: the start is of no layer
    for (let k = 0; k < 3; k += 1) await page.keyboard.press("ArrowRight");
    // conv1, bn1, and maxpool: between them relu works in place, and makes no tensor
    assert.match(await tip(), /^forward, maxpool, pool: /);
    assert.equal(await training.locator(".ring").count(), 1);
    await page.keyboard.press("End");
    assert.match(await tip(), /^end, zero_grad: 98\.3 MiB/);
    const moments = training.locator(".moment");
    await moments.nth((await moments.count()) - 3).hover({ force: true });
    assert.match(await tip(), /^backward, \S+, \w+: [\d.]+ MiB\n.*97\.7 MiB weights/);
    await moments.nth((await moments.count()) - 2).click({ force: true });
    assert.equal(await chosen(page), "conv1");
    // its kernels of both passes
    assert.equal(await training.locator(".ring").count(), 2);
  },

  "the theme is turned by a button": async () => {
    const page = await open("resnet50.html");
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole("button", { name: "Light or dark" }).click();
    assert.notEqual(await ground(), light);
  },

  "it prints: all tables open, no buttons, one column": async () => {
    const page = await open("resnet50.html");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator("details[open]").count(), 1);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator("details[open]").count(), 0);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".tools").isVisible(), false);
    const pdf = await page.pdf({ format: "A4", printBackground: true });
    assert.ok(pdf.length > 20_000 && pdf.length < 2_000_000, `${pdf.length} bytes`);
  },

  "without a script the table stands": async () => {
    const page = await openWithoutScript();
    assert.ok(await page.locator("td", { hasText: "4.09 G" }).last().isVisible());
    assert.ok(await page.getByText("is off here").isVisible());
  },

  "it takes no more than the window's width": async () => {
    for (const width of [1280, 390, 320]) {
      for (const name of ["resnet50.html", "compared.html", "lecture.html"]) {
        const page = await open(name, { viewport: { width, height: 800 } });
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        assert.ok(beyond <= 0, `${name} at ${width}: ${beyond} pixels too wide`);
      }
    }
  },

  "networks stand side by side, a stage of all is shown, what differs is marked": async () => {
    const page = await open("compared.html");
    assert.equal(await page.locator(".pane").count(), 2);
    await page.getByRole("radio", { name: "1/8" }).check();
    const bright = await page.locator(".box.hit.block").count();
    assert.ok(bright >= 2, `${bright} boxes of the stage`);
    // ResNet-50 and ResNeXt-50: the middle convolution of every block has groups
    await page.getByRole("button", { name: "Open all" }).last().click();
    const changed = page.locator(".column").last().locator(".box.changed");
    const label = await changed.first().getAttribute("aria-label");
    assert.match(label, /^conv2, conv2d 3x3.*g32.*, differs$/);
    assert.deepEqual(page.errors, []);
  },
});

async function openWithoutScript() {
  const other = await open("resnet50.html");
  const context = await other.context().browser().newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(other.file);
  return page;
}
