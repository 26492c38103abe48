// Keyboard work on lists: J and K move, Enter opens, X marks; letters printed on buttons press them.
// A person who speaks to the computer or types with a switch can turn single keys off in the list of shortcuts ("?").

import { announce } from "./announce.js";

const STORE = "ts-keys";

/** Whether single-key shortcuts are on for this browser. */
export function keysOn() {
  try { return localStorage.getItem(STORE) !== "off"; } catch { return true; }
}

/** Turn single-key shortcuts on or off for this browser. */
export function setKeys(on) {
  try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* private window: the choice lasts for this page */ }
  document.documentElement.classList.toggle("keys-off", !on);
}

const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
const rows = () => [...document.querySelectorAll("tr[data-row]")];
let current = -1;

function moveTo(index) {
  const all = rows();
  if (!all.length) return;
  current = Math.max(0, Math.min(all.length - 1, index));
  all.forEach((row, i) => row.classList.toggle("cursor", i === current));
  const link = all[current].querySelector("a[href]");
  link?.focus({ preventScroll: true });
  all[current].scrollIntoView({ block: "nearest" });
}

function markCurrent() {
  const box = rows()[current]?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.click();
  announce(box.checked ? "Đã đánh dấu" : "Đã bỏ đánh dấu");
}

function press(letter) {
  const target = [...document.querySelectorAll("[data-shortcut]")]
    .find((element) => element.dataset.shortcut.toLowerCase() === letter && !element.disabled && element.getClientRects().length);
  if (!target) return false;
  if (target.matches("input, select, textarea")) target.focus(); else target.click();
  return true;
}

export function listen() {
  setKeys(keysOn());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || !keysOn()) return;
    const letter = event.key.toLowerCase();
    const focusTarget = document.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
    if (focusTarget) { event.preventDefault(); focusTarget.focus(); focusTarget.select?.(); return; }
    if (letter === "j") moveTo(current + 1);
    else if (letter === "k") moveTo(current - 1);
    else if (letter === "x" && current >= 0) markCurrent();
    else if (event.key === "Enter" && current >= 0 && event.target === document.body) rows()[current].querySelector("a[href]")?.click();
    else if (event.key === "?") document.getElementById("shortcuts")?.showModal();
    else if (!press(letter)) return;
    event.preventDefault();
  });
  // The cursor follows the focus, so Tab and J/K never disagree.
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("tr[data-row]");
    if (row) { current = rows().indexOf(row); rows().forEach((each) => each.classList.toggle("cursor", each === row)); }
  });
  document.body.addEventListener("htmx:afterSwap", () => { if (current >= rows().length) current = -1; });
}
