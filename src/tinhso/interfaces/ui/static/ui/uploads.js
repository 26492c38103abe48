// Sends a chosen file in portions (tus 1.0): a cut line costs one portion, a reloaded page goes on where it stopped.
// The form then names the upload in place of the file. Loaded by page.js when a large file is chosen; without it the file
// goes with the form, as ever.

import { announce } from "./announce.js";

const ADDRESS = "/tai-len";
const PORTION = 2 * 1024 * 1024;
const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000, 60000];
const STORE = "ts-upload:";

class Refused extends Error {}

const pause = (ms) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  window.addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
});
const nameOf = (file) => STORE + [file.name, file.size, file.lastModified].join("|");

function remember(file, address) {
  try { if (address) localStorage.setItem(nameOf(file), address); else localStorage.removeItem(nameOf(file)); } catch { /* private window: no going on after a reload */ }
}

async function ask(address, options, token) {
  const answer = await fetch(address, { ...options, credentials: "same-origin", redirect: "manual", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, "HX-Request": "true", ...options.headers } });
  if ([413, 422, 429].includes(answer.status)) throw new Refused((await answer.text()).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim());
  return answer;
}

async function begin(file, token) {
  let known = null;
  try { known = localStorage.getItem(nameOf(file)); } catch { /* as above */ }
  if (known) {
    const answer = await ask(known, { method: "HEAD" }, token);
    if (answer.ok && Number(answer.headers.get("Upload-Length")) === file.size) return { address: known, offset: Number(answer.headers.get("Upload-Offset")) };
  }
  const words = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
  const answer = await ask(ADDRESS, { method: "POST", headers: { "Upload-Length": String(file.size), "Upload-Metadata": `filename ${words}` } }, token);
  if (answer.status !== 201) throw new Error(`start: ${answer.status}`);
  const address = answer.headers.get("Location");
  remember(file, address);
  return { address, offset: 0 };
}

async function sendOne(file, token, tell) {
  let place = null;
  for (let tries = 0; ;) {
    try {
      place ??= await begin(file, token);
      while (place.offset < file.size) {
        tell(place.offset, false);
        const answer = await ask(place.address, { method: "PATCH", body: file.slice(place.offset, place.offset + PORTION), headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(place.offset) } }, token);
        if (answer.status !== 204) throw new Error(`portion: ${answer.status}`);
        place.offset = Number(answer.headers.get("Upload-Offset"));
        tries = 0;
      }
      remember(file, null);
      return place.address.split("/").pop();
    } catch (error) {
      if (error instanceof Refused) { remember(file, null); throw error; }
      if (tries >= WAITS_MS.length) throw error;
      tell(place?.offset ?? 0, true);
      await pause(WAITS_MS[tries++]);
      place = null; // ask how much arrived
    }
  }
}

function sign(input) {
  const place = document.createElement("p");
  place.className = "small mb-0 w-100";
  place.dataset.uploadState = "";
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.className = "w-100";
  bar.setAttribute("aria-label", "Tiến độ tải tệp lên");
  const words = document.createElement("span");
  place.append(bar, words);
  input.after(place);
  return { place, bar, words };
}

/** Send every file of an input, then put the uploads' names into its form and tell the page that it changed. */
export async function send(input) {
  const form = input.form;
  const token = form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const files = [...input.files];
  const shown = sign(input);
  const hold = (event) => { event.preventDefault(); event.stopImmediatePropagation(); announce("Tệp đang tải lên, mời chờ."); };
  form.addEventListener("submit", hold, { capture: true });
  input.disabled = true;
  const given = [];
  let told = "";
  try {
    const most = Number(input.dataset.mostMb || 0);
    const heavy = most && files.find((file) => file.size > most * 1048576);
    if (heavy) throw new Refused(`Tệp “${heavy.name}” nặng hơn ${most} MB, là mức tối đa mỗi tệp của giấy tờ này. Hãy giảm dung lượng hoặc chia thành nhiều tệp.`);
    for (const file of files) {
      const upload = await sendOne(file, token, (offset, isCut) => {
        shown.bar.value = (100 * offset) / file.size;
        shown.words.textContent = isCut ? `${file.name}: mất kết nối, phần đã tải vẫn còn, hệ thống đang thử lại…` : `${file.name}: đã tải ${Math.floor((100 * offset) / file.size)}%`;
      });
      given.push([file.name, upload]);
    }
    told = `Đã tải lên: ${given.map(([name]) => name).join(", ")}`;
  } catch (error) {
    told = error instanceof Refused ? error.message : "Chưa tải được tệp. Chọn lại tệp để tải tiếp từ chỗ dừng.";
    shown.place.classList.add("text-danger");
  }
  form.removeEventListener("submit", hold, { capture: true });
  input.disabled = false;
  input.value = "";
  shown.bar.remove();
  shown.words.textContent = told;
  announce(told);
  if (!given.length) return;
  for (const [, upload] of given) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: `_tai-len.${input.name}`, value: upload });
    form.append(field);
  }
  input.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: { isSent: true } }));
}
