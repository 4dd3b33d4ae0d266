// Scanning with a script: what is read is kept in this browser until the server has it, so neither a reload nor a lost
// network loses a reading. Without it the page is a form that works the same, as long as there is a network.
"use strict";
(() => {
  const main = document.querySelector("[data-scan]");
  if (!main || !window.indexedDB) return;
  const set = JSON.parse(main.dataset.scan); // who, csrf, lang, words, context, code
  const { words } = set;
  const at = (name) => main.querySelector(`[data-at="${name}"]`);
  const [form, field, list, ask, tell] = ["form", "code", "list", "context", "last"].map(at);

  // --- words -------------------------------------------------------------------------------------------------------
  const one = (n) => (set.lang === "fr" ? n < 2 : n === 1);
  const say = (key, values = {}) => (words[key] || key).replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name, single, many) => {
    const value = name in values ? values[name] : "";
    return single === undefined ? value : `${Number(value).toLocaleString(set.lang)} ${one(value) ? single : many}`;
  });
  const plain = (code) => code.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const folded = (code) => plain(code).replace(/[IL]/g, "1").replace(/O/g, "0");
  const node = (name, props = {}, ...inside) => {
    const made = Object.assign(document.createElement(name), props);
    made.append(...inside.filter((part) => part !== null && part !== ""));
    return made;
  };

  // --- what this browser keeps -------------------------------------------------------------------------------------
  const opened = new Promise((done, lost) => {
    const ask = indexedDB.open(`reparc-scan-${set.who}`, 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore("rows", { keyPath: "key" });
      ask.result.createObjectStore("known", { keyPath: "tag" });
      ask.result.createObjectStore("kept", { keyPath: "name" });
    };
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => lost(ask.error);
  });
  const store = async (name, how, work) => {
    const db = await opened;
    return new Promise((done, lost) => {
      const turn = db.transaction(name, how);
      const asked = work(turn.objectStore(name));
      turn.oncomplete = () => done(asked && asked.result);
      turn.onerror = () => lost(turn.error);
    });
  };
  const keep = (...some) => store("rows", "readwrite", (s) => { for (const row of some) s.put(row); });
  const kept = async (name) => ((await store("kept", "readonly", (s) => s.get(name))) || {}).value;
  const remember = (name, value) => store("kept", "readwrite", (s) => s.put({ name, value }));

  let rows = []; // oldest first
  let context = set.context; // {act, fields, word, to}
  let known = null; // code → [device], read once
  let offline = !navigator.onLine;

  const list_of = async () => {
    if (known) return known;
    known = new Map();
    const add = (code, thing) => known.set(code, [...(known.get(code) || []), thing]);
    for (const thing of await store("known", "readonly", (s) => s.getAll())) for (const code of thing.codes) add(code, thing);
    return known;
  };

  // --- the network -------------------------------------------------------------------------------------------------
  const get = async (to, more = {}) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), more.wait || 4000);
    try {
      const answer = await fetch(to, { credentials: "same-origin", redirect: "manual", signal: stop.signal, ...more });
      network(true);
      return answer;
    } catch (error) {
      network(false);
      throw error;
    } finally { clearTimeout(timer); }
  };
  const network = (there) => {
    if (offline === !there) return;
    offline = !there;
    notes();
  };

  // --- what a reading means ----------------------------------------------------------------------------------------
  const local = async (code) => {
    const map = await list_of();
    const end = code.includes("://") ? code.split(/[?#]/)[0].replace(/\/+$/, "").split("/").pop() : code;
    const found = map.get(plain(code)) || map.get(plain(end)) || map.get(folded(end)) || [];
    return { found, site: null, create: null, local: true };
  };
  const look = async (row) => {
    let seen;
    try {
      const answer = await get(`/scan/look?code=${encodeURIComponent(row.code)}`);
      seen = answer.ok ? await answer.json() : await local(row.code);
      if (answer.type === "opaqueredirect" || answer.status === 401) signed_out();
    } catch { seen = await local(row.code); }
    if (seen.site && !seen.found.length) {
      context = { ...context, fields: { ...context.fields, site: seen.site[0] }, to: `→ ${seen.site[1]}` };
      await remember("context", context);
      await drop(row);
      return paint();
    }
    Object.assign(row, { found: seen.found, create: seen.create, unseen: Boolean(seen.local), looked: true });
    if (seen.found.length === 1) row.tag = seen.found[0].tag;
    await keep(row);
    paint();
    const told = verdict(row);
    tell.textContent = `${told.word}${set.lang === "fr" ? "\u00a0: " : ": "}${shown(row)}`;
    sound(told.level);
  };
  const thing = (row) => row.found && row.found.find((one) => one.tag === row.tag);
  const shown = (row) => (thing(row) ? thing(row).shown : row.code);
  const again = (row) => row.tag && rows.some((other) => other.tag === row.tag && other !== row && other.at < row.at && other.act === row.act && other.state !== "done");

  const verdict = (row) => {
    const level = (level, word, detail = "", more = {}) => ({ level, word: say(word), detail, ...more });
    const it = thing(row);
    const about = it ? `${it.what} · ${it.place}` : "";
    if (row.state === "done") return level("ok", row.act === "look" ? "wrote_look" : `wrote_${row.act}`, about);
    if (row.state === "kept") return level("bad", "waits", row.why || "");
    if (row.state === "queued") return level("idle", "queued", about || row.code);
    if (!row.looked) return level("idle", "pending", "", { ready: true });
    if (!it && row.found.length) return level("warn", "several", say("several_about"), { keep: true });
    if (!it) return level("bad", "unknown", say(row.unseen ? "offline_unseen" : "unknown_about"), { keep: true, ready: row.unseen && row.act !== "look" });
    const by = it.by && it.by !== "tag" ? ` · ${say("how_by", { x: say(`by_${it.by}`) })}` : "";
    if (again(row)) return level("idle", "again", say("again_about"));
    if (row.act === "look") {
      const detail = `${about} · ${it.stage}${by}`;
      if (it.presence !== "seen") return level("warn", it.presence, detail);
      return it.gone ? level("warn", "gone", detail) : level("ok", "found", detail);
    }
    if (it.next.length && !it.next.includes(row.act)) {
      return level("bad", "impossible", `${about} · ${it.stage}`, { keep: true });
    }
    const site = row.fields.site;
    const here = site && it.site === site;
    if (row.act === "move" && here) return level("idle", "already_here", about);
    if (row.act === "audit" && site && !here && !row.stays) {
      return level("warn", "elsewhere", `${it.what} · ${say("expected", { x: it.place })}`, { ready: true, elsewhere: true });
    }
    if (row.act === "audit" && it.presence !== "seen") return level("warn", "recovered", about, { ready: true });
    if (row.act === "audit" && !site) return level("ok", "will_see", about + by, { ready: true });
    return level("ok", row.stays ? "kept" : `will_${row.act}`, about + by, { ready: true });
  };

  // --- the page ----------------------------------------------------------------------------------------------------
  const button = (text, code, work) => {
    const made = node("button", { type: "button", className: "btn quiet" }, text, node("span", { className: "vh" }, ` ${code}`));
    made.addEventListener("click", work);
    return made;
  };
  const line = (row) => {
    const told = verdict(row);
    const it = thing(row);
    const name = it ? node("a", { className: "tag", href: `/devices/${encodeURIComponent(it.tag)}` }, it.shown) : node("span", { className: "mono" }, row.code);
    const body = node("div", {}, node("p", {}, name, " ", node("strong", { className: told.level }, told.word)), node("p", { className: "small" }, told.detail));
    if (row.looked && !it && row.found.length && row.state === "read") {
      body.append(node("p", { className: "row" }, ...row.found.map((one) => {
        const pick = button(`${one.shown} · ${one.what}`, "", () => change(row, { tag: one.tag }));
        pick.className = "btn alt";
        return pick;
      })));
    }
    const side = node("span", { className: "row" });
    if (row.create && row.state === "read") side.append(node("a", { className: "btn quiet", href: row.create }, say("create")));
    if (told.elsewhere) side.append(button(say("keep"), shown(row), () => change(row, { stays: true })));
    if (row.state === "read" || row.state === "queued") side.append(button(say("undo"), shown(row), async () => { await drop(row); paint(); field.focus(); }));
    if (row.state === "kept") side.append(node("a", { className: "btn quiet", href: "/to-resolve" }, say("resolve")));
    const mark = node("span", { className: `mk ${told.level}` });
    return node("li", { className: told.level }, mark, body, side);
  };
  const change = async (row, what) => { Object.assign(row, what); await keep(row); paint(); field.focus(); };
  const drop = async (row) => {
    rows = rows.filter((other) => other !== row);
    await store("rows", "readwrite", (s) => s.delete(row.key));
  };
  const paint = () => {
    const told = rows.map((row) => ({ row, told: verdict(row) }));
    list.replaceChildren(...told.map(({ row }) => line(row)).reverse());
    const open = told.filter(({ row }) => row.state === "read");
    const ready = open.filter(({ told }) => told.ready).length;
    const back = open.filter(({ told }) => told.keep && !told.ready).length;
    at("none").hidden = rows.length > 0;
    at("counts").hidden = rows.length === 0;
    at("some").hidden = rows.length === 0;
    at("heading").textContent = say("readings", { n: rows.length });
    at("commit").hidden = ready + back === 0;
    at("commit").textContent = [ready && say("commit", { n: ready }), back && say("keep_back", { n: back })].filter(Boolean).join(" · ");
    at("yet").hidden = ready === 0;
    for (const level of ["ok", "warn", "bad", "idle"]) {
      at(`count-${level}`).textContent = told.filter((one) => one.told.level === level).length.toLocaleString(set.lang);
    }
    at("act").textContent = context.word;
    at("to").textContent = context.to;
    notes();
  };
  const notes = () => {
    const waits = rows.filter((row) => row.state === "queued").length;
    const note = at("offline");
    note.hidden = !offline && !waits;
    note.replaceChildren(node("p", {}, offline ? node("strong", { className: "warn mk" }, say("offline")) : "", " ", waits ? say("offline_waits", { n: waits }) : ""));
  };
  const signed_out = () => {
    const note = at("session");
    note.hidden = false;
    note.replaceChildren(node("p", {}, say("signed_out"), " ", node("a", { href: "/login?next=%2Fscan" }, say("sign_in"))));
  };
  let ears = null;
  const sound = (level) => {
    const box = at("sound");
    if (level === "idle" || !box || !box.checked || !window.AudioContext) return;
    ears = ears || new AudioContext();
    const beep = (tone, from) => {
      const [voice, loud] = [ears.createOscillator(), ears.createGain()];
      voice.frequency.value = tone;
      loud.gain.value = 0.08;
      voice.connect(loud).connect(ears.destination);
      voice.start(ears.currentTime + from);
      voice.stop(ears.currentTime + from + 0.09);
    };
    beep({ ok: 1320, warn: 660, bad: 220 }[level], 0);
    if (level === "bad") beep(220, 0.14);
  };

  // --- reading and writing -----------------------------------------------------------------------------------------
  const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const read = async (code) => {
    const text = code.trim();
    if (!text || text.length > 2000) return;
    const row = { key: key(), code: text, at: new Date().toISOString(), act: context.act, fields: { ...context.fields }, state: "read" };
    rows.push(row);
    await keep(row);
    paint();
    await look(row);
  };
  const item = (row) => {
    const fields = { ...row.fields };
    if (row.act === "audit" && !row.stays) delete fields.site;
    return { key: row.key, code: row.code, act: row.act, at: row.at, ...fields, ...(row.tag ? { device: row.tag } : {}) };
  };
  let sending = null;
  const send = () => { sending = sending || flush().finally(() => { sending = null; }); return sending; };
  const flush = async () => {
    for (;;) {
      const some = rows.filter((row) => row.state === "queued").slice(0, 50);
      if (!some.length) return;
      let answer;
      try {
        answer = await get("/api/v1/scans", { method: "POST", wait: 30000, body: JSON.stringify({ items: some.map(item) }),
          headers: { "content-type": "application/json", "x-csrf-token": set.csrf } });
      } catch { return; }
      if (answer.status !== 207) {
        if (answer.status === 401 || answer.status === 403) signed_out();
        return;
      }
      const told = (await answer.json()).items;
      for (const [n, row] of some.entries()) {
        const one = told[n];
        if (one.status < 202) row.state = "done";
        else {
          row.state = "kept";
          const why = one.reading ? one.reading.why : "refused";
          row.why = say(`${why}_about`) + (one.problem ? ` ${one.problem.detail}` : "");
        }
        await keep(row);
      }
      paint();
      tell.textContent = say("sent", { n: some.length });
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value;
    field.value = "";
    field.focus();
    read(code);
  });
  at("commit").addEventListener("click", async () => {
    const some = rows.filter((row) => { const told = verdict(row); return row.state === "read" && (told.ready || told.keep); });
    for (const row of some) row.state = "queued";
    // At once, so that what is told to wait is kept.
    await keep(...some);
    paint();
    field.focus();
    await send();
  });
  at("clear").addEventListener("click", async () => {
    for (const row of rows.filter((row) => row.state !== "queued")) await drop(row);
    paint();
    field.focus();
  });
  ask.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = at("said");
    try {
      const body = new URLSearchParams(new FormData(ask));
      if (!event.submitter) body.set("preview", "1");
      const answer = await get(ask.action, { method: "POST", body, headers: { accept: "application/json" } });
      const told = await answer.json();
      at("controls").innerHTML = told.controls;
      // Another act was chosen: its fields are shown, and it holds when the button says so.
      if (!event.submitter) said.hidden = true;
      said.hidden = !told.refusal;
      said.textContent = told.refusal || "";
      if (told.refusal) { const first = at("controls").querySelector("input, select"); if (first) first.focus(); return; }
      // Another act that needs more than its name holds when the button says so.
      at("pending").hidden = Boolean(told.context);
      if (!told.context) return;
      context = told.context;
      await remember("context", context);
      for (const row of rows.filter((row) => row.state === "read")) { Object.assign(row, { act: context.act, fields: { ...context.fields } }); await keep(row); }
      if (event.submitter) { ask.closest("details").open = false; field.focus(); }
      paint();
    } catch { said.hidden = false; said.textContent = say("offline_context"); }
  });

  // --- without a network -------------------------------------------------------------------------------------------
  const told_of_list = async () => { const of = await kept("list"); at("ready").textContent = of ? `${say("offline_ready", { n: of.n, x: of.at })}${of.more ? ` ${say("offline_part")}` : ""}` : ""; };
  at("take").addEventListener("click", async () => {
    at("ready").textContent = say("offline_taking");
    try {
      const answer = await get(`/scan/expected?site=${encodeURIComponent(context.fields.site || "")}`, { wait: 60000 });
      const got = await answer.json();
      await store("known", "readwrite", (s) => { s.clear(); for (const one of got.items) s.put(one); });
      known = null;
      await remember("list", { n: got.items.length, at: got.at, more: got.more });
    } catch { /* the line below says what there is */ }
    told_of_list();
  });
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { scope: "/scan" });
  if (!window.isSecureContext) at("insecure").hidden = false;
  const come_back = async () => {
    network(true);
    for (const row of rows.filter((row) => row.state === "read" && row.unseen)) await look(row);
    await send();
    paint();
  };
  window.addEventListener("online", come_back);
  window.addEventListener("offline", () => network(false));
  setInterval(() => { if (rows.some((row) => row.state === "queued")) send(); }, 15000);

  // --- camera and photo --------------------------------------------------------------------------------------------
  if (window.isSecureContext && navigator.mediaDevices) {
    const lens = at("camera");
    lens.hidden = false;
    lens.addEventListener("click", async () => {
      const { toggle } = await import(set.camera);
      toggle({ place: at("view"), button: lens, words, decoder: set.decoder, read });
    });
  }
  const photo = at("photo");
  photo.addEventListener("change", async () => {
    if (!photo.files.length) return;
    tell.textContent = say("pending");
    const body = new FormData();
    body.append("csrf", set.csrf);
    body.append("photo", photo.files[0]);
    photo.value = "";
    try {
      const answer = await get("/scan/photo", { method: "POST", body, wait: 60000, headers: { accept: "application/json" } });
      const told = await answer.json();
      if (!told.codes || !told.codes.length) { at("said-photo").textContent = told.refusal || say("photo_none"); return; }
      at("said-photo").textContent = "";
      for (const code of told.codes) await read(code);
    } catch { at("said-photo").textContent = say("offline_context"); }
  });

  // --- begin -------------------------------------------------------------------------------------------------------
  (async () => {
    main.classList.add("live");
    rows = (await store("rows", "readonly", (s) => s.getAll())).sort((a, b) => (a.at < b.at ? -1 : 1));
    context = (await kept("context")) || context;
    await told_of_list();
    paint();
    if (set.code) {
      history.replaceState(null, "", "/scan");
      await read(set.code);
    }
    for (const row of rows.filter((row) => !row.looked && row.state === "read")) await look(row);
    if (!offline) await send();
  })();
})();
