// Every kind of page: accessible, no wider than the screen, light, whole without scripts, fit to print.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, browser, demo, everyPage, signedIn, tooWide } from "./support.mjs";

let server, chrome, paths;
before(async () => {
  server = await demo();
  chrome = await browser();
  paths = await everyPage(await signedIn(chrome, server.url), server.url);
  console.log(`${paths.length} kinds of page: ${paths.join(" ")}`);
  assert.ok(paths.length > 60);
});
after(async () => { await chrome?.close(); await server?.stop(); });

// Two at a time: axe keeps one core busy.
describe("axe finds nothing, nothing scrolls sideways", { concurrency: 2 }, () => {
  for (const [lang, dark, width] of [["fr", false, 1440], ["en", true, 1440], ["fr", true, 360], ["en", false, 360]]) {
    test(`${lang}, ${dark ? "dark" : "light"}, ${width} px`, async () => {
      const page = await signedIn(chrome, server.url, { lang, dark, width });
      const wrong = [];
      for (const path of paths) {
        const answer = await page.goto(server.url + path);
        if (answer.status() !== 200) wrong.push(`${path}: ${answer.status()}`);
        if (await page.getAttribute("html", "lang") !== lang) wrong.push(`${path}: not in ${lang}`);
        if (await tooWide(page)) wrong.push(`${path}: wider than ${width} px`);
        for (const line of await axe(page)) wrong.push(`${path}: ${line}`);
      }
      assert.deepEqual(wrong, []);
      await page.context().close();
    });
  }
});

test("a first visit takes at most 60 kB and 5 requests, and asks nobody else", async () => {
  const page = await signedIn(chrome, server.url);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  let bytes = 0, requests = 0, ended = 0, refused = [];
  cdp.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  page.on("request", (request) => { requests += 1; if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) refused.push(request.url()); });
  page.on("requestfinished", () => { ended += 1; });
  page.on("requestfailed", (request) => { ended += 1; refused.push(request.url()); });
  page.on("console", (message) => { if (message.type() === "error") refused.push(message.text()); });
  page.on("pageerror", (error) => refused.push(String(error)));
  const wrong = [];
  for (const path of paths) {
    await page.goto("about:blank");
    await cdp.send("Network.clearBrowserCache");
    [bytes, requests, ended, refused] = [0, 0, 0, []];
    await page.goto(server.url + path, { waitUntil: "load" });
    while (ended < requests) await new Promise((resolve) => setTimeout(resolve, 20));
    // Page, style and script at least: else something came from a cache and was not weighed.
    if (bytes > 60_000 || requests < 3 || requests > 5 || refused.length) wrong.push(`${path}: ${bytes} bytes, ${requests} requests ${refused.join(" ")}`);
  }
  assert.deepEqual(wrong, []);
  await page.context().close();
});

test("without scripts every page is whole, at 320 px too", async () => {
  const page = await signedIn(chrome, server.url, { scripts: false, width: 320 });
  const wrong = [];
  for (const path of paths) {
    const answer = await page.goto(server.url + path);
    if (answer.status() !== 200 || await page.locator("h1").count() !== 1) wrong.push(`${path}: ${answer.status()}`);
    if (await tooWide(page)) wrong.push(`${path}: wider than 320 px`);
  }
  assert.deepEqual(wrong, []);
  await page.context().close();
});

test("printed, a page has no navigation, no filters and no buttons", async () => {
  const page = await signedIn(chrome, server.url);
  await page.emulateMedia({ media: "print" });
  const wrong = [];
  for (const path of paths) {
    await page.goto(server.url + path);
    const shown = await page.$$eval("nav.main, form.find, .filters, .dock, a.btn, button.btn", (all) => all.filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80)));
    if (shown.length) wrong.push(`${path}: ${shown.join(" ")}`);
  }
  assert.deepEqual(wrong, []);
  await page.context().close();
});
