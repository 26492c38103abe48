// The forms of the case page open in place; the eye and the cursor go to the first field.

document.addEventListener("toggle", (event) => {
  const act = event.target;
  if (!act.matches?.("details.act") || !act.open) return;
  for (const other of document.querySelectorAll("details.act[open]")) if (other !== act) other.open = false;
  act.querySelector("form input:not([type=hidden]), form select, form textarea")?.focus();
  act.scrollIntoView({ block: "nearest" });
}, { capture: true });
