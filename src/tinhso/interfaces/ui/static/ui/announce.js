// Saying a short sentence to screen readers. No side effects at loading: other modules import it freely.

/** Put a sentence into the page's live region, even when it is the same as before. */
export function announce(sentence) {
  const region = document.getElementById("announce");
  if (!region || !sentence) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = sentence; });
}
