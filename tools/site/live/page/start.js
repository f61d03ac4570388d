// The first script of every live page: looks whether the lessons can run here, keeps them for later, and tells of a new version.
(() => {
  const VERSION = "%VERSION%", KEPT = "eventlab-live", FILES = "eventlab", ROOT = new URL("./", document.currentScript.src);
  const SAID = {
    wasm: "This browser has no WebAssembly, so the lesson cannot run here: read it on the page you came from, or install the workbook.",
    old: "This browser is too old to run the lesson: read it on the page you came from, or open it in a browser of 2023 or later.",
    half: "A part of this page could not be loaded, so the lesson cannot start: look at the connection, and load the page again.",
    storage: "This browser keeps nothing for this page: the lesson runs, but your progress is gone when you close it.",
    keeper: "This page is not kept for use without network: it needs https, and no private window. The lesson runs all the same.",
  };

  const whenBody = new Promise((go) => (document.body ? go() : document.addEventListener("DOMContentLoaded", go)));

  async function say(text, { stop = false, act = "", then = null } = {}) {
    await whenBody;
    const bar = document.createElement("div");
    bar.setAttribute("role", stop ? "alert" : "status");
    bar.className = "eventlab-says";
    bar.style.cssText =
      "position:fixed;z-index:2000;left:0;right:0;bottom:0;padding:12px 16px;font:16px/1.4 system-ui,sans-serif;" +
      "background:#fff8dc;color:#1a1a1a;border-top:2px solid #8a6d00;display:flex;gap:12px;flex-wrap:wrap;align-items:center";
    bar.append(Object.assign(document.createElement("span"), { textContent: text, style: "flex:1 1 20em" }));
    const button = (words, does) => {
      const made = Object.assign(document.createElement("button"), { textContent: words, onclick: does });
      made.style.cssText = "font:inherit;padding:6px 12px;min-height:36px";
      bar.append(made);
    };
    if (act) button(act, then);
    if (!stop) button("Close", () => bar.remove());
    if (stop) document.getElementById("jupyterlite-loading-indicator")?.remove();
    document.body.append(bar);
  }

  const never = new Promise(() => {});
  async function stop(text) {
    await say(text, { stop: true });
    return never;
  }

  function wasm() {
    try {
      return WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch {
      return false;
    }
  }

  const young = () =>
    [Array.prototype.at, Object.hasOwn, window.structuredClone, window.BroadcastChannel, window.Worker].every(Boolean);

  function storage() {
    return new Promise((told) => {
      try {
        const asked = indexedDB.open("eventlab probe");
        asked.onsuccess = () => (asked.result.close(), told(true));
        asked.onerror = () => told(false);
      } catch {
        told(false);
      }
      setTimeout(told, 3000, false);
    });
  }

  // The very address that JupyterLite gives its worker: the browser then has one, not two.
  async function keeper() {
    if (!navigator.serviceWorker) return false;
    try {
      const { installing } = await navigator.serviceWorker.register(new URL("service-worker.js?enableCache=false", ROOT));
      if (navigator.serviceWorker.controller) return true;
      return await new Promise((told) => {
        navigator.serviceWorker.addEventListener("controllerchange", () => told(true));
        // A new one first fetches all lessons: however slow that is, without it no lesson finds its files.
        installing?.addEventListener("statechange", () => installing.state === "redundant" && told(false));
        setTimeout(told, installing ? 120_000 : 8000, false);
      });
    } catch {
      return false;
    }
  }

  async function whole() {
    try {
      const answers = ["static/pyodide/pyodide-lock.json", "jupyter-lite.json"].map((name) => fetch(new URL(name, ROOT)));
      return (await Promise.all(answers)).every((answer) => answer.ok);
    } catch {
      return false;
    }
  }

  // A new version -------------------------------------------------------------------------------------------------

  async function newer() {
    try {
      const answer = await fetch(new URL("version.json", ROOT), { cache: "no-store" });
      const there = answer.ok && (await answer.json()).version;
      return there && there !== VERSION ? there : "";
    } catch {
      return ""; // no network: what is kept is what there is
    }
  }

  const asked = (request) => new Promise((go, fail) => ((request.onsuccess = () => go(request.result)), (request.onerror = () => fail(request.error))));

  async function files(mode) {
    const base = await asked(indexedDB.open(FILES));
    return base.objectStoreNames.contains("files") ? base.transaction("files", mode).objectStore("files") : null;
  }

  // Lessons that the reader has changed get another name: a kept one would hide the new one, and his work stays his.
  async function putAside() {
    const store = await files("readwrite");
    for (const key of store ? await asked(store.getAllKeys()) : []) {
      if (!/^[^/]+\.ipynb$/.test(key) || key.includes(" (version ")) continue;
      const file = await asked(store.get(key)), name = key.replace(/\.ipynb$/, ` (version ${VERSION}).ipynb`);
      await asked(store.put({ ...file, name, path: name }, name));
      await asked(store.delete(key));
    }
  }

  async function take() {
    await putAside();
    await caches.delete(KEPT);
    for (const each of await navigator.serviceWorker.getRegistrations()) if (each.scope.startsWith(ROOT.href)) await each.unregister();
    location.reload();
  }

  // Progress --------------------------------------------------------------------------------------------------------

  const RECORD = ".eventlab-progress.json";
  const progress = {
    async read() {
      const store = await files("readonly"), file = store && (await asked(store.get(RECORD)));
      if (!file) return "";
      return file.format === "base64" ? atob(file.content) : typeof file.content === "string" ? file.content : JSON.stringify(file.content);
    },
    async write(text) {
      const store = await files("readwrite"), now = new Date().toISOString();
      if (!store) throw new Error("open a lesson once, then import your progress");
      const file = { name: RECORD, path: RECORD, type: "file", format: "text", mimetype: "application/json", writable: true };
      await asked(store.put({ ...file, content: text, size: text.length, created: now, last_modified: now }, RECORD));
    },
    async forget() {
      const store = await files("readwrite");
      if (store) await asked(store.delete(RECORD));
    },
  };

  // On a phone the list of lessons would leave the open one the width of a finger; a touch opens it again.
  async function narrow() {
    const soon = () => new Promise((go) => setTimeout(go, 100));
    while (!window.jupyterapp) await soon();
    const { restored, shell } = window.jupyterapp;
    await restored;
    if (innerWidth > 760) return; // known only now: this script runs before the page says how wide it is
    for (let times = 0; times < 50; times++) {
      // it is opened by more than one, each in its time
      if (!shell.leftCollapsed) shell.collapseLeft?.();
      if (!shell.rightCollapsed) shell.collapseRight?.();
      await soon();
    }
  }

  async function begin() {
    if (!wasm()) return stop(SAID.wasm);
    if (!young()) return stop(SAID.old);
    const [stored, keeps] = [await storage(), await keeper()];
    if (!(await whole())) return stop(SAID.half);
    if (!stored) say(SAID.storage);
    else if (!keeps) say(SAID.keeper);
    const there = await newer();
    if (there) say(`Your browser has kept version ${VERSION} of this page; version ${there} is there. Your progress stays.`, { act: "Take the new one", then: take });
    narrow();
    addEventListener("error", (event) => event.target?.tagName === "SCRIPT" && say(SAID.half, { stop: true }), true);
  }

  window.eventlab = { version: VERSION, progress, take, say };
  window.eventlabReady = begin();
})();
