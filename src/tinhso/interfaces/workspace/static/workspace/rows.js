// A letter that acts on the row under the cursor: the button of that row with the same data-row-key is pressed.

import { keysOn } from "../ui/keys.js";

const typing = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (!keysOn() || typing(event.target) || document.querySelector("dialog[open]")) return;
  document.querySelector(`tr.cursor [data-row-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});
