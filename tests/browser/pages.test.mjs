// Every page is accessible and no wider than the screen.
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

for (const [lang, dark, width] of [["fr", false, 1440], ["en", true, 1440]]) {
  test(`axe finds nothing, nothing scrolls sideways: ${lang}, ${dark ? "dark" : "light"}, ${width} px`, async () => {
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
