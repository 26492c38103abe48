// "Quét mã QR" beside a code field, where the browser can read codes itself. Elsewhere the button never appears and the
// code is typed, or the telephone's own camera opens the address in the code.

import { announce } from "./announce.js";

const PAUSE_MS = 250;

/** What a scanned text means here: an address of this site to open, else a code to fill in. */
export function meaning(text, origin) {
  try {
    const address = new URL(text);
    return address.origin === origin ? { open: address.href } : {};
  } catch {
    return /^[\w.-]{6,60}$/.test(text.trim()) ? { code: text.trim() } : {};
  }
}

async function scan(field) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const dialog = document.createElement("dialog");
  dialog.className = "scanner";
  dialog.setAttribute("aria-label", "Quét mã QR");
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-primary", textContent: "Đóng" });
  dialog.append(video, close);
  document.body.append(dialog);
  let running = true;
  dialog.addEventListener("close", () => { running = false; stream.getTracks().forEach((track) => track.stop()); dialog.remove(); });
  close.addEventListener("click", () => dialog.close());
  dialog.showModal();
  await video.play();
  announce("Đưa mã QR vào khung hình");
  while (running) {
    const [found] = await detector.detect(video).catch(() => []);
    const { open, code } = found ? meaning(found.rawValue, location.origin) : {};
    if (open || code) {
      dialog.close();
      if (open) location.assign(open);
      else { field.value = code; field.form?.requestSubmit(); }
      return;
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

async function offer(button) {
  const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats().catch(() => []) : [];
  if (!formats.includes("qr_code") || !navigator.mediaDevices) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    scan(document.getElementById(button.dataset.scanInto)).catch(() => announce("Không mở được máy ảnh. Mời gõ mã."));
  });
}

for (const button of document.querySelectorAll("[data-scan-into]")) offer(button);
