// On every page: say in words what changed after a swap, and bring the eye to what needs an answer.
// Nothing here is needed to use a page; without it forms post and links load as ever.

import { announce } from "./announce.js";

const DOWNLOAD_MS = 2500;
const IN_PORTIONS_FROM = 2 * 1024 * 1024;

// A large file goes up in portions that survive a cut line; what does that is loaded when there is one.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (event.detail?.isSent || !input.matches?.("input[type=file][data-portions]")) return;
  if (![...input.files].some((file) => file.size > IN_PORTIONS_FROM)) return;
  event.stopImmediatePropagation();
  import("./uploads.js").then((uploads) => uploads.send(input));
}, { capture: true });

function focusFirstError(root) {
  const summary = root.querySelector?.("[data-focus]");
  if (summary) summary.focus();
}

// A link of the error summary moves the focus into the field, not only the view.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('.errors a[href^="#"]');
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("input, select, textarea, button") ? field : field.querySelector("input, select, textarea");
  (control ?? field).focus();
  field.scrollIntoView({ block: "center" });
});

// A double click must not send a form twice. The server keeps to one case anyway; this spares the person a doubt.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if ("download" in form.dataset) {
    // The answer is a file: the page stays, so it is loaded anew to show what the download has changed.
    setTimeout(() => location.reload(), DOWNLOAD_MS);
    return;
  }
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) { delete form.dataset.sent; form.removeAttribute("aria-busy"); }
});

// What has come says what has changed. Where a page asks the server again and again, it speaks when the answer has changed.
const latest = new Map();
const SAYS = "[data-announce], [data-announce-text]";
const wordsOf = (element) => (element.dataset.announce ?? element.textContent).trim();

function say(root) {
  const said = root.matches?.(SAYS) ? root : root.querySelector?.(SAYS);
  if (!said) return;
  const kind = said.dataset.announceChange;
  if (kind !== undefined && latest.get(kind) === wordsOf(said)) return;
  if (kind !== undefined) latest.set(kind, wordsOf(said));
  announce(wordsOf(said));
}
for (const said of document.querySelectorAll("[data-announce-change]")) latest.set(said.dataset.announceChange, wordsOf(said));

// The keyboard may stand on something that goes with a swap. It is put on the same thing in what has come, or else on the
// smallest part with a name of its own that is still there: from the top of the page nobody finds the way back.
let stood = null, seen = false;

function isSeen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

function remember(event) {
  const here = document.activeElement;
  if (!here || here === document.body) return;
  if (event.type === "htmx:beforeSwap") seen = isSeen(here);  // before the first part comes in
  if (!event.detail.target?.contains?.(here)) return;
  const parts = [];
  for (let at = here.parentElement; at && at !== document.body; at = at.parentElement) if (at.id) parts.push(at.id);
  stood = { here, parts };
}

// A question that came in above may push it off the screen, where the browser itself does not hold it: seen two frames later.
function bringBack() {
  if (!seen) return;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const here = document.activeElement;
    if (here && here !== document.body && !isSeen(here)) here.scrollIntoView({ block: "nearest", behavior: "instant" });
  }));
}

function restore() {
  if (!stood || stood.here.isConnected || document.activeElement !== document.body) return;
  const { here, parts } = stood;
  stood = null;
  const same = here.id ? document.getElementById(here.id)
    : here.name && document.querySelector(`[name="${CSS.escape(here.name)}"][value="${CSS.escape(here.value)}"]`);
  const part = same || parts.map((id) => document.getElementById(id)).find(Boolean);
  if (!part) return;
  if (part !== same && !part.hasAttribute("tabindex")) part.tabIndex = -1;
  part.focus();
}

for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) document.body.addEventListener(name, remember);
// What has come can be used now. The element the event is sent to has come; the one it tells of may be gone.
document.body.addEventListener("htmx:afterSettle", (event) => { say(event.target); restore(); bringBack(); });
document.body.addEventListener("htmx:sendError", () => announce("Mất kết nối. Những gì đã nhập vẫn còn trên trang."));

// A message that comes with the page stands in no region that anybody listens to yet: it is said again where they do.
// What has the keyboard is read by that.
window.addEventListener("load", () => setTimeout(() => {
  const told = [...document.querySelectorAll("main [role=alert], main [role=status]:not(form *)")];
  const words = told.filter((one) => one.checkVisibility?.() && !one.contains(document.activeElement))
    .map((one) => one.innerText.trim()).filter(Boolean);
  if (words.length) announce([...new Set(words)].join(" ").replace(/\s+/g, " ").slice(0, 400));
}, 100));

focusFirstError(document);
