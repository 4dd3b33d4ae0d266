// The pictures of the README, taken from a demo: beside this script, because it alone writes them. Keep each ≤ 120 kB.
//   node shots.mjs      writes shots/*.png
import { mkdirSync, statSync } from "node:fs";
import { browser, demo, signedIn } from "./support.mjs";

const DIR = new URL("shots/", import.meta.url).pathname;
mkdirSync(DIR, { recursive: true });
const server = await demo(2500);
const chrome = await browser();

// The device with the most to tell among those in use.
const { items } = await server.ask("/devices?stage=in_use&category=laptop&limit=60");
let best = { tag: "", told: 0 };
for (const { tag } of items) {
  const told = new Set((await server.ask(`/devices/${tag}/events`)).items.map((e) => e.kind)).size;
  if (told > best.told) best = { tag, told };
}
const device = `/devices/${best.tag}`;

const PHONE = { width: 360, height: 740, user: "technicien" };
const shots = [
  ["home", "/", { height: 660, lang: "en", user: "responsable" }],
  ["device", device, { height: 690, lang: "en", user: "responsable" }],
  ["indicators", "/indicators", { height: 780, lang: "en", user: "responsable" }],
  ["phone-device", device, PHONE],
  ["phone-scan", "/scan", PHONE],
  ["phone-dark", "/", { ...PHONE, dark: true }],
];
for (const [name, path, options] of shots) {
  const page = await signedIn(chrome, server.url, options);
  await page.goto(server.url + path);
  if (path === "/scan") {
    // Three scanned in a row, as with a USB scanner.
    for (const { serial, tag } of items.slice(0, 3)) {
      await page.keyboard.type(serial ?? tag);
      await page.keyboard.press("Enter");
      await page.locator("[data-at=list] li .tag").first().waitFor();
    }
  }
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
    const code = document.querySelector("#code");
    if (code) scrollTo(0, code.getBoundingClientRect().top - 70);
  });
  const file = `${DIR}${name}.png`;
  await page.screenshot({ path: file });
  console.log(`${file} ${Math.round(statSync(file).size / 1000)} kB ${path}`);
  await page.context().close();
}
await chrome.close();
await server.stop();
