// Keeps every file that a page has asked for, so that the lessons run without network from the second visit on.
// What is kept is taken first; start.js drops all of it when a reader takes a new version. Requests to the drive are not ours.
const KEPT = "eventlab-live", ROOT = new URL("./", location.href).pathname;

async function kept(request) {
  const name = request.mode === "navigate" || request.url.includes("index.html?") ? request.url.split(/[?#]/)[0] : request.url;
  const cache = await caches.open(KEPT).catch(() => null); // storage may be refused
  const known = cache && (await cache.match(name));
  if (known) return known;
  const answer = await fetch(request);
  if (cache && answer.status === 200 && answer.type === "basic") await cache.put(name, answer.clone()).catch(() => {});
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url), path = url.pathname.slice(ROOT.length);
  const foreign = url.origin !== location.origin || !url.pathname.startsWith(ROOT) || request.method !== "GET";
  if (foreign || path === "version.json" || (path.startsWith("api/") && !path.startsWith("api/contents/")) || request.headers.has("range"))
    return;
  event.stopImmediatePropagation();
  event.respondWith(kept(request));
});

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(KEPT).catch(() => null);
      if (!cache) return;
      const first = await (await fetch(ROOT + "first.json")).json();
      await Promise.all(first.map((name) => cache.add(ROOT + name).catch(() => {})));
    })()
  );
});
