// The page that checks a paper without a line. It is kept by the worker, with the public keys.

import { announce } from "../ui/announce.js";
import { check, isName, parts } from "./papercode.js";

const WORDS = {
  unreadable: "Mã này không phải mã kiểm tra giấy tờ của tỉnh.",
  unknown_key: "Mã được ký bằng khóa mà máy này chưa biết. Mời mở trang này một lần khi có mạng, hoặc coi giấy là chưa xác thực.",
  altered: "Mã QR này bị sửa hoặc làm giả. Không dùng giấy này.",
  no_keys: "Máy này chưa giữ khóa kiểm tra. Mời mở trang này một lần khi có mạng.",
};
const at = (name) => document.getElementById(name);
let shown = null;

async function keys() {
  const answer = await fetch(document.body.querySelector("[data-keys]").dataset.keys);
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).keys;
}

async function show(scanned) {
  const found = parts(scanned);
  let outcome = { problem: "unreadable" };
  if (found) {
    const known = await keys().catch(() => null);
    outcome = known ? await check(found, known) : { problem: "no_keys" };
  }
  shown = outcome.facts ?? null;
  at("good").hidden = !shown;
  at("bad").hidden = Boolean(shown);
  at("name-same").hidden = at("name-other").hidden = true;
  if (!shown) { at("bad-words").textContent = WORDS[outcome.problem]; announce(WORDS[outcome.problem]); return; }
  for (const name of ["kind", "number", "issuer", "issued", "holder", "code"]) at(`fact-${name}`).textContent = shown[name] || "–";
  announce("Mã QR do tỉnh ký, chưa bị sửa.");
}

async function compare() {
  const same = Boolean(shown) && await isName(shown, at("name").value);
  at("name-same").hidden = !same;
  at("name-other").hidden = same;
}

async function picture(file) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const [found] = await detector.detect(await createImageBitmap(file));
  await show(found ? found.rawValue : "");
}

at("paste-form").addEventListener("submit", (event) => { event.preventDefault(); show(at("paste").value); });
at("name-form").addEventListener("submit", (event) => { event.preventDefault(); compare(); });
if ("BarcodeDetector" in window) {
  at("picture-part").hidden = false;
  at("picture").addEventListener("change", (event) => { const [file] = event.target.files; if (file) picture(file); });
}
if (parts(location.pathname)) show(location.pathname);
