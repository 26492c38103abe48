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

// What has come says what has changed; what asks again and again, only when that is new.
const latest = new Map();
const SAYS = "[data-announce], [data-announce-text]";
const wordsOf = (element) => (element.dataset.announce ?? element.textContent).trim();

function say(root) {
  const said = root.matches?.(SAYS) ? root : root.querySelector?.(SAYS);
  const kind = said?.dataset.announceChange;
  if (!said || (kind && latest.get(kind) === wordsOf(said))) return;
  latest.set(kind, wordsOf(said));
  announce(wordsOf(said));
}
for (const said of document.querySelectorAll("[data-announce-change]")) latest.set(said.dataset.announceChange, wordsOf(said));

// Where the keyboard was before a swap, and whether one saw it there: it stays with the same thing, or with the smallest part
// around it that is named and left.
let here, parts, seen;
const isSeen = ({ top, bottom }) => bottom > 0 && top < window.innerHeight;
const isSomewhere = () => document.activeElement && document.activeElement !== document.body;

function remember(event) {
  if (!isSomewhere()) return;
  const at = document.activeElement;
  if (event.type === "htmx:beforeSwap") seen = isSeen(at.getBoundingClientRect());
  if (event.detail.target?.contains?.(at)) [here, parts] = [at, closestNamed(at)];
}

function closestNamed(element) {
  const named = element.parentElement?.closest("[id]");
  return named ? [named.id, ...closestNamed(named)] : [];
}

function restore() {
  if (here && !here.isConnected && !isSomewhere()) {
    const same = here.id ? `#${CSS.escape(here.id)}` : here.name && `[name="${CSS.escape(here.name)}"][value="${CSS.escape(here.value)}"]`;
    const found = same && document.querySelector(same);
    const part = found || parts.map((id) => document.getElementById(id)).find(Boolean);
    if (part && !found) part.tabIndex = -1;
    part?.focus();
  }
  here = undefined;
  // What came in above may have pushed it away where the browser does not hold it: known two frames later.
  if (seen) requestAnimationFrame(() => requestAnimationFrame(() => {
    const at = document.activeElement;
    if (isSomewhere() && !isSeen(at.getBoundingClientRect())) at.scrollIntoView({ block: "nearest", behavior: "instant" });
  }));
}

for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) document.body.addEventListener(name, remember);
document.body.addEventListener("htmx:afterSettle", (event) => { say(event.target); restore(); });
document.body.addEventListener("htmx:sendError", () => announce("Mất kết nối. Những gì đã nhập vẫn còn trên trang."));

// A region that comes with the page is read by no aid: its words are said once more. What has the keyboard is read by that.
window.addEventListener("load", () => setTimeout(() => {
  const told = [...document.querySelectorAll("main [role=alert], main [role=status]:not(form *)")]
    .filter((one) => one.checkVisibility() && !one.contains(document.activeElement)).map((one) => one.innerText.trim());
  announce([...new Set(told)].join(" ").trim().slice(0, 400));
}, 100));

focusFirstError(document);
