// Says beside the form whether what was typed is kept on the server, and tries again when the line comes back.
// The form element carries data-autosave; the words go into the element it names with data-autosave-status.

import { announce } from "./announce.js";

const RETRY_MS = 5000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = document.getElementById(form.dataset.autosaveStatus);
  let unsaved = false;
  let timer = 0;

  const say = (words, loud = false) => {
    if (status) status.textContent = words;
    if (loud) announce(words);
  };
  const mine = (event) => form.contains(event.target);

  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  document.body.addEventListener("htmx:beforeRequest", (event) => { if (mine(event)) say("Đang lưu…"); });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!mine(event)) return;
    clearTimeout(timer);
    if (event.detail.successful) {
      unsaved = false;
      const time = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" }).format(new Date());
      say(`Đã lưu bản nháp lúc ${time}`);
      return;
    }
    say("Chưa lưu được, có thể do mất kết nối. Nội dung vẫn còn trên trang, hệ thống đang thử lại.", true);
    const field = event.target;
    timer = setTimeout(() => field.dispatchEvent(new Event("change", { bubbles: true })), RETRY_MS);
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved && status?.textContent.startsWith("Chưa lưu")) event.preventDefault(); });
}
