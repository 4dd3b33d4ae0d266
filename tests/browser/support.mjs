// A demo of its own for each test file, and a browser on it.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const BINARY = process.env.REPARC_BIN ?? new URL("../../target/debug/reparc", import.meta.url).pathname;
export const PASSWORD = "demonstration";

/** Starts `reparc demo` on a free port; gives its address and what ends it. */
export async function demo(devices = 300) {
  const dir = mkdtempSync(join(tmpdir(), "reparc-browser-"));
  const child = spawn(BINARY, ["demo", "--devices", String(devices), "--listen", "127.0.0.1:0"], { cwd: dir });
  let words = "", token = "";
  const url = await new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the demo ended (${code}): ${words}`)));
    // Address and token come on two streams, in either order.
    const ready = () => {
      const found = words.match(/listening on (http:\S+)/);
      if (found && token.includes("\n")) resolve(found[1]);
    };
    child.stdout.on("data", (data) => { token += data; ready(); });
    child.stderr.on("data", (data) => { words += data; ready(); });
  });
  const stop = () => new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.on("exit", () => { rmSync(dir, { recursive: true, force: true }); resolve(); });
    child.kill("SIGTERM");
  });
  /** A JSON answer of the REST interface, to the demo's own administrator. */
  const ask = async (path) => {
    const answer = await fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token.trim()}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  /** A device of this category and serial, in stock, known by its serial alone. */
  const inStock = async (category, serial) => {
    const headers = { Authorization: `Bearer ${token.trim()}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ category, serial, event: { kind: "receive", on: "2024-03-11" } });
    const answer = await fetch(`${url}/api/v1/devices`, { method: "POST", headers, body });
    if (answer.status !== 201) throw new Error(await answer.text());
    return answer.json();
  };
  /** What `reparc verify` finds: its exit and what it prints. */
  const verify = () => new Promise((resolve) => {
    const run = spawn(BINARY, ["verify", "--json"], { cwd: dir });
    let said = "";
    run.stdout.on("data", (data) => { said += data; });
    run.on("exit", (code) => resolve({ code, said }));
  });
  return { url, stop, ask, inStock, verify };
}

/** A cable to a server that can be cut: no new connection, and those there are break off. */
export async function cable(url) {
  const to = new URL(url);
  const open = new Set();
  let whole = true;
  const line = createServer((near) => {
    if (!whole) { near.destroy(); return; }
    const far = connect(to.port, to.hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => {});
      one.on("close", () => { open.delete(one); other.destroy(); });
    }
  });
  await new Promise((resolve) => line.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${line.address().port}`,
    cut() { whole = false; for (const end of open) end.destroy(); },
    mend() { whole = true; },
    stop: () => new Promise((resolve) => { for (const end of open) end.destroy(); line.close(resolve); }),
  };
}

/** Debian's Chromium; nothing but the pages leaves it. */
export function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A signed-in context. Options: width, dark, lang, scripts, user. */
export async function signedIn(chrome, url, { width = 1440, height = 900, dark = false, lang = "fr", scripts = true, user = "admin" } = {}) {
  const context = await chrome.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale: lang === "fr" ? "fr-FR" : "en-GB",
    javaScriptEnabled: scripts,
  });
  const page = await context.newPage();
  await page.goto(`${url}/login`);
  await page.fill("[name=account]", user);
  await page.fill("[name=password]", PASSWORD);
  await page.click("main button");
  await page.waitForURL((at) => at.pathname === "/");
  await page.goto(`${url}/language?to=${lang}&back=/`);
  return page;
}

/** What axe finds wrong on the page, one line each. */
export async function axe(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], preload: false }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
}

/** Whether something makes the page scroll sideways. */
export function tooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

/** Every page that links lead to, one address for each kind of page, found from the first page and the menu. */
export async function everyPage(page, url) {
  // What stands below a list is one kind of page, whatever row it shows; what is new or done to it is another.
  const kind = (path) => path.replace(/[?#].*$/, "").split("/").map((part, i) => (i === 2 && !["new", "confirm"].includes(part) ? "*" : part)).join("/");
  const found = new Map([["/", "/"], ["/menu", "/menu"]]);
  const queue = ["/menu", "/"];
  while (queue.length) {
    const path = queue.shift();
    const answer = await page.goto(url + path);
    if (!answer.headers()["content-type"]?.startsWith("text/html")) throw new Error(`${path} is no page`);
    const links = await page.$$eval("a[href^='/']:not([download])", (all) => all.map((a) => a.getAttribute("href")));
    for (const link of links) {
      if (/^\/(language|assets|api|logout)|\.(pdf|csv|svg|zpl|png|xlsx|ndjson)(\?|$)|format=/.test(link)) continue;
      if (!found.has(kind(link))) { found.set(kind(link), link); queue.push(link); }
    }
  }
  return [...found.values()];
}
