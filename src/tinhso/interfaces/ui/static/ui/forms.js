// Forms work without this file. With it, what the server says of a field is also put on its input, dates and money are
// written out when the person leaves the field, and errors that come up while typing are spoken.

import { announce } from "./announce.js";

// Errors arrive as text in the place below the input; the input itself is not replaced while someone may be using it.
function mark(place) {
  const wrong = place.textContent.trim() !== "";
  for (const part of document.querySelectorAll(`[aria-describedby~="${place.id}"]`)) {
    const inputs = part.matches("fieldset") ? part.querySelectorAll(":scope > .form-check > input") : [part];
    for (const input of inputs) {
      input.classList.toggle("is-invalid", wrong);
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
  if (wrong) announce(place.textContent.trim());
}

// Whether an answer may be left out can depend on another answer.
function markRequired(place) {
  const input = document.getElementById(place.id.replace(/-optional$/, ""));
  if (!input?.matches("input, select, textarea")) return;
  if (place.textContent === "") input.setAttribute("aria-required", "true");
  else input.removeAttribute("aria-required");
}

document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  const place = document.getElementById(event.detail.target?.id ?? "");
  if (place?.classList.contains("form-error")) mark(place);
  if (place?.classList.contains("form-optional")) markRequired(place);
});

const formats = {
  date: (text) => text.replace(/^(\d{2})(\d{2})(\d{4})$/, "$1/$2/$3"),
  money: (text) => (/^\d{4,15}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ".") : text),
};

// Before the change is sent, so that the page and the draft read the same.
document.addEventListener("change", (event) => {
  const format = formats[event.target.dataset?.format];
  if (format) event.target.value = format(event.target.value.trim());
}, { capture: true });
