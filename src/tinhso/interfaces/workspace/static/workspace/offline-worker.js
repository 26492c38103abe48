// Keeps the offline counter's page and what it loads on this computer. With a line everything comes from the server and
// is kept anew; without one, what was kept is given. Nothing but the page itself and files of the program is kept here:
// no answer of the server that is about a person ever passes through this cache.

const CACHE = "tinhso-quay-1";
const WAIT_MS = 4000;
const PAGE = new URL(KEEP[0], self.location).pathname;

self.addEventListener("install", (event) => {
  // The page needs a signed-in officer; if it cannot be had now, it is kept when it is first opened.
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(KEEP.slice(1).map((address) => cache.add(address).catch(() => {})));
    await keepPage(cache);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("tinhso-quay-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function keepPage(cache) {
  const answer = await fetch(PAGE, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
  if (answer?.ok) await cache.put(PAGE, answer);
}

const isOurs = (url) => url.origin === self.location.origin && (url.pathname === PAGE || url.pathname.startsWith("/static/"));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !isOurs(url)) return;
  event.respondWith(networkFirst(event.request, url));
});

async function networkFirst(request, url) {
  const cache = await caches.open(CACHE);
  const kept = url.pathname === PAGE ? PAGE : request.url;
  try {
    const answer = await within(fetch(request), WAIT_MS);
    // A page that leads to sign-in is passed on and never kept.
    if (answer.ok && !answer.redirected && answer.type === "basic") await cache.put(kept, answer.clone());
    return answer;
  } catch (problem) {
    const found = await cache.match(kept);
    if (found) return found;
    throw problem;
  }
}

function within(promise, ms) {
  return Promise.race([promise, new Promise((_, refuse) => { setTimeout(() => refuse(new Error("no answer")), ms); })]);
}
