// Keeps the scan page in this browser, so that it opens without a network. Nothing else of Reparc is kept.
"use strict";
const CACHE = "reparc-{{version}}";
const FIRST = {{first}};
// Kept when they have been used: who has no camera does not load its decoder.
const LATER = {{later}};
const PAGE = "/scan";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FIRST)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()).then(keepPage));
});
const keepPage = async () => {
  try {
    const answer = await fetch(PAGE, { credentials: "same-origin", redirect: "manual" });
    if (answer.ok) await (await caches.open(CACHE)).put(PAGE, answer);
  } catch { /* the next visit keeps it */ }
};
const page = async (request) => {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    // Only the page itself: not the sign-in page that a lost session leads to.
    if (answer.ok && !answer.redirected) await cache.put(PAGE, answer.clone());
    return answer;
  } catch {
    return (await cache.match(PAGE)) || Response.error();
  }
};
const asset = async (request) => {
  const cache = await caches.open(CACHE);
  const there = await cache.match(request);
  if (there) return there;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
};
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const to = new URL(request.url);
  if (request.method !== "GET" || to.origin !== self.location.origin) return;
  if (request.mode === "navigate" && to.pathname === PAGE) event.respondWith(page(request));
  else if (FIRST.includes(to.pathname) || LATER.includes(to.pathname)) event.respondWith(asset(request));
});
