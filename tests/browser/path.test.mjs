// What a new user does without reading anything, on a phone, in French: from a serial number to a gift and its figure.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, demo, signedIn } from "./support.mjs";

let server, chrome;
before(async () => { server = await demo(); chrome = await browser(); });
after(async () => { await chrome?.close(); await server?.stop(); });

/** The link or button of this name in the main part. */
const press = (page, name) => page.locator("main").getByRole("link", { name }).or(page.locator("main").getByRole("button", { name })).first().click();
const said = (page) => page.locator("[role=status]").innerText();
/** Chooses the first real choice of a select. */
const first = async (page, name) => {
  const value = await page.locator(`main select[name=${name}] option:not([value=""])`).first().getAttribute("value");
  await page.selectOption(`main select[name=${name}]`, value);
};
const send = (page) => page.locator("main form[method=post] button.btn").last().click();

for (const scripts of [true, false]) {
  test(`find, allocate, label, retire, wipe, give, see the figure: ${scripts ? "with" : "without"} scripts`, async () => {
    const page = await signedIn(chrome, server.url, { width: 360, height: 780, scripts, user: "responsable" });
    const device = await server.inStock("laptop", scripts ? "5CG1234XYZ" : "5CG1234XZZ");

    await page.fill("[name=q]", device.serial);
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === `/devices/${device.tag}`);

    await press(page, /^Affecter/);
    await page.fill("[name=service]", "Urbanisme");
    await send(page);
    assert.match(await page.locator("main").innerText(), /En service/);
    assert.match(await said(page), /Affecté/);

    await press(page, /^Imprimer/);
    await page.waitForURL((at) => at.pathname === "/labels");
    const [sheet] = await Promise.all([page.waitForEvent("download"), page.locator("main").getByRole("button", { name: /PDF/ }).or(page.locator("main").getByRole("link", { name: /PDF/ })).first().click()]);
    assert.match(sheet.suggestedFilename(), /\.pdf$/);

    await page.goto(`${server.url}/devices/${device.tag}`);
    await press(page, /^Réformer/);
    await page.fill("[name=reference]", "DEL-2026-91");
    if (await page.locator("main select[name=cause]").count()) await first(page, "cause");
    await send(page);
    assert.match(await page.locator("main").innerText(), /Réformé/);

    await press(page, /^Orienter/);
    await page.selectOption("main select[name=destination]", "donation");
    await send(page);
    assert.match(await page.locator("main").innerText(), /Ne peut pas encore sortir|Effacer les données/, "the missing wipe is told");

    await press(page, /^Effacer les données/);
    await page.selectOption("main select[name=method]", "purge");
    await page.check("main [name=verified]");
    await send(page);
    await page.goto(`${server.url}/devices/${device.tag}`);
    assert.match(await page.locator("main").innerText(), /Purgées/);

    await press(page, /^(Remettre|Donner)/);
    await first(page, "partner");
    await send(page);
    await page.goto(`${server.url}/devices/${device.tag}`);
    assert.match(await page.locator("main .head").innerText(), /Sorti/);

    await page.goto(`${server.url}/indicators/L01?year=${new Date().getFullYear()}`);
    assert.match(await page.locator("main").innerText(), /réemploi ou à la réutilisation/);
    await page.context().close();
  });
}

test("two people, one device: the second is told and nothing is lost", async () => {
  const { items: [device] } = await server.ask("/devices?stage=in_use&limit=1");
  const one = await signedIn(chrome, server.url, { user: "responsable" });
  const two = await signedIn(chrome, server.url, { user: "technicien" });
  for (const page of [one, two]) await page.goto(`${server.url}/devices/${device.tag}/edit`);
  await one.fill("main [name=name]", "Poste de l’accueil");
  await two.fill("main [name=name]", "Poste du guichet");
  await send(one);
  await send(two);
  assert.match(await two.locator("main .note.bad").innerText(), /modifié depuis/);
  assert.equal(await two.inputValue("main [name=name]"), "Poste du guichet", "what was typed is still there");
  assert.equal((await server.ask(`/devices/${device.tag}`)).name, "Poste de l’accueil");
});
