// Comfort only: every page works without it.
"use strict";
// "/" goes to the search, outside of fields.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = event.target.closest && event.target.closest("details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  }
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const search = document.querySelector("[aria-keyshortcuts='/']");
  if (search) { event.preventDefault(); search.focus(); }
});
// A form is sent once; the key it carries would make a second one count for nothing anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "again" in form.dataset) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
// What was refused takes the cursor, so that it is read out.
const refused = document.querySelector(".note.bad[autofocus]");
if (refused) refused.focus();
// Tick all, and how many are ticked.
for (const all of document.querySelectorAll("[data-all]")) {
  // In the section it stands in, where there are several lists.
  const boxes = () => (all.closest("section") ?? document).querySelectorAll(`input[name="${all.dataset.all}"]`);
  const count = document.querySelector("[data-count]");
  const tell = () => {
    const n = [...boxes()].filter((box) => box.checked).length;
    if (count) count.textContent = count.dataset.count.replace("{n}", n);
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; tell(); });
  for (const box of boxes()) box.addEventListener("change", tell);
  tell();
}
// Copy what stands in data-copy.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy));
}
// A select that says so sends its form when it changes.
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
// Signing out empties what the scan page keeps in this browser; what was not sent is told first.
const leave = document.querySelector("form[data-unsent]");
if (leave && indexedDB.databases) {
  const open = (name) => new Promise((done) => { const ask = indexedDB.open(name); ask.onsuccess = () => done(ask.result); ask.onerror = () => done(null); });
  const unsent = (db) => new Promise((done) => {
    if (!db.objectStoreNames.contains("rows")) { done(0); return; }
    const ask = db.transaction("rows").objectStore("rows").getAll();
    ask.onsuccess = () => done(ask.result.filter((row) => row.state === "queued").length);
    ask.onerror = () => done(0);
  });
  const kept = async () => (await indexedDB.databases()).map((one) => one.name).filter((name) => name.startsWith("reparc-scan-"));
  const forget = async () => {
    for (const name of await kept()) indexedDB.deleteDatabase(name);
    if (window.caches) for (const name of await caches.keys()) await caches.delete(name);
    if (navigator.serviceWorker) for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
  };
  leave.addEventListener("submit", async (event) => {
    event.preventDefault();
    let n = 0;
    for (const name of await kept()) {
      const db = await open(name);
      if (db) { n += await unsent(db); db.close(); }
    }
    if (n && !(event.submitter && "lose" in event.submitter.dataset)) {
      const fr = document.documentElement.lang === "fr";
      const text = leave.dataset.unsent.replace(/\{n:([^|]*)\|([^}]*)\}/, (_, one, many) => `${n} ${(fr ? n < 2 : n === 1) ? one : many}`);
      const note = leave.querySelector(".note");
      note.hidden = false;
      note.querySelector("p").textContent = text;
      return;
    }
    await forget();
    leave.submit();
  });
}
