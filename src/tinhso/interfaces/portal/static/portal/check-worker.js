// Keeps the page that checks papers, its files and the public keys. With a line everything comes from the server; without
// one, an address of a paper opens the kept page, which reads the signed facts out of the address itself.

const CACHE = "tinhso-kiem-tra-1";
const WAIT_MS = 4000;
const PAGE = KEEP[0], KEYS = KEEP[1];

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(KEEP.map((address) => cache.add(address).catch(() => {})));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("tinhso-kiem-tra-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(navigate(event.request, url));
  else if (url.pathname === KEYS || KEEP.includes(url.pathname)) event.respondWith(freshest(event.request, url));
});

async function navigate(request, url) {
  try {
    return await within(fetch(request), WAIT_MS);
  } catch (problem) {
    const kept = await (await caches.open(CACHE)).match(PAGE);
    if (kept) return kept;
    throw problem;
  }
}

async function freshest(request, url) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await within(fetch(request), WAIT_MS);
    if (answer.ok && !answer.redirected) await cache.put(url.pathname, answer.clone());
    return answer;
  } catch (problem) {
    const kept = await cache.match(url.pathname);
    if (kept) return kept;
    throw problem;
  }
}

function within(promise, ms) {
  return Promise.race([promise, new Promise((_, refuse) => { setTimeout(() => refuse(new Error("no answer")), ms); })]);
}
