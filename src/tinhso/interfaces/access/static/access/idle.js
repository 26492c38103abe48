// Locks an unattended screen: after the idle time the page gives way to the lock screen, which leads back here.
// Activity (keys, pointer) is told to the server at most once a minute, so that reading and typing keep the session open.
// The server locks by itself all the same; this only takes what is on the screen out of sight.

const mark = document.querySelector("script[data-idle-seconds]");
const idleMs = Number(mark.dataset.idleSeconds) * 1000;
const PING_MS = Math.min(60_000, idleMs / 3);
let active = Date.now();
let told = Date.now();

const note = () => { active = Date.now(); };
for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
  addEventListener(name, note, { passive: true, capture: true });
}

// Another tab at work keeps this one open too.
const channel = new BroadcastChannel("tinhso-activity");
channel.addEventListener("message", note);

async function post(address) {
  const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]*)/)?.[1] ?? "";
  try {
    await fetch(address, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin", redirect: "manual" });
  } catch {
    // Without a line nothing is lost: the next try or the next request tells it.
  }
}

const timer = setInterval(async () => {
  const now = Date.now();
  if (now - active >= idleMs) {
    clearInterval(timer);
    await post(mark.dataset.lockNowUrl);
    const here = location.pathname + location.search;
    location.assign(`${mark.dataset.lockUrl}?next=${encodeURIComponent(here)}`);
  } else if (active > told && now - told >= PING_MS) {
    told = now;
    channel.postMessage("active");
    post(mark.dataset.pingUrl);
  }
}, Math.min(5000, idleMs / 5));
