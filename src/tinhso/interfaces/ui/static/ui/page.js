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

document.body.addEventListener("htmx:afterSwap", (event) => {
  const said = event.detail.target?.querySelector?.("[data-announce]") ?? document.querySelector("[data-announce-swap]");
  if (said) announce(said.dataset.announce || said.textContent.trim());
});
document.body.addEventListener("htmx:sendError", () => announce("Mất kết nối. Những gì đã nhập vẫn còn trên trang."));

focusFirstError(document);
