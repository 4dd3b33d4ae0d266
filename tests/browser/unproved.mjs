// Not part of scripts/test yet: weight, print, keyboard, no scripts. Written, not yet seen green on every page.
//   node --test unproved.mjs
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, browser, demo, everyPage, signedIn, tooWide } from "./support.mjs";

let server, chrome, paths;
before(async () => {
  server = await demo();
  chrome = await browser();
  paths = await everyPage(await signedIn(chrome, server.url), server.url);
  console.log(`${paths.length} kinds of page: ${paths.join(" ")}`);
  assert.ok(paths.length > 20);
});
after(async () => { await chrome?.close(); await server?.stop(); });

test("a first visit takes at most 60 kB and 5 requests, and asks nobody else", async () => {
  const cookies = await (await signedIn(chrome, server.url)).context().cookies();
  const wrong = [];
  for (const path of paths) {
    const context = await chrome.newContext({ locale: "fr-FR" });
    await context.addCookies(cookies);
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Network.enable");
    let bytes = 0, requests = 0;
    const refused = [];
    cdp.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
    page.on("request", (request) => { requests += 1; if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) refused.push(request.url()); });
    page.on("console", (message) => { if (message.type() === "error") refused.push(message.text()); });
    page.on("pageerror", (error) => refused.push(String(error)));
    await page.goto(server.url + path, { waitUntil: "networkidle" });
    if (bytes > 60_000 || requests > 5 || refused.length) wrong.push(`${path}: ${bytes} bytes, ${requests} requests ${refused.join(" ")}`);
    await context.close();
  }
  assert.deepEqual(wrong, []);
});

test("without scripts every page is whole, at 320 px too", async () => {
  const page = await signedIn(chrome, server.url, { scripts: false, width: 320 });
  const wrong = [];
  for (const path of paths) {
    const answer = await page.goto(server.url + path);
    if (answer.status() !== 200 || await page.locator("h1").count() !== 1) wrong.push(`${path}: ${answer.status()}`);
    const wide = await page.locator("html").evaluate((html) => html.scrollWidth > html.clientWidth);
    if (wide) wrong.push(`${path}: wider than 320 px`);
  }
  assert.deepEqual(wrong, []);
});

test("printed, a page has no navigation, no button and no colour behind its text", async () => {
  const page = await signedIn(chrome, server.url);
  await page.emulateMedia({ media: "print" });
  const wrong = [];
  for (const path of paths) {
    await page.goto(server.url + path);
    const shown = await page.$$eval("nav.main, form.find, .filters, .dock, a.btn, button.btn", (all) => all.filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80)));
    if (shown.length) wrong.push(`${path}: ${shown.join(" ")}`);
  }
  assert.deepEqual(wrong, []);
});

test("the keyboard reaches the content first, the search by /, and every control in order", async () => {
  const page = await signedIn(chrome, server.url);
  await page.goto(`${server.url}/devices`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  const seen = new Set();
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => {
      const e = document.activeElement;
      const style = getComputedStyle(e);
      return e === document.body ? "body" : `${e.tagName} ${style.outlineStyle !== "none" || e.matches("input, select, textarea") ? "ring" : "NO RING"} ${e.getAttribute("href") ?? e.name ?? ""}`;
    }));
  }
  assert.ok(seen.size > 20, [...seen].join("\n"));
  assert.deepEqual([...seen].filter((s) => s.includes("NO RING")), []);
});

// Fails today: after the back button the form comes with a new key, so sending it again writes a second event.
test("a double click, the back button and a reload write one event", async () => {
  const device = await server.inStock("monitor", "MON-77-4411");
  const page = await signedIn(chrome, server.url, { scripts: false, user: "technicien" });
  await page.goto(`${server.url}/devices/${device.tag}/do/report_fault`);
  if (await page.locator("main [name=fault]").count()) await page.fill("main [name=fault]", "écran noir");
  await page.locator("main form[method=post] button.btn").last().dblclick();
  await page.waitForURL((at) => at.pathname === `/devices/${device.tag}`);
  await page.goBack();
  await page.locator("main form[method=post] button.btn").last().click();
  await page.waitForURL((at) => at.pathname === `/devices/${device.tag}`);
  await page.reload();
  const { items } = await server.ask(`/devices/${device.tag}/events`);
  assert.equal(items.filter((e) => e.kind === "report_fault").length, 1);
});
