// Scanning without a network: nothing read is lost, nothing counts twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, browser, cable, demo, signedIn } from "./support.mjs";

let server, chrome, line;
before(async () => { server = await demo(); chrome = await browser(); line = await cable(server.url); });
after(async () => { await chrome?.close(); await line?.stop(); await server?.stop(); });

const at = (page, name) => page.locator(`[data-at="${name}"]`);
const read = async (page, code) => { await page.fill("#code", code); await page.keyboard.press("Enter"); };
const audits = async (tag) => (await server.ask(`/devices/${tag}/events`)).items.filter((e) => e.kind === "audit").length;
/** Waits until this holds. */
const until = async (holds, what) => {
  for (let turn = 0; turn < 300; turn += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(what);
};
const mean = async (page, act) => {
  await page.locator("[data-scan] aside summary").click();
  await page.selectOption("[data-at=context] [name=act]", act);
  await page.locator("[data-at=context] button").click();
  await page.locator("[data-scan] aside details:not([open])").waitFor();
};
/** The scan page, kept by its worker. */
const scanning = async (options = {}) => {
  line.mend();
  const page = await signedIn(chrome, line.url, { user: "technicien", ...options });
  await page.goto(`${line.url}/scan`);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await until(() => page.evaluate(async () => Boolean(await caches.match("/scan"))), "the page is kept");
  return page;
};

test("forty scans without a network, the page loaded anew, the network back: forty events, once each", async () => {
  const devices = [];
  for (let n = 0; n < 40; n += 1) devices.push(await server.inStock("monitor", `OFF-${1000 + n}`));
  const page = await scanning({ width: 360 });
  await mean(page, "audit");
  const sent = [];
  page.on("request", (request) => { if (request.url().endsWith("/api/v1/scans")) sent.push(request.postData()); });

  line.cut();
  for (const device of devices) await read(page, device.serial);
  await page.locator("[data-at=list] li").nth(39).waitFor();
  await at(page, "commit").click();
  await until(async () => /Hors ligne\..*\b40\b/.test(await at(page, "offline").innerText()), "forty wait");
  await page.reload();
  await page.locator("[data-at=list] li").nth(39).waitFor();
  assert.match(await at(page, "offline").innerText(), /\b40\b/);
  assert.deepEqual(await axe(page), []);
  assert.equal(await audits(devices[0].tag), 0);

  line.mend();
  await until(async () => !(await at(page, "offline").isVisible()), "everything is sent");
  for (const device of devices) assert.equal(await audits(device.tag), 1, device.serial);

  // The answer was lost, and it is all sent again.
  const again = await page.evaluate(async (bodies) => {
    const { csrf } = JSON.parse(document.querySelector("[data-scan]").dataset.scan);
    const all = [];
    for (const body of bodies) {
      const answer = await fetch("/api/v1/scans", { method: "POST", body, headers: { "content-type": "application/json", "x-csrf-token": csrf } });
      all.push(...(await answer.json()).items.map((item) => item.status));
    }
    return all;
  }, [...new Set(sent)]);
  assert.deepEqual(again, Array(40).fill(200));
  for (const device of devices) assert.equal(await audits(device.tag), 1, device.serial);
  const found = await server.verify();
  assert.equal(found.code, 0, found.said);
  await page.context().close();
});

test("known from the list that was prepared; refused and unknown wait to be resolved; signing out empties this browser", async () => {
  const device = await server.inStock("laptop", "OFF-KNOWN");
  const page = await scanning();
  await page.locator("[data-scan] aside summary").click();
  await at(page, "take").click();
  await until(async () => /\d/.test(await at(page, "ready").innerText()), "the list is taken");
  await page.locator("[data-scan] aside summary").click();
  await mean(page, "deallocate");
  line.cut();
  await read(page, device.serial);
  await page.locator("[data-at=list] li.bad a.tag").waitFor();
  await read(page, "NOBODY-4711");
  await page.locator("[data-at=list] li").nth(1).waitFor();
  await at(page, "commit").click();
  line.mend();
  await until(async () => !(await at(page, "offline").isVisible()), "both are sent");
  assert.match(await at(page, "list").innerText(), /Gardé à résoudre[\s\S]*Gardé à résoudre/);
  const waiting = (await server.ask("/readings")).items;
  assert.deepEqual(waiting.map((one) => one.why).sort(), ["refused", "unknown"]);

  await page.goto(`${line.url}/to-resolve`);
  assert.deepEqual(await axe(page), []);
  const row = page.locator("ol.scan > li", { hasText: "NOBODY-4711" });
  await row.locator("button[value=dismiss]").click();
  await page.locator(".flash").waitFor();
  assert.equal((await server.ask("/readings")).items.length, 1);

  // What is not sent is told before it is lost.
  await page.goto(`${line.url}/scan`);
  line.cut();
  await read(page, "OFF-UNSENT");
  await page.locator("[data-at=list] li").nth(2).waitFor();
  await at(page, "commit").click();
  line.mend();
  await page.goto(`${line.url}/account`);
  await page.locator("form[action='/logout'] button").first().click();
  assert.match(await page.locator("[data-unsent] .note").innerText(), /perd/);
  await page.locator("[data-unsent] [data-lose]").click();
  await page.waitForURL((where) => where.pathname === "/login");
  const left = await page.evaluate(async () => [(await indexedDB.databases()).length, (await caches.keys()).length]);
  assert.deepEqual(left, [0, 0]);
  await page.context().close();
});
