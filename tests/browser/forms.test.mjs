// Forms: sent twice they write once, whatever was pressed; and the keyboard alone is enough.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, demo, signedIn } from "./support.mjs";

let server, chrome;
before(async () => { server = await demo(); chrome = await browser(); });
after(async () => { await chrome?.close(); await server?.stop(); });

const button = (page) => page.locator("main form[method=post] button.btn").last();
const there = (page, path) => page.waitForURL((at) => at.pathname === path);
const faults = async (tag) => (await server.ask(`/devices/${tag}/events`)).items.filter((e) => e.kind === "report_fault").length;

for (const scripts of [true, false]) {
  for (const kept of [true, false]) {
    test(`double click, back, reload: one event; ${scripts ? "with" : "without"} scripts, ${kept ? "pages kept" : "nothing kept"} by the browser`, async () => {
      const device = await server.inStock("monitor", `MON-77-${scripts}-${kept}`);
      const home = `/devices/${device.tag}`, form = `${home}/do/report_fault`;
      const page = await signedIn(chrome, server.url, { scripts, user: "technicien" });
      if (!kept) await (await page.context().newCDPSession(page)).send("Network.setCacheDisabled", { cacheDisabled: true });

      await page.goto(server.url + form);
      await page.fill("main [name=fault]", "écran noir");
      await button(page).dblclick();
      await there(page, home);
      assert.equal(await faults(device.tag), 1, "a double click");
      await page.reload();
      assert.equal(await faults(device.tag), 1, "a reload");

      await page.goBack();
      await there(page, form);
      await page.fill("main [name=fault]", "écran noir");
      await button(page).click();
      await there(page, home);
      assert.equal(await faults(device.tag), 1, "back, and sent again");

      // With other words it is told, and written when it is sent all the same.
      await page.goBack();
      await page.fill("main [name=fault]", "écran rayé");
      await button(page).click();
      assert.match(await page.locator("main .note.bad").innerText(), /déjà été enregistré/);
      assert.equal(await page.inputValue("main [name=fault]"), "écran rayé", "what was typed is still there");
      assert.equal(await faults(device.tag), 1, "nothing is written before the second sending");
      await button(page).click();
      await there(page, home);
      assert.equal(await faults(device.tag), 2);

      // The same words from a form opened anew are a second event.
      await page.goto(server.url + form);
      await page.fill("main [name=fault]", "écran noir");
      await button(page).click();
      await there(page, home);
      assert.equal(await faults(device.tag), 3);
      await page.context().close();
    });
  }
}

test("a device made and made again after the back button is one device", async () => {
  const page = await signedIn(chrome, server.url, { scripts: false, user: "responsable" });
  await page.goto(`${server.url}/devices/new`);
  const category = await page.locator("main select[name=category] option:not([value=''])").first().getAttribute("value");
  const fill = async () => {
    await page.selectOption("main select[name=category]", category);
    await page.fill("main [name=manufacturer]", "Imprel");
    await button(page).click();
    await page.waitForURL((at) => /^\/devices\/[0-9A-Z]{9}$/.test(at.pathname));
    return page.url();
  };
  const one = await fill();
  await page.goBack();
  assert.equal(await fill(), one);
  await page.goto(`${server.url}/devices/new`);
  assert.notEqual(await fill(), one, "a form opened anew makes another");
  await page.context().close();
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
  await page.context().close();
});

test("with the keyboard alone: found, allocated, undone; scanned", async () => {
  const device = await server.inStock("laptop", "KEY-0001");
  const page = await signedIn(chrome, server.url, { user: "responsable" });
  /** Tabs until the focus is where this says. */
  const tabTo = async (is, what) => {
    for (let i = 0; i < 80; i += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(is)) return;
    }
    assert.fail(`${what} cannot be reached with the Tab key`);
  };
  await page.keyboard.press("/");
  await page.keyboard.type("KEY-0001");
  await page.keyboard.press("Enter");
  await there(page, `/devices/${device.tag}`);
  await tabTo(() => document.activeElement.getAttribute("href")?.endsWith("/do/allocate"), "Affecter");
  await page.keyboard.press("Enter");
  await there(page, `/devices/${device.tag}/do/allocate`);
  await tabTo(() => document.activeElement.name === "service", "the service");
  await page.keyboard.type("Urbanisme");
  await page.keyboard.press("Enter");
  await there(page, `/devices/${device.tag}`);
  assert.equal((await server.ask(`/devices/${device.tag}`)).stage, "in_use");
  await tabTo(() => document.activeElement.closest(".flash") && document.activeElement.tagName === "BUTTON", "Annuler");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal((await server.ask(`/devices/${device.tag}`)).stage, "in_stock");

  await page.goto(`${server.url}/scan`);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "INPUT", "the scan field has the focus");
  await page.keyboard.type("KEY-0001");
  await page.keyboard.press("Enter");
  await page.locator("[data-at=list] li.ok a.tag").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "INPUT", "and has it again");
  await page.context().close();
});
