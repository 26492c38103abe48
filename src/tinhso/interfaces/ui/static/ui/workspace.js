// Starts what officers' pages have on top of plain HTML.

import { keysOn, listen as listenKeys, setKeys } from "./keys.js";

listenKeys();

// Typing may begin at once, and end: the list of places is loaded meanwhile.
const palette = document.getElementById("palette");
document.addEventListener("keydown", (event) => {
  if (!palette || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  if (palette.open) { palette.close(); return; }
  const input = palette.querySelector("input");
  input.value = "";
  palette.showModal();
  input.focus();
  let entered = false;
  input.onkeydown = (key) => { if (key.key === "Enter") { key.preventDefault(); entered = true; } };
  import("./palette.js").then(({ fill }) => {
    fill(palette);
    if (entered && palette.open) palette.querySelector('[aria-selected="true"] a')?.click();
  });
});

const keys = document.getElementById("keys-toggle");
if (keys) {
  keys.checked = keysOn();
  keys.addEventListener("change", () => setKeys(keys.checked));
}

// Mark every row of a list, and show how many are marked.
document.addEventListener("change", (event) => {
  const all = event.target.closest?.("input[data-check-all]");
  if (all) for (const box of document.querySelectorAll(`input[name="${CSS.escape(all.dataset.checkAll)}"]`)) box.checked = all.checked;
  for (const counter of document.querySelectorAll("[data-count-of]")) {
    counter.textContent = String(document.querySelectorAll(`input[name="${CSS.escape(counter.dataset.countOf)}"]:checked`).length);
  }
});

// The whole row opens what its first link opens; a click on a control inside the row stays a click on that control.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("tr[data-row]");
  if (!row || event.target.closest("a, button, input, label, select") || getSelection()?.toString()) return;
  row.querySelector("a[href]")?.click();
});
